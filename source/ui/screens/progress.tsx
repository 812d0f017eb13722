import {Box} from 'ink';
import {Line} from '../components/line.tsx';
import type {Span} from '../components/spans.ts';
import {Rule} from '../components/rule.tsx';
import type {RunState} from '../../domain/run-state.ts';
import {settleList} from '../state/list-view.ts';
import {gridHeight} from '../state/progress-layout.ts';
import {type ProgressState, openLog, openLogView, progressOfRun} from '../state/progress-state.ts';
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

const headRows = 3;

/** Upgrade › Progress. */
export function ProgressScreen({state, context, width, height}: ProgressScreenProps) {
	const {run} = context.data;
	if (!run?.plan) {
		return <Notice lines={run ? starting : noRun} width={width} height={height} />;
	}

	const here = progressOfRun(state, run);
	return (
		<Box flexDirection="column" width={width} height={height}>
			<ProgressHead run={run} tab={here.tab} now={context.now} width={width} />
			{here.tab === 'overview' ? (
				<Overview state={here} run={run} context={context} width={width} height={height - headRows} />
			) : (
				<ProgressLog
					log={openLog(run, here.tab)}
					view={openLogView(here)}
					wrapped={here.wrapped}
					typing={here.typing}
					width={width}
					height={height - headRows}
				/>
			)}
		</Box>
	);
}

function Overview({state, run, context, width, height}: ProgressScreenProps & {readonly run: RunState}) {
	const glyphs = useGlyphs();
	const count = run.agents.size;
	const rows = gridHeight(context.size, count);
	const view = settleList(state.grid, {count, height: rows});
	const room = height - 1 - rows - 1;
	const agent = [...run.agents.values()][view.cursor];
	const details = room > 0 ? detailLines({run, agent, now: context.now, width, height: room, glyphs}) : [];
	return (
		<Box flexDirection="column" width={width} flexShrink={0}>
			<ProgressGrid run={run} view={view} now={context.now} width={width} height={rows} />
			{room > 0 && <Rule width={width} note={count > rows ? `${view.cursor + 1} of ${count}` : ''} />}
			{Array.from({length: Math.max(0, room)}, (_, index) => (
				<Line key={index} width={width} spans={details[index]?.spans ?? []} />
			))}
		</Box>
	);
}

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
