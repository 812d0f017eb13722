import type {AgentId} from './agent.ts';
import type {AgentStatus, PrerequisiteResult} from './agent-status.ts';
import type {UpgradePlan} from './plan.ts';
import type {ReadinessCheck} from './readiness.ts';
import type {LaunchReceipt, Outcome, RunEvent} from './run-event.ts';
import type {LogEntry} from './run-log.ts';
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

/** An Agent's part of the state while events are folded into it. */
export type AgentDraft = Omit<{-readonly [K in keyof AgentRun]: AgentRun[K]}, 'log' | 'prerequisites'> & {
	log: LogEntry[];
	prerequisites: PrerequisiteResult[];
};

export function newAgentRun(id: AgentId): AgentRun {
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

/** Folds an event about this Agent. */
export function foldAgentEvent(agent: AgentDraft, event: RunEvent, plan: UpgradePlan | undefined): void {
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

export function settle(agent: AgentDraft, outcome: Outcome, at: number): void {
	if (agent.outcome === undefined) {
		agent.outcome = outcome;
		agent.finishedAt = at;
	}
}
