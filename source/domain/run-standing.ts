import type {RunState} from './run-state.ts';

/**
 * *going on*: a runner carries it out. *interrupted*: its runner died before it was over; another one can go on.
 * *paused*: it went wrong or was stopped after something was launched, and waits to be retried or ended. *over*: the rest.
 */
export type RunStanding = 'going on' | 'interrupted' | 'paused' | 'over';

/**
 * Where a run stands. The fold of its landmark events (`run.*` and the first `launch.started`) is enough for `run`:
 * what became of the single Agents matters only where it is known.
 */
export function standingOf(run: RunState, hasRunner: boolean): RunStanding {
	if (run.outcome === undefined) {
		return hasRunner ? 'going on' : 'interrupted';
	}

	const agents = [...run.agents.values()];
	const wentWrong = run.outcome === 'failed' || run.outcome === 'unknown' || run.outcome === 'stopped';
	return wentWrong &&
		run.endedBy === undefined &&
		agents.some(agent => agent.launchedAt !== undefined) &&
		agents.some(agent => agent.outcome !== 'done')
		? 'paused'
		: 'over';
}

/** Whether a run can be tried once more: it did not end well, and nobody gave it up. */
export function canBeRetried(run: RunState): boolean {
	return run.outcome !== undefined && run.outcome !== 'done' && run.endedBy === undefined;
}
