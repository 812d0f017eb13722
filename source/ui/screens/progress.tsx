import {Box} from 'ink';
import {Line} from '../components/line.tsx';
import type {Span} from '../components/spans.ts';
import {Rule} from '../components/rule.tsx';
import type {RunState} from '../../domain/run-state.ts';
import {visibleText} from '../../domain/text.ts';
import {settleList} from '../state/list-view.ts';
import {gridHeight, progressHeadRows} from '../state/progress-layout.ts';
import {progressNote} from '../state/progress-note.ts';
import {type ProgressState, openLog, openLogView, progressOfRun} from '../state/progress-state.ts';
import {runStanding} from '../state/run-words.ts';
import {viewedRun, viewedStanding, viewedTime} from '../state/past.ts';
import {shownId} from '../state/shown-run.ts';
import type {UpdateContext} from '../state/update.ts';
import {useGlyphs} from '../theme/appearance.tsx';
import {detailLines} from './progress-detail.ts';
import {ProgressGrid} from './progress-grid.tsx';
import {ProgressHead} from './progress-head.tsx';
import {ProgressLog} from './progress-log.tsx';

interface ProgressScreenProps {
	readonly state: ProgressState;
	readonly context: UpdateContext;
	readonly width: number;
	readonly height: number;
}

/** Upgrade › Progress. */
export function ProgressScreen({state, context, width, height}: ProgressScreenProps) {
	const {data} = context;
	const run = viewedRun(data);
	if (!run?.plan || data.starting !== undefined) {
		return <Notice lines={noticeOf(data)} width={width} height={height} />;
	}

	const here = progressOfRun(state, run);
	const note = progressNote(data);
	const below = height - progressHeadRows(note !== undefined);
	return (
		<Box flexDirection="column" width={width} height={height}>
			<ProgressHead
				run={run}
				standing={runStanding(run, viewedStanding(data))}
				note={note}
				tab={here.tab}
				now={viewedTime(data, context.now)}
				width={width}
			/>
			{here.tab === 'overview' ? (
				<Overview state={here} run={run} context={context} width={width} height={below} />
			) : (
				<ProgressLog
					log={openLog(run, here.tab)}
					view={openLogView(here)}
					wrapped={here.wrapped}
					typing={here.typing}
					width={width}
					height={below}
				/>
			)}
		</Box>
	);
}

function Overview({state, run, context, width, height}: ProgressScreenProps & {readonly run: RunState}) {
	const glyphs = useGlyphs();
	const count = run.agents.size;
	const rows = gridHeight(context.size, count, progressNote(context.data) !== undefined);
	const view = settleList(state.grid, {count, height: rows});
	const room = height - 1 - rows - 1;
	const agent = [...run.agents.values()][view.cursor];
	const standing = viewedStanding(context.data);
	const now = viewedTime(context.data, context.now);
	const details = room > 0 ? detailLines({run, standing, agent, now, width, height: room, glyphs}) : [];
	return (
		<Box flexDirection="column" width={width} flexShrink={0}>
			<ProgressGrid
				run={run}
				followed={standing !== 'interrupted'}
				view={view}
				now={now}
				width={width}
				height={rows}
			/>
			{room > 0 && <Rule width={width} note={count > rows ? `${view.cursor + 1} of ${count}` : ''} />}
			{Array.from({length: Math.max(0, room)}, (_, index) => (
				<Line key={index} width={width} spans={details[index]?.spans ?? []} />
			))}
		</Box>
	);
}

function noticeOf(data: UpdateContext['data']): readonly (readonly Span[])[] {
	if (data.starting !== undefined) {
		return [
			[],
			[['title', '  The run is starting…']],
			[],
			[`  ${visibleText(data.starting)}`],
			[['muted', '  The package is looked at first; then a process of its own carries the run out.']],
		];
	}

	if (shownId(data) !== undefined) {
		return starting;
	}

	return data.runs.length > 0 ? noneOpen : noRun;
}

const noneOpen: readonly (readonly Span[])[] = [
	[],
	[['title', '  No run is open.']],
	[],
	['  Open one on ', ['key', 'Runs (4)'], ' with enter, or start one on ', ['key', 'Schedule (s)'], '.'],
	[['muted', '  Every Agent is followed here. A run goes on when the program is left.']],
];

const noRun: readonly (readonly Span[])[] = [
	[],
	[['title', '  No run yet.']],
	[],
	[
		'  Choose a package on ',
		['key', 'Schedule (s)'],
		', then press ',
		['title', 'Upgrade'],
		' or ',
		['title', 'Upload only'],
		' there.',
	],
	[['muted', '  Every Agent is followed here. A run goes on when the program is left.']],
];

const starting: readonly (readonly Span[])[] = [[], [['title', '  The run is starting…']]];

function Notice({lines, width, height}: NoticeProps) {
	return (
		<Box flexDirection="column" width={width} height={height}>
			{lines.slice(0, height).map((spans, index) => (
				<Line key={index} width={width} spans={spans} />
			))}
		</Box>
	);
}

interface NoticeProps {
	readonly lines: readonly (readonly Span[])[];
	readonly width: number;
	readonly height: number;
}
