import {Box} from 'ink';
import {Line, type Span} from '../components/line.tsx';
import {cut, widthOf} from '../components/fit.ts';
import {visibleRows} from '../state/list-view.ts';
import {type ManageState, type MemberList, memberList} from '../state/manage.ts';
import {type Member, members} from '../state/members.ts';
import type {UpdateContext} from '../state/update.ts';
import {useGlyphs} from '../theme/appearance.tsx';
import type {Glyphs} from '../theme/glyphs.ts';
import {type MemberColumns, headingSpans, memberColumns, memberSpans} from './member-line.ts';
import {memberDetails} from './member-details.ts';

interface ManageScreenProps {
	readonly state: ManageState;
	readonly context: UpdateContext;
	readonly width: number;
	readonly height: number;
}

/** Agents › Manage: the members of the cluster, and what is known of the one under the cursor. */
export function ManageScreen({state, context, width, height}: ManageScreenProps) {
	const glyphs = useGlyphs();
	const list = memberList(state, context);
	const {cluster} = context.data;
	if (!cluster) {
		return (
			<Line
				width={width}
				spans={[['muted', '  The Agents are listed here as soon as the cluster is known.']]}
			/>
		);
	}

	const columns = memberColumns(members(cluster, context.data.underWay), width);
	const warnings = warningLines(list.warnings, width, glyphs);
	const below = height - warnings.length;
	const left = listLines(state, list, cluster.cluster.name, columns, glyphs);
	const details = list.selected
		? memberDetails(list.selected, context.now, width - columns.width - 3, glyphs)
		: [];
	const right: typeof details =
		details.length > below && list.selected?.view.failure
			? [...details.slice(0, below - 1), [['muted', `${glyphs.ellipsis} enter shows all of it`]]]
			: details;
	return (
		<Box flexDirection="column" width={width} height={height}>
			{warnings.map((spans, index) => (
				<Line key={`warning ${index}`} spans={spans} width={width} />
			))}
			{Array.from({length: below}, (_, index) => (
				<Box key={index} height={1}>
					<Line
						width={columns.width}
						spans={left[index]?.spans ?? []}
						selected={left[index]?.selected ?? false}
					/>
					<Line width={3} spans={[['muted', ` ${glyphs.vertical} `]]} />
					<Line width={width - columns.width - 3} spans={right[index] ?? []} />
				</Box>
			))}
		</Box>
	);
}

function warningLines(
	warnings: readonly string[],
	width: number,
	glyphs: Glyphs,
): readonly (readonly Span[])[] {
	return warnings.length === 0
		? []
		: [
				...warnings.map((text): readonly Span[] => [
					['warning', ` ${glyphs.warning} ${cut(text, width - 4, glyphs)}`],
				]),
				[],
			];
}

interface ListLine {
	readonly spans: readonly Span[];
	readonly selected: boolean;
}

function listLines(
	state: ManageState,
	list: MemberList,
	cluster: string,
	columns: MemberColumns,
	glyphs: Glyphs,
): readonly ListLine[] {
	const {rows, total, view, height} = list;
	const plain = (spans: readonly Span[]): ListLine => ({spans, selected: false});
	const noun = total === 1 ? 'Agent' : 'Agents';
	const title = ` ${glyphs.open} ${cluster} | ${total} ${noun}`;
	const filter: readonly Span[] =
		state.filtering || state.filter !== ''
			? [
					['muted', '  filter: '],
					cut(state.filter, Math.max(4, columns.width - widthOf(title) - 22), glyphs),
					['accent', state.filtering ? glyphs.caret : ''],
					['muted', ` ${rows.length}/${total}`],
				]
			: [];
	const shown = visibleRows(rows, view, height).map(
		([member, index]: readonly [Member, number]): ListLine => ({
			spans: memberSpans(member, index === view.cursor, columns, glyphs),
			selected: index === view.cursor,
		}),
	);
	const nothing =
		total > 0 && rows.length === 0 ? [plain([['muted', '   No Agent fits the filter; esc shows all.']])] : [];
	return [plain([['title', title], ...filter]), plain(headingSpans(columns, glyphs)), ...shown, ...nothing];
}
