import type {AgentId} from './agent.ts';
import type {AgentStatus, PrerequisiteResult} from './agent-status.ts';
import type {UpgradePlan} from './plan.ts';
import type {ReadinessCheck} from './readiness.ts';
import type {LaunchReceipt, Operator, Outcome, RunEvent, RunId, RunOutcome, RunPhase} from './run-event.ts';
import {type LogEntry, agentOf, logEntryOf} from './run-log.ts';
import type {Failure} from './user-error.ts';
import type {Version} from './version.ts';

/** What one Agent of a run is doing, in the order in which it happens. */
export const agentPhases = [
	'waiting',
	'checked',
	'uploading',
	'uploaded',
	'testing',
	'tested',
	'launching',
	'upgrading',
	'verifying',
	'verified',
] as const;

export type AgentPhase = (typeof agentPhases)[number];

/** Connection to an Agent during a run. */
export type Contact =
	| {readonly kind: 'held'}
	/** `expected`: the upgrade restarts DataMiner or Windows, so that this is no error. */
	| {readonly kind: 'lost'; readonly since: number; readonly expected: boolean};

/** Everything that is known of one Agent in a run. */
export interface AgentRun {
	readonly id: AgentId;
	readonly phase: AgentPhase;
	/** Undefined while it is not over for this Agent. Once set it does not change. */
	readonly outcome?: Outcome;
	readonly failure?: Failure;
	readonly checks: readonly ReadinessCheck[];
	/** As found by readiness. */
	readonly statusBefore?: AgentStatus;
	readonly uploadedBytes: number;
	readonly totalBytes: number;
	readonly uploadStartedAt?: number;
	readonly uploadFinishedAt?: number;
	readonly prerequisites: readonly PrerequisiteResult[];
	readonly prerequisiteCount: number;
	/** From here on the Agent may be upgrading, whatever else is known. */
	readonly launchedAt?: number;
	readonly receipt?: LaunchReceipt;
	/** Bytes of `progress.log` that were read. */
	readonly progressOffset: number;
	readonly contact: Contact;
	readonly version?: Version;
	readonly finishedAt?: number;
	/** The newest line of `log`. */
	readonly lastMessage?: string;
	readonly log: readonly LogEntry[];
}

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
type AgentDraft = Omit<Draft<AgentRun>, 'log' | 'prerequisites'> & {
	log: LogEntry[];
	prerequisites: PrerequisiteResult[];
};
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

function newAgentRun(id: AgentId): AgentRun {
	return {
		id,
		phase: 'waiting',
		checks: [],
		uploadedBytes: 0,
		totalBytes: 0,
		prerequisites: [],
		prerequisiteCount: 0,
		progressOffset: 0,
		contact: {kind: 'held'},
		log: [],
	};
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

function foldAgentEvent(agent: AgentDraft, event: RunEvent, plan: UpgradePlan | undefined): void {
	switch (event.type) {
		case 'agent.checked':
			advance(agent, 'checked');
			agent.checks = event.checks;
			if (event.status) {
				agent.statusBefore = event.status;
			}

			break;
		case 'upload.started':
			advance(agent, 'uploading');
			agent.totalBytes = event.total;
			agent.uploadStartedAt ??= event.at;
			break;
		case 'upload.progressed':
			agent.uploadedBytes = event.bytes;
			break;
		case 'upload.finished':
			advance(agent, 'uploaded');
			agent.uploadedBytes = agent.totalBytes;
			agent.uploadFinishedAt = event.at;
			break;
		case 'prerequisites.started':
			advance(agent, 'testing');
			agent.prerequisiteCount = event.checks;
			break;
		case 'prerequisite.finished':
			agent.prerequisites.push(event.result);
			break;
		case 'prerequisites.finished':
			advance(agent, 'tested');
			if (plan?.goal === 'upload') {
				settle(agent, 'done', event.at);
			}

			break;
		case 'launch.started':
			advance(agent, 'launching');
			agent.launchedAt ??= event.at;
			break;
		case 'launch.finished':
			advance(agent, 'upgrading');
			agent.receipt = event.receipt;
			break;
		case 'agent.progressed':
			agent.progressOffset = event.nextOffset;
			break;
		case 'contact.lost':
			agent.contact = {kind: 'lost', since: event.at, expected: event.expected};
			break;
		case 'contact.restored':
			agent.contact = {kind: 'held'};
			break;
		case 'agent.verifying':
			advance(agent, 'verifying');
			break;
		case 'agent.verified':
			advance(agent, 'verified');
			if (event.version) {
				agent.version = event.version;
			}

			settle(agent, 'done', event.at);
			break;
		case 'agent.failed':
			settleBadly(agent, 'failed', event);
			break;
		case 'agent.unknown':
			settleBadly(agent, 'unknown', event);
			break;
		default:
			break;
	}
}

function advance(agent: AgentDraft, phase: AgentPhase): void {
	if (agentPhases.indexOf(phase) > agentPhases.indexOf(agent.phase)) {
		agent.phase = phase;
	}
}

function settleBadly(
	agent: AgentDraft,
	outcome: Outcome,
	{failure, at}: {readonly failure: Failure; readonly at: number},
): void {
	if (agent.outcome === undefined) {
		agent.failure = failure;
		settle(agent, outcome, at);
	}
}

function settle(agent: AgentDraft, outcome: Outcome, at: number): void {
	if (agent.outcome === undefined) {
		agent.outcome = outcome;
		agent.finishedAt = at;
	}
}
