import {visibleText} from '../../domain/text.ts';
import type {Failure} from '../../domain/user-error.ts';
import {canTryAgain} from './shown-run.ts';
import type {DashboardData, Dialog, StartRequest} from './update.ts';

/** Of the failure of a run that found the lock of an Agent held by another run whose runner seems to be dead. */
export const staleLockCode = 'LOCK_STALE';

/** Whether the run that is shown found a stale lock and left the Agents alone. */
export function isLockStale(data: DashboardData): boolean {
	const {outcome, failure} = data.run ?? {};
	return outcome === 'blocked' && failure?.code === staleLockCode && canTryAgain(data);
}

/** Asks whether a stale lock may be taken; the failure says whose it is. */
export function takeOverDialog(failure: Failure | undefined, request: StartRequest): Dialog {
	return {
		title: 'Take over the lock?',
		tone: 'danger',
		lines: [
			visibleText(failure?.message ?? ''),
			...(failure?.nextSteps ?? [])
				// The flag is for the command line; here the answer below does it.
				.filter(step => !step.includes('--take-over-lock'))
				.map(step => `→ ${visibleText(step)}`),
			'',
			'Take it over only if that run is certainly not going on: two runs on one Agent can ruin it. A new run begins then, and its log says whose lock it took.',
		],
		answers: [
			{key: 'n', label: 'Leave the lock alone'},
			{
				key: 'y',
				label: 'Take it over and start',
				effects: [{do: 'start-run', ...request, takeOverLocks: true}],
				goTo: 'progress',
			},
		],
	};
}
