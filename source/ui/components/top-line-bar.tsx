import {Box} from 'ink';
import type {TopLine} from '../state/top-line.ts';
import {useGlyphs} from '../theme/appearance.tsx';
import {Activity} from './activity.tsx';
import {widthOf} from './fit.ts';
import {Line, type Span} from './line.tsx';
import {timeOfDay} from './time.ts';

interface TopLineBarProps {
	readonly line: TopLine;
	readonly title: string;
	readonly now: number;
	readonly width: number;
}

export function TopLineBar({line, title, now, width}: TopLineBarProps) {
	const glyphs = useGlyphs();
	const {cluster, facts, conflict, activity, alive} = line;
	const left: readonly Span[] = [
		['title', ` ${cluster ?? title}`],
		...facts.map((fact, index): Span => [
			conflict && index === 1 ? 'warning' : 'muted',
			` ${glyphs.dot} ${fact}`,
		]),
	];
	const mark = activity && !alive ? `${glyphs[activity.mark]} ` : '';
	const right: readonly Span[] = [
		...(activity ? [[activity.role, `${mark}${activity.word}`] as const] : []),
		['muted', `   ${timeOfDay(now)} `],
	];
	const rightWidth = right.reduce(
		(columns, span) => columns + widthOf(typeof span === 'string' ? span : span[1]),
		0,
	);
	const spinnerWidth = alive ? 3 : 0;
	return (
		<Box width={width} height={1}>
			<Line spans={left} width={Math.max(0, width - rightWidth - spinnerWidth)} />
			{alive && (
				<Box width={3} flexShrink={0} paddingLeft={1}>
					<Activity />
				</Box>
			)}
			<Line spans={right} width={rightWidth} />
		</Box>
	);
}
