import {Line} from '../components/line.tsx';
import {smallestSize} from '../state/layout.ts';
import type {ScreenSize} from '../state/update.ts';

interface TooSmallProps {
	readonly size: ScreenSize;
	/** A message that would otherwise stand in its own line. */
	readonly toast: string | undefined;
}

/** Stands for everything where the terminal has no room for it. */
export function TooSmall({size, toast}: TooSmallProps) {
	const {columns, rows} = smallestSize;
	const lines = [
		'The terminal is too small.',
		`It has ${size.columns} x ${size.rows}; ${columns} x ${rows} are needed.`,
		'Keys wait until it is larger; ctrl+c twice leaves.',
		...(toast === undefined ? [] : [toast]),
	];
	return lines
		.slice(0, Math.max(1, size.rows))
		.map((text, index) => <Line key={index} width={size.columns} spans={[text]} />);
}
