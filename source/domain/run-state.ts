import type {AgentId} from './agent.ts';
import {type AgentDraft, type AgentRun, foldAgentEvent, newAgentRun, reopen, settle} from './agent-run.ts';
import type {SwitchOver, UpgradePlan} from './plan.ts';
import {
	type Acknowledgement,
	type ReadinessCheck,
	type ReadinessFinding,
	findingsToAcknowledge,
} from './readiness.ts';
import type {Operator, RunEvent, RunId, RunOutcome, RunPhase} from './run-event.ts';
import {type LogEntry, agentOf, logEntryOf} from './run-log.ts';
import type {Failure} from './user-error.ts';

/** Everything that is known of a run: the fold of its events, and nothing else. */
export interface RunState {
	/** Of the last event that was folded; 0 before the first. */
	readonly sequence: number;
	readonly run?: RunId;
	readonly plan?: UpgradePlan;
	readonly operator?: Operator;
	readonly startedAt?: number;
	readonly finishedAt?: number;
	readonly phase?: RunPhase;
	/** Index of the plan's step that is being carried out. */
	readonly step?: number;
	readonly finishedSteps: number;
	/** How far each switch-over came, by `switchKey`. */
	readonly switches: ReadonlyMap<string, 'started' | 'finished' | 'failed'>;
	/** Every warning that somebody took responsibility for, in any attempt. */
	readonly acknowledged: readonly Acknowledgement[];
	/** What readiness found about the package and the way from version to version, last. */
	readonly checks: readonly ReadinessCheck[];
	/** How often it was tried, the first time included. */
	readonly attempt: number;
	/** Who asked the run to stop, first, in this attempt. */
	readonly stopRequestedBy?: Operator;
	/** Who gave it up; it is not tried any more. */
	readonly endedBy?: Operator;
	readonly outcome?: RunOutcome;
	readonly failure?: Failure;
	/** In the order of the plan. */
	readonly agents: ReadonlyMap<AgentId, AgentRun>;
	/** What concerns the run as a whole. */
	readonly log: readonly LogEntry[];
}

export const emptyRunState: RunState = {
	sequence: 0,
	attempt: 1,
	finishedSteps: 0,
	switches: new Map(),
	acknowledged: [],
	checks: [],
	agents: new Map(),
	log: [],
};

type Draft<T> = {-readonly [K in keyof T]: T[K]};
type RunDraft = Omit<Draft<RunState>, 'agents' | 'log'> & {agents: Map<AgentId, AgentRun>; log: LogEntry[]};

/**
 * Folds events into a state. The given state stays as it is; a batch of events costs one copy of what it touches,
 * however many events it has. Events that were folded before (by sequence) are passed over.
 */
export function foldRun(state: RunState, events: readonly RunEvent[]): RunState {
	const news = events.filter(event => event.sequence > state.sequence);
	if (news.length === 0) {
		return state;
	}

	const run: RunDraft = {...state, agents: new Map(state.agents), log: [...state.log]};
	const touched = new Map<AgentId, AgentDraft>();
	const agentDraft = (id: AgentId): AgentDraft => {
		let draft = touched.get(id);
		if (!draft) {
			const known = run.agents.get(id) ?? newAgentRun(id);
			draft = {...known, log: [...known.log], prerequisites: [...known.prerequisites]};
			touched.set(id, draft);
			run.agents.set(id, draft);
		}

		return draft;
	};

	for (const event of news) {
		foldEvent(run, agentDraft, event);
		run.sequence = event.sequence;
	}

	return run;
}

function foldEvent(run: RunDraft, agentDraft: (id: AgentId) => AgentDraft, event: RunEvent): void {
	const entry = logEntryOf(event);
	const id = agentOf(event);
	if (id === undefined) {
		foldRunEvent(run, agentDraft, event);
		if (entry) {
			run.log.push(entry);
		}

		return;
	}

	const agent = agentDraft(id);
	foldAgentEvent(agent, event, run.plan);
	if (entry) {
		agent.log.push(entry);
		agent.lastMessage = entry.message;
	}
}

export function switchKey({from, to}: SwitchOver): string {
	return `${from} ${to}`;
}

const switchStates = {
	'switch.started': 'started',
	'switch.finished': 'finished',
	'switch.failed': 'failed',
} as const;

function foldRunEvent(run: RunDraft, agentDraft: (id: AgentId) => AgentDraft, event: RunEvent): void {
	switch (event.type) {
		case 'run.started':
			run.run = event.run;
			run.plan = event.plan;
			run.operator = event.operator;
			run.startedAt = event.at;
			acknowledge(run, event.acknowledged);
			for (const id of event.plan.agents) {
				agentDraft(id);
			}

			break;
		case 'run.resumed':
			acknowledge(run, event.acknowledged);
			break;
		case 'phase.started':
			run.phase = event.phase;
			break;
		case 'cluster.checked':
			run.checks = event.checks;
			break;
		case 'step.started':
			run.step = event.step;
			break;
		case 'step.finished':
			run.finishedSteps = event.step + 1;
			break;
		case 'switch.started':
		case 'switch.finished':
		case 'switch.failed':
			run.switches = new Map(run.switches).set(switchKey(event.pair), switchStates[event.type]);
			break;
		case 'run.retried':
			run.attempt++;
			acknowledge(run, event.acknowledged);
			delete run.stopRequestedBy;
			delete run.outcome;
			delete run.finishedAt;
			delete run.failure;
			for (const id of event.agents) {
				reopen(agentDraft(id));
			}

			break;
		case 'run.ended':
			run.endedBy = event.operator;
			break;
		case 'stop.requested':
			run.stopRequestedBy ??= event.operator;
			break;
		case 'run.finished':
			run.outcome = event.outcome;
			run.finishedAt = event.at;
			if (event.failure) {
				run.failure = event.failure;
			}

			for (const [id, {outcome, launchedAt}] of run.agents) {
				if (outcome === undefined) {
					settle(agentDraft(id), launchedAt === undefined ? 'stopped' : 'unknown', event.at);
				}
			}

			break;
		default:
			break;
	}
}

function acknowledge(run: RunDraft, more: readonly Acknowledgement[] = []): void {
	run.acknowledged = [...run.acknowledged, ...more];
}

/** The warnings that readiness found last and that nobody took responsibility for. */
export function warningsLeftIn({checks, agents, acknowledged}: RunState): readonly ReadinessFinding[] {
	return findingsToAcknowledge(
		{cluster: checks, agents: new Map([...agents.values()].map(agent => [agent.id, agent.checks]))},
		acknowledged,
	);
}
