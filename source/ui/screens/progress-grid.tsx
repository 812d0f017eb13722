import {Box} from 'ink';
import {formatBytes} from '../../domain/readiness.ts';
import type {RunState} from '../../domain/run-state.ts';
import {visibleText} from '../../domain/text.ts';
import {fit, widthOf} from '../components/fit.ts';
import {Line, type Span} from '../components/line.tsx';
import {type AgentRow, type Progress, agentRow} from '../state/agent-row.ts';
import {durationText} from '../state/duration.ts';
import {type ListView, visibleRows} from '../state/list-view.ts';
import {useGlyphs} from '../theme/appearance.tsx';
import type {Glyphs} from '../theme/glyphs.ts';

interface ProgressGridProps {
	readonly run: RunState;
	/** Whether somebody carries the run out. */
	readonly followed: boolean;
	readonly view: ListView;
	readonly now: number;
	readonly width: number;
	/** Rows of Agents; the names of the columns stand above them. */
	readonly height: number;
}

/** One row for each Agent that is in the window. */
export function ProgressGrid({run, followed, view, now, width, height}: ProgressGridProps) {
	const glyphs = useGlyphs();
	const columns = columnsFor(run, width);
	const agents = [...run.agents.values()];
	const shown = visibleRows(agents, view, height);
	return (
		<Box flexDirection="column" width={width} flexShrink={0}>
			<Line width={width} spans={[['muted', headText(columns, glyphs)]]} />
			{shown.map(([agent, place]) => (
				<Line
					key={place}
					width={width}
					spans={rowSpans(agentRow(agent, now, followed), columns, glyphs)}
					selected={place === view.cursor}
				/>
			))}
		</Box>
	);
}

/** Widths of the columns; 0 leaves one out. The last message takes what is left. */
interface Columns {
	readonly name: number;
	readonly state: number;
	readonly bar: number;
	readonly rate: number;
	readonly elapsed: number;
	readonly message: number;
}

/** Columns for the count behind a bar: `100%`, `12/14`. */
const countColumns = 5;

// Which columns there are depends on the phase and not on the Agents, so that nothing jumps from frame to frame.
function columnsFor({phase, agents}: RunState, width: number): Columns {
	const isWide = width >= 110;
	const longest = Math.max(8, ...[...agents.keys()].map(id => widthOf(id)));
	const name = Math.min(longest, isWide ? 24 : 14);
	const state = isWide ? 23 : 18;
	const bar = phase === 'upload' || phase === 'prerequisites' ? (isWide ? 16 : 8) : 0;
	const rate = phase === 'upload' ? 10 : 0;
	const elapsed = 7;
	const taken =
		1 + name + 2 + state + (bar > 0 ? bar + countColumns + 2 : 0) + (rate > 0 ? rate + 1 : 0) + elapsed + 2;
	return {name, state, bar, rate, elapsed, message: Math.max(0, width - taken)};
}

function headText({name, state, bar, rate, elapsed, message}: Columns, glyphs: Glyphs): string {
	return [
		` ${fit('NAME', name, glyphs)}  ${fit('STATE', state, glyphs)}`,
		bar > 0 ? fit('PROGRESS', bar + countColumns + 2, glyphs) : '',
		rate > 0 ? `${fit('RATE', rate, glyphs, 'right')} ` : '',
		`${fit('ELAPSED', elapsed, glyphs, 'right')}  `,
		fit('LAST MESSAGE', message, glyphs).trimEnd(),
	].join('');
}

function rowSpans(row: AgentRow, columns: Columns, glyphs: Glyphs): readonly Span[] {
	const {mark, word, role} = row.standing;
	const elapsed = row.elapsed === undefined ? '' : durationText(row.elapsed);
	const rate = row.rate === undefined ? '' : `${formatBytes(Math.round(row.rate))}/s`;
	return [
		` ${fit(visibleText(row.id), columns.name, glyphs)}  `,
		[role, fit(`${glyphs[mark]} ${word}`, columns.state, glyphs)],
		...(columns.bar > 0 ? barSpans(row.progress, columns.bar, glyphs) : []),
		...(columns.rate > 0 ? [`${fit(rate, columns.rate, glyphs, 'right')} `] : []),
		['muted', `${fit(elapsed, columns.elapsed, glyphs, 'right')}  `],
		visibleText(row.message),
	];
}

function barSpans(progress: Progress | undefined, columns: number, glyphs: Glyphs): readonly Span[] {
	if (!progress) {
		return [' '.repeat(columns + countColumns + 2)];
	}

	// A full bar is for what is full.
	const full =
		progress.fraction >= 1 ? columns : Math.min(columns - 1, Math.round(progress.fraction * columns));
	return [
		[progress.fraction >= 1 ? 'good' : 'accent', glyphs.barFull.repeat(full)],
		['muted', glyphs.barEmpty.repeat(columns - full)],
		` ${fit(progress.text, countColumns, glyphs, 'right')} `,
	];
}
