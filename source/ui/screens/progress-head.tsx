import {Box} from 'ink';
import type {RunPhase} from '../../domain/run-event.ts';
import type {RunState} from '../../domain/run-state.ts';
import {visibleText} from '../../domain/text.ts';
import {widthOf} from '../components/fit.ts';
import {Line, type Span} from '../components/line.tsx';
import type {Standing} from '../state/agent-row.ts';
import {durationText} from '../state/duration.ts';
import type {ProgressTab} from '../state/progress-state.ts';
import type {ProgressNote} from '../state/progress-note.ts';
import {useGlyphs} from '../theme/appearance.tsx';
import type {Glyphs} from '../theme/glyphs.ts';

interface ProgressHeadProps {
	readonly run: RunState;
	readonly standing: Standing;
	/** Takes a line where there is one. */
	readonly note: ProgressNote | undefined;
	readonly tab: ProgressTab;
	readonly now: number;
	readonly width: number;
}

/** What the run does, what is special about that, which of its phases are behind it, and the tabs. */
export function ProgressHead({run, standing, note, tab, now, width}: ProgressHeadProps) {
	const glyphs = useGlyphs();
	const {mark, word, role} = standing;
	const elapsed = run.startedAt === undefined ? 0 : Math.max(0, (run.finishedAt ?? now) - run.startedAt);
	const done = [...run.agents.values()].filter(({outcome}) => outcome === 'done').length;
	return (
		<Box flexDirection="column" width={width} flexShrink={0}>
			<Line
				width={width}
				spans={[
					[role, ` ${glyphs[mark]} ${word}`],
					['muted', `  ${visibleText(run.plan?.package.file ?? '')}`],
				]}
				end={[
					...(run.attempt > 1
						? ([
								['accent', `attempt ${run.attempt}`],
								['muted', ` ${glyphs.dot} `],
							] as const)
						: []),
					['text', `${done} of ${run.agents.size} done`],
					['muted', ` ${glyphs.dot} `],
					['text', `${durationText(elapsed)} `],
				]}
			/>
			{note && <NoteLine note={note} width={width} />}
			<Line width={width} spans={phaseSpans(run, standing, glyphs)} />
			<Line width={width} spans={tabSpans(run, tab, width, glyphs)} />
		</Box>
	);
}

function NoteLine({
	note: {mark, role, text, keys},
	width,
}: {
	readonly note: ProgressNote;
	readonly width: number;
}) {
	const glyphs = useGlyphs();
	return (
		<Line
			width={width}
			spans={[[role, ` ${glyphs[mark]} ${text}`]]}
			end={keys.flatMap(([key, label], index): readonly Span[] => [
				['key', `${index === 0 ? ' ' : '  '}${key}`],
				['title', ` ${label}${index === keys.length - 1 ? ' ' : ''}`],
			])}
		/>
	);
}

const phases: readonly RunPhase[] = ['readiness', 'upload', 'prerequisites', 'upgrade', 'verification'];

function phaseSpans(run: RunState, {mark, role}: Standing, glyphs: Glyphs): readonly Span[] {
	const planned = run.plan?.goal === 'upload' ? phases.slice(0, 3) : phases;
	const current = run.phase === undefined ? -1 : planned.indexOf(run.phase);
	return planned.flatMap((phase, index): readonly Span[] => {
		const lead = index === 0 ? ' ' : '  ';
		if (index < current || run.outcome === 'done') {
			return [lead, ['good', glyphs.done], ['muted', ` ${phase}`]];
		}

		if (index > current) {
			return [lead, ['muted', `${glyphs.idle} ${phase}`]];
		}

		return [lead, [role, `${glyphs[mark]} ${phase}`]];
	});
}

/** Overview, General, and as many Agents around the open tab as there is room for. */
function tabSpans(run: RunState, tab: ProgressTab, width: number, glyphs: Glyphs): readonly Span[] {
	const agents = [...run.agents.keys()];
	const label = (name: string, isOpen: boolean): readonly Span[] => [
		' ',
		[isOpen ? 'selected' : 'muted', ` ${visibleText(name)} `],
	];
	const open = typeof tab === 'object' ? agents.indexOf(tab.agent) : 0;
	const room = width - ' Overview '.length - ' General '.length - 2 - 2 * ' 999'.length - 4;
	const [first, end] = fitting(agents, Math.max(0, open), room);
	return [
		...label('Overview', tab === 'overview'),
		...label('General', tab === 'general'),
		...(first > 0 ? ([['muted', ` ${glyphs.ellipsis}${first}`]] as const) : []),
		...agents
			.slice(first, end)
			.flatMap(agent => label(agent, typeof tab === 'object' && tab.agent === agent)),
		...(end < agents.length ? ([['muted', ` ${agents.length - end}${glyphs.ellipsis}`]] as const) : []),
	];
}

/** The part of the labels around `place` that fits into `room` columns: its first index, and the one after its last. */
function fitting(labels: readonly string[], place: number, room: number): readonly [number, number] {
	const columns = (index: number) => widthOf(labels[index] ?? '') + 3;
	let first = place;
	let end = Math.min(labels.length, place + 1);
	let left = room - (end > first ? columns(first) : 0);
	for (;;) {
		if (end < labels.length && columns(end) <= left) {
			left -= columns(end);
			end++;
		} else if (first > 0 && columns(first - 1) <= left) {
			first--;
			left -= columns(first);
		} else {
			return [first, end];
		}
	}
}
