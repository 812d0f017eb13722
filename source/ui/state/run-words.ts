import type {RunState} from '../../domain/run-state.ts';
import type {RunOutcome, RunPhase} from '../../domain/run-event.ts';
import type {Standing} from './agent-row.ts';

/** Whether a run has begun and is not over. */
export function isGoingOn(run: RunState | undefined): boolean {
	return run?.plan !== undefined && run.outcome === undefined;
}

const outcomeStandings: Readonly<Record<RunOutcome, Standing>> = {
	done: {mark: 'done', word: 'Done', role: 'good'},
	failed: {mark: 'failed', word: 'Failed', role: 'bad'},
	stopped: {mark: 'idle', word: 'Stopped', role: 'warning'},
	unknown: {mark: 'unknown', word: 'Outcome unknown', role: 'warning'},
	blocked: {mark: 'failed', word: 'Blocked, nothing was changed', role: 'bad'},
	unreachable: {mark: 'failed', word: 'Agents out of reach', role: 'bad'},
};

const phaseWords: Readonly<Record<RunPhase, string>> = {
	readiness: 'Checking readiness',
	upload: 'Uploading',
	prerequisites: 'Running prerequisites',
	upgrade: 'Upgrading',
	verification: 'Verifying',
};

/** What a run does now, or how it ended. */
export function runStanding(run: RunState): Standing {
	if (run.outcome !== undefined) {
		return outcomeStandings[run.outcome];
	}

	const doing = run.phase === undefined ? 'Starting' : `${phaseWords[run.phase]}${stepWords(run)}`;
	return run.stopRequestedBy
		? {mark: 'warning', word: `Stopping (${doing.toLowerCase()})`, role: 'warning'}
		: {mark: 'changing', word: doing, role: 'accent'};
}

/** Which of several waves it is, or that pairs are being switched over; empty where there is one wave only. */
function stepWords({phase, plan, step}: RunState): string {
	if (phase !== 'upgrade' || step === undefined || !plan || plan.steps.length < 2) {
		return '';
	}

	const kind = plan.steps[step]?.kind;
	if (kind !== 'wave') {
		return kind === 'switch-back' ? ', switching pairs back' : ', switching pairs over';
	}

	const isWave = (place: {readonly kind: string}) => place.kind === 'wave';
	const number = plan.steps.slice(0, step + 1).filter(isWave).length;
	return `, wave ${number} of ${plan.steps.filter(isWave).length}`;
}
