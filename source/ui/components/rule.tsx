import {useGlyphs} from '../theme/appearance.tsx';
import {Line} from './line.tsx';

interface RuleProps {
	readonly width: number;
	/** Stands near its end. */
	readonly note?: string;
}

/** A thin line across the screen. */
export function Rule({width, note = ''}: RuleProps) {
	const glyphs = useGlyphs();
	const end = note === '' ? '' : `${note} ${glyphs.horizontal}`;
	const length = width - end.length - (end === '' ? 0 : 1);
	return (
		<Line
			width={width}
			spans={[['muted', glyphs.horizontal.repeat(Math.max(0, length))]]}
			end={end === '' ? [] : [['muted', end]]}
		/>
	);
}
