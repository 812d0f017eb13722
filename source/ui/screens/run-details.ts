import type {RunOutcome} from '../../domain/run-event.ts';
import {visibleText} from '../../domain/text.ts';
import {dateAndTime} from '../components/date-time.ts';
import {cut, cutStart} from '../components/fit.ts';
import type {RunSummary} from '../ports.ts';
import {who} from '../state/operator-words.ts';
import {summaryStanding} from '../state/run-words.ts';
import {runTitle, tookText} from '../state/runs-list.ts';
import {agentCount, names} from '../state/wave-words.ts';
import type {Glyphs} from '../theme/glyphs.ts';
import type {Role} from '../theme/theme.ts';
import type {FormLine} from './form-line.ts';

interface DetailInput {
	readonly now: number;
	readonly width: number;
	/** Lines that there is room for. */
	readonly height: number;
	readonly glyphs: Glyphs;
}

const labelWidth = 11;

/** What is known of a run without reading its events. */
export function runDetails(
	summary: RunSummary,
	{now, width, height, glyphs}: DetailInput,
): readonly FormLine[] {
	const {mark, word, role} = summaryStanding(summary);
	const room = width - labelWidth - 2;
	const field = (label: string, value: string, valueRole: Role = 'text'): FormLine => ({
		spans: [
			['muted', `  ${label.padEnd(labelWidth)}`],
			[valueRole, cut(visibleText(value, 400), room, glyphs)],
		],
	});
	const took = tookText(summary, now);
	const title = runTitle(summary);
	const lines: readonly FormLine[] = [
		{
			spans: [
				['title', visibleText(` ${title.charAt(0).toUpperCase()}${title.slice(1)}, ${summary.cluster}  `)],
				[role, `${glyphs[mark]} ${word}`],
			],
		},
		field('State', standingSentence(summary), role),
		field('Started', `${dateAndTime(summary.startedAt)} by ${who(summary.operator)}`),
		field(
			'Finished',
			summary.finishedAt === undefined
				? unfinishedWords(summary, took, glyphs)
				: `${dateAndTime(summary.finishedAt)}, after ${took}`,
		),
		field('Agents', `${agentCount(summary.agents.length)}: ${names(summary.agents, 30)}`),
		{
			spans: [
				['muted', `  ${'Package'.padEnd(labelWidth)}`],
				cutStart(visibleText(summary.packagePath), room, glyphs),
			],
		},
		field('SHA-256', summary.packageSha256, 'muted'),
		field('Run', summary.run),
		field('Attach', `dms-upgrade attach ${summary.run}`),
	];
	return lines.slice(0, height);
}

const outcomeSentences: Readonly<Record<RunOutcome, string>> = {
	done: 'Every Agent of it is done.',
	failed: 'At least one Agent failed.',
	stopped: 'An operator stopped it.',
	unknown: 'How an Agent ended is unknown.',
	blocked: 'A check refused it; nothing was changed.',
	unreachable: 'An Agent could not be reached.',
};

function unfinishedWords({standing}: RunSummary, took: string, glyphs: Glyphs): string {
	switch (standing) {
		case 'going on':
			return `not yet; ${took} so far`;
		case 'interrupted':
			return 'not yet';
		default:
			return glyphs.dash;
	}
}

function standingSentence({standing, outcome, canRetry}: RunSummary): string {
	const ended = outcome === undefined ? '' : outcomeSentences[outcome];
	switch (standing) {
		case 'going on':
			return 'It goes on; enter shows how.';
		case 'interrupted':
			return 'Its runner is gone. r offers to go on with it, e to end it.';
		case 'paused':
			return `${ended} r tries it once more, e ends it.`.trim();
		case 'over':
			if (outcome === undefined) {
				return 'It was given up.';
			}

			return canRetry
				? `${ended} r tries it once more.`
				: outcome === 'done'
					? ended
					: `${ended} It was given up.`;
	}
}
