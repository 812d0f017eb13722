import {Box} from 'ink';
import {Line, type Span} from '../components/line.tsx';
import {Rule} from '../components/rule.tsx';
import {visibleRows} from '../state/list-view.ts';
import {type RunList, type RunsState, runList, runsHeadingRows} from '../state/runs.ts';
import type {UpdateContext} from '../state/update.ts';
import {plural} from '../state/wave-words.ts';
import {useGlyphs} from '../theme/appearance.tsx';
import {runDetails} from './run-details.ts';
import {runColumns, runHeadingSpans, runSpans} from './run-line.ts';

interface RunsScreenProps {
	readonly state: RunsState;
	readonly context: UpdateContext;
	readonly width: number;
	readonly height: number;
}

/** Runs: all upgrades and uploads from this computer, and what is known of the one under the cursor. */
export function RunsScreen({state, context, width, height}: RunsScreenProps) {
	const glyphs = useGlyphs();
	const list = runList(state, context);
	if (list.total === 0) {
		return <NoRuns width={width} />;
	}

	const {now} = context;
	const columns = runColumns(context.data.runs, width);
	const room = Math.max(0, height - runsHeadingRows - list.height - 1);
	const details = list.selected ? runDetails(list.selected, {now, width, height: room, glyphs}) : [];
	const place = list.rows.length > list.height ? `${list.view.cursor + 1} of ${list.rows.length}` : '';
	return (
		<Box flexDirection="column" width={width} height={height}>
			<Line width={width} {...titleSpans(state, list, glyphs.caret)} />
			<Line width={width} spans={runHeadingSpans(columns, glyphs)} />
			{visibleRows(list.rows, list.view, list.height).map(([summary, index]) => (
				<Line
					key={index}
					width={width}
					spans={runSpans(summary, {now, pointed: index === list.view.cursor, columns, glyphs})}
					selected={index === list.view.cursor}
				/>
			))}
			{list.rows.length === 0 && (
				<Line width={width} spans={[['muted', '   No run fits the filter; esc shows all.']]} />
			)}
			<Rule width={width} note={place} />
			{details.map((line, index) => (
				<Line key={index} width={width} spans={line.spans} />
			))}
		</Box>
	);
}

function titleSpans(
	{filter, filtering}: RunsState,
	{rows, total}: RunList,
	caret: string,
): {readonly spans: readonly Span[]; readonly end: readonly Span[]} {
	const isFiltered = filtering || filter !== '';
	return {
		spans: [
			['title', ' Runs from this computer'],
			...(isFiltered ? ([['muted', '  filter: '], filter, ['accent', filtering ? caret : '']] as const) : []),
		],
		end: [['muted', `${isFiltered ? `${rows.length} of ` : ''}${plural(total, 'run')} `]],
	};
}

function NoRuns({width}: {readonly width: number}) {
	const lines: readonly (readonly Span[])[] = [
		[],
		[['title', '  No run yet.']],
		[],
		['  An upgrade that is started on ', ['key', 'Schedule (2)'], ' is listed here, and so are uploads.'],
		[['muted', '  Each goes on in a process of its own, whoever leaves; its history is kept.']],
		[['muted', '  Those that other terminals of this computer start are listed, too.']],
	];
	return lines.map((spans, index) => <Line key={index} width={width} spans={spans} />);
}
