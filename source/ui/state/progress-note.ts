import type {RunState} from '../../domain/run-state.ts';
import {dateAndTime} from '../components/date-time.ts';
import type {Role} from '../theme/theme.ts';
import type {Mark} from './agent-row.ts';
import {momentText} from './past.ts';
import {who} from './operator-words.ts';
import {canTryAgain, shownStanding} from './shown-run.ts';
import {isLockStale} from './take-over.ts';
import type {DashboardData} from './update.ts';
import {names} from './wave-words.ts';

/** A line that says what is special about how the run stands, and which keys lead on from there. */
export interface ProgressNote {
	readonly mark: Mark;
	readonly role: Role;
	readonly text: string;
	readonly keys: readonly (readonly [key: string, label: string])[];
}

/** Undefined while the run simply goes on. */
export function progressNote(data: DashboardData): ProgressNote | undefined {
	const {run, behind, past} = data;
	if (!run?.plan) {
		return undefined;
	}

	if (past) {
		return {
			mark: 'running',
			role: 'accent',
			text: momentText(past, run.sequence),
			keys: [
				['< >', 'step'],
				['esc', 'now'],
			],
		};
	}

	if (behind) {
		return {
			mark: 'changing',
			role: 'accent',
			text: `Reading what happened: ${run.sequence} events so far.`,
			keys: [],
		};
	}

	const keys = (again: string): ProgressNote['keys'] => [
		['r', again],
		['e', 'end'],
	];
	switch (shownStanding(data)) {
		case 'interrupted':
			return {
				mark: 'warning',
				role: 'warning',
				text: 'Its runner is gone. Nobody follows it, nothing new starts.',
				keys: keys('go on'),
			};
		case 'paused':
			return {
				mark: 'warning',
				role: 'warning',
				text: 'It waits until it is tried once more or ended.',
				keys: keys('try again'),
			};
		case 'over':
			return overNote(data, run);
		default:
			return run.stopRequestedBy
				? {
						mark: 'warning',
						role: 'warning',
						text: `Nothing new is started. ${goingOn(run)} Asked for by ${who(run.stopRequestedBy)}.`,
						keys: [],
					}
				: undefined;
	}
}

const stepping: ProgressNote['keys'] = [['<', 'step back']];

function overNote(data: DashboardData, run: RunState): ProgressNote {
	const base = {mark: 'idle', role: 'muted'} as const;
	if (run.endedBy) {
		return {...base, text: `${who(run.endedBy)} gave it up. It is read only.`, keys: stepping};
	}

	if (isLockStale(data)) {
		return {
			mark: 'warning',
			role: 'warning',
			text: 'A lock that nobody renews is in the way.',
			keys: [['r', 'take it over']],
		};
	}

	const since = run.finishedAt === undefined ? '' : ` since ${dateAndTime(run.finishedAt)}`;
	return canTryAgain(data)
		? {...base, text: `Over${since}. Nothing goes on.`, keys: [['r', 'try again']]}
		: {...base, text: `Over${since}. It is read only.`, keys: stepping};
}

function goingOn(run: RunState): string {
	const agents = [...run.agents.values()].filter(
		({launchedAt, outcome}) => launchedAt !== undefined && outcome === undefined,
	);
	return agents.length === 0 ? 'No Agent is upgrading.' : `These go on: ${names(agents.map(({id}) => id))}.`;
}
