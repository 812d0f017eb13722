import type {AgentId} from './agent.ts';
import type {AgentStatus, PrerequisiteResult, ProgressLine} from './agent-status.ts';
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
	/** Undefined while it is not over for this Agent. Once set it changes only when the run is tried once more. */
	readonly outcome?: Outcome;
	readonly failure?: Failure;
	readonly checks: readonly ReadinessCheck[];
	/** As found by readiness, and again just before it was launched. */
	readonly statusBefore?: AgentStatus;
	readonly uploadedBytes: number;
	readonly totalBytes: number;
	readonly uploadStartedAt?: number;
	readonly uploadFinishedAt?: number;
	/** Of the package, on the Agent. */
	readonly stagedPath?: string;
	readonly prerequisites: readonly PrerequisiteResult[];
	readonly prerequisiteCount: number;
	/** When all of them had passed. */
	readonly prerequisitesPassedAt?: number;
	/** Whether this run holds its lock. */
	readonly locked: boolean;
	/** How often it was told to upgrade; being told again after a lost answer does not count. */
	readonly launches: number;
	/** DataMiner was stopped on it, since it could not be launched while others were. */
	readonly withdrawn: boolean;
	/** From here on the Agent may be upgrading, whatever else is known. */
	readonly launchedAt?: number;
	readonly receipt?: LaunchReceipt;
	/** The Agent that was told to upgrade the whole cluster, which may be this one; missing where it was told alone. */
	readonly via?: AgentId;
	/** When its log said that the upgrade ended well. */
	readonly verificationStartedAt?: number;
	/** It is tried once more: what came of its last launch is looked at before it is launched again. */
	readonly retrying: boolean;
	/** The newest line of its `progress.log`. */
	readonly lastProgress?: ProgressLine;
	/** Bytes of `progress.log` that were read. */
	readonly progressOffset: number;
	/** From which byte on `lastProgress` is the first line about this Agent, in the log that was read. */
	readonly lastProgressFrom: number;
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
		locked: false,
		launches: 0,
		withdrawn: false,
		retrying: false,
		progressOffset: 0,
		lastProgressFrom: 0,
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
			agent.stagedPath = event.path;
			break;
		case 'prerequisites.started':
			advance(agent, 'testing');
			agent.prerequisiteCount = event.checks;
			agent.prerequisites = [];
			break;
		case 'prerequisite.finished':
			agent.prerequisites.push(event.result);
			break;
		case 'prerequisites.finished':
			advance(agent, 'tested');
			agent.prerequisitesPassedAt = event.at;
			if (plan?.goal === 'upload') {
				settle(agent, 'done', event.at);
			}

			break;
		case 'launch.started':
			advance(agent, 'launching');
			agent.launchedAt = event.at;
			agent.launches++;
			agent.progressOffset = 0;
			agent.lastProgressFrom = 0;
			delete agent.receipt;
			delete agent.via;
			delete agent.verificationStartedAt;
			delete agent.lastProgress;
			agent.retrying = false;
			agent.withdrawn = false;
			if (event.status) {
				agent.statusBefore = event.status;
			}

			if (event.via !== undefined) {
				agent.via = event.via;
			}

			if (event.receipt) {
				agent.receipt = event.receipt;
			}

			break;
		case 'agent.withdrawn':
			agent.withdrawn = true;
			break;
		case 'agent.locked':
			agent.locked = true;
			break;
		case 'agent.unlocked':
		case 'lock.lost':
			agent.locked = false;
			break;
		case 'launch.finished':
			advance(agent, 'upgrading');
			agent.receipt = event.receipt;
			break;
		case 'agent.progressed':
			// One that does not lie behind the others is the first of a log that was begun anew.
			agent.lastProgressFrom = event.nextOffset > agent.progressOffset ? agent.progressOffset : 0;
			agent.progressOffset = event.nextOffset;
			agent.lastProgress = event.line;
			break;
		case 'contact.lost':
			agent.contact = {kind: 'lost', since: event.at, expected: event.expected};
			break;
		case 'contact.restored':
			agent.contact = {kind: 'held'};
			break;
		case 'agent.verifying':
			advance(agent, 'verifying');
			agent.verificationStartedAt = event.at;
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

/** The Agent's part begins again; what it has of the package and of the tests that it passed stays true. */
export function reopen(agent: AgentDraft): void {
	delete agent.outcome;
	delete agent.failure;
	delete agent.finishedAt;
	agent.retrying = agent.launchedAt !== undefined;
	agent.phase =
		agent.prerequisitesPassedAt === undefined
			? agent.stagedPath === undefined
				? 'waiting'
				: 'uploaded'
			: 'tested';
}

export function settle(agent: AgentDraft, outcome: Outcome, at: number): void {
	if (agent.outcome === undefined) {
		agent.outcome = outcome;
		agent.finishedAt = at;
	}
}
