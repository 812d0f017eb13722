import type {AgentId} from './agent.ts';
import {type AgentDraft, type AgentRun, foldAgentEvent, newAgentRun, settle} from './agent-run.ts';
import type {UpgradePlan} from './plan.ts';
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
	/** Who asked the run to stop, first. */
	readonly stopRequestedBy?: Operator;
	readonly outcome?: RunOutcome;
	readonly failure?: Failure;
	/** In the order of the plan. */
	readonly agents: ReadonlyMap<AgentId, AgentRun>;
	/** What concerns the run as a whole. */
	readonly log: readonly LogEntry[];
}

export const emptyRunState: RunState = {sequence: 0, finishedSteps: 0, agents: new Map(), log: []};

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

function foldRunEvent(run: RunDraft, agentDraft: (id: AgentId) => AgentDraft, event: RunEvent): void {
	switch (event.type) {
		case 'run.started':
			run.run = event.run;
			run.plan = event.plan;
			run.operator = event.operator;
			run.startedAt = event.at;
			for (const id of event.plan.agents) {
				agentDraft(id);
			}

			break;
		case 'phase.started':
			run.phase = event.phase;
			break;
		case 'step.started':
			run.step = event.step;
			break;
		case 'step.finished':
			run.finishedSteps = event.step + 1;
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
