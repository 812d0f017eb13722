import {visibleText} from '../../domain/text.ts';
import {dateAndTime} from '../components/date-time.ts';
import {who} from './operator-words.ts';
import {runTitle} from './runs-list.ts';
import type {ScheduleState} from './schedule-state.ts';
import {type UnfinishedRun, shownId, unfinishedRun} from './shown-run.ts';
import type {DashboardData, Dialog} from './update.ts';

/** Of the failure to start a run while another one of the cluster is not over. */
export const runOpenCode = 'RUN_OPEN';

/** Which run is in the way of another one, whose it is, and what to do about it; undefined where none is. */
export function openRunRefusal(data: DashboardData): string | undefined {
	if (data.starting !== undefined) {
		return 'A run is starting already.';
	}

	const run = unfinishedRun(data);
	if (!run) {
		return undefined;
	}

	const where = run.run === shownId(data) ? 'Progress (3)' : 'Runs (4)';
	const since = `${who(run.operator)}, since ${dateAndTime(run.startedAt)}`;
	return `The ${runTitle(run)} (${since}) ${standingWords[run.standing]}${nextSteps[run.standing]} on ${where}.`;
}

const standingWords: Readonly<Record<UnfinishedRun['standing'], string>> = {
	'going on': 'goes on. ',
	interrupted: 'was interrupted. ',
	paused: 'is paused. ',
};

const nextSteps: Readonly<Record<UnfinishedRun['standing'], string>> = {
	'going on': 'Wait until it is over, or stop it (X)',
	interrupted: 'Go on with it (r) or end it (e)',
	paused: 'Try it once more (r) or end it (e)',
};

/** Whether a start means to be led to the run that is open instead. */
export function isRunOpen(data: DashboardData): boolean {
	return data.starting === undefined && unfinishedRun(data) !== undefined;
}

/** Says which run is open and what that means for the package that is chosen, and offers to open that run. */
export function openRunDialog({chosen}: ScheduleState, data: DashboardData): Dialog | undefined {
	const run = unfinishedRun(data);
	if (!run) {
		return undefined;
	}

	const file = chosen?.facts?.file;
	const isSame = file !== undefined && file === run.package.file;
	const asks = isSame && run.standing !== 'going on';
	return {
		title: `A run is open on ${visibleText(data.cluster?.cluster.name ?? 'this cluster')}`,
		tone: 'warning',
		lines: [
			visibleText(`The ${runTitle(run)} ${standingWords[run.standing].trimEnd()}`),
			`${who(run.operator)} began it at ${dateAndTime(run.startedAt)}.`,
			'',
			visibleText(
				isSame
					? `It has the package that is chosen here: ${asks ? 'go on with' : 'watch'} that run instead of starting another one.`
					: `Until it is over (done or ended) no other run is started on this cluster${file === undefined ? '' : `, and ${file} is refused`}.`,
			),
		],
		answers: [
			{key: 'n', label: 'Stay here'},
			{
				key: 'y',
				label: asks ? 'Open that run to go on with it' : 'Open that run',
				effects: [{do: 'show-run', run: run.run, ...(asks && {ask: 'retry'})}],
				goTo: 'progress',
			},
		],
	};
}
