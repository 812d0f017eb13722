import {formatVersion} from '../../domain/version.ts';
import {dateAndTime} from '../components/date-time.ts';
import type {RunSummary} from '../ports.ts';
import {durationText} from './duration.ts';
import {rememberLast} from './remember-last.ts';
import {summaryStanding} from './run-words.ts';

/** The version that a run brings; of packages without one, their file. */
export function broughtBy({package: {version, file}}: Pick<RunSummary, 'package'>): string {
	return version ? formatVersion(version) : file;
}

/** What a run does, for the middle of a sentence. */
export function runTitle(run: Pick<RunSummary, 'goal' | 'package'>): string {
	return `${run.goal === 'upload' ? 'upload of' : 'upgrade to'} ${broughtBy(run)}`;
}

/** How long a run took, or takes so far; empty where nobody knows when it ended. */
export function tookText({standing, startedAt, finishedAt}: RunSummary, now: number): string {
	const until = finishedAt ?? (standing === 'going on' ? now : undefined);
	return until === undefined ? '' : durationText(Math.max(0, until - startedAt));
}

/** Those of the runs that have every word of the filter somewhere in what is said of them. */
export const filterRuns = rememberLast(
	(runs: readonly RunSummary[], filter: string): readonly RunSummary[] => {
		const words = filter.toLowerCase().split(' ').filter(Boolean);
		return words.length === 0 ? runs : runs.filter(run => words.every(word => textOf(run).includes(word)));
	},
);

function textOf(summary: RunSummary): string {
	const {run, cluster, goal, operator, agents, outcome} = summary;
	return [
		dateAndTime(summary.startedAt),
		summaryStanding(summary).word,
		outcome ?? '',
		goal,
		broughtBy(summary),
		summary.package.file,
		cluster,
		operator.user,
		operator.host,
		run,
		...agents,
	]
		.join(' ')
		.toLowerCase();
}
