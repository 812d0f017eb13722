import type {RunState} from '../../domain/run-state.ts';
import type {RunOutcome, RunPhase} from '../../domain/run-event.ts';
import type {RunStanding, RunSummary} from '../ports.ts';
import type {Standing} from './agent-row.ts';

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

/** What a run does now, or how it ended. Without a standing, what its events alone say. */
export function runStanding(run: RunState, standing?: RunStanding): Standing {
	if (run.outcome !== undefined) {
		const ended = outcomeStandings[run.outcome];
		const word = ended.word.toLowerCase();
		if (run.endedBy) {
			return {...ended, word: `Ended: ${word}`};
		}

		return standing === 'paused' ? {...ended, word: `Paused: ${word}`} : ended;
	}

	if (run.endedBy) {
		return {mark: 'unknown', word: 'Ended', role: 'warning'};
	}

	const doing = run.phase === undefined ? 'Starting' : `${phaseWords[run.phase]}${stepWords(run)}`;
	if (standing === 'interrupted') {
		return {mark: 'warning', word: `Interrupted (${doing.toLowerCase()})`, role: 'warning'};
	}

	return run.stopRequestedBy
		? {mark: 'warning', word: `Stop pending (${doing.toLowerCase()})`, role: 'warning'}
		: {mark: 'changing', word: doing, role: 'accent'};
}

const standingWords: Readonly<Record<Exclude<RunStanding, 'over'>, Standing>> = {
	'going on': {mark: 'changing', word: 'going on', role: 'accent'},
	interrupted: {mark: 'warning', word: 'interrupted', role: 'warning'},
	paused: {mark: 'warning', word: 'paused', role: 'warning'},
};

/** How a run of the list stands, in a word or two. */
export function summaryStanding({standing, outcome}: Pick<RunSummary, 'standing' | 'outcome'>): Standing {
	if (standing !== 'over') {
		return standingWords[standing];
	}

	return outcome === undefined
		? {mark: 'unknown', word: 'ended', role: 'warning'}
		: {...outcomeStandings[outcome], word: outcome};
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
