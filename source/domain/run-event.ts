import type {AgentId} from './agent.ts';
import type {AgentStatus, PrerequisiteResult, ProgressLine} from './agent-status.ts';
import type {SwitchOver, UpgradePlan} from './plan.ts';
import type {Acknowledgement, ReadinessCheck} from './readiness.ts';
import type {Failure} from './user-error.ts';
import type {Version} from './version.ts';

export type RunId = string;

export type RunPhase = 'readiness' | 'upload' | 'prerequisites' | 'upgrade' | 'verification';

/**
 * How a run, or one Agent in it, ended. *unknown*: an upgrade was launched and nobody can say yet how it ended.
 * *stopped*: nothing was launched, because the operator stopped the run or something else did not succeed.
 */
export type Outcome = 'done' | 'failed' | 'stopped' | 'unknown';

/** How a run ended as a whole; *blocked*: a check refused it and nothing was changed. */
export type RunOutcome = Outcome | 'blocked' | 'unreachable';

export interface Operator {
	readonly user: string;
	readonly host: string;
}

/** Where the orchestrator follows a launched upgrade: enough to find it again after a restart of ours. */
export interface LaunchReceipt {
	/** Names the upgrade on the Agent; opaque to everybody but the connection that made it. */
	readonly reference: string;
}

/** Who holds the lock of an Agent: it keeps a second run away from it. */
export interface LockHolder {
	readonly run: RunId;
	readonly operator: Operator;
	/** Milliseconds since 1970-01-01 UTC, by the holder's clock. */
	readonly since: number;
}

/** One fact of a run, as the orchestrator found or brought it about. */
export type RunFact =
	| {
			readonly type: 'run.started';
			readonly run: RunId;
			readonly plan: UpgradePlan;
			readonly operator: Operator;
			/** The warnings that the operator took responsibility for. */
			readonly acknowledged?: readonly Acknowledgement[];
	  }
	/** Another runner goes on where one died. */
	| {
			readonly type: 'run.resumed';
			readonly operator: Operator;
			/** What this operator took responsibility for besides. */
			readonly acknowledged?: readonly Acknowledgement[];
	  }
	/** The operator wants it tried once more, on these Agents: those that are not done. */
	| {
			readonly type: 'run.retried';
			readonly operator: Operator;
			readonly agents: readonly AgentId[];
			/** What this operator took responsibility for besides. */
			readonly acknowledged?: readonly Acknowledgement[];
	  }
	/** The operator gives it up as it is: it is not tried any more. */
	| {readonly type: 'run.ended'; readonly operator: Operator}
	| {
			readonly type: 'agent.locked';
			readonly agent: AgentId;
			/** Whose lock was taken over, since nobody renewed it. */
			readonly takenOverFrom?: LockHolder;
	  }
	| {readonly type: 'agent.unlocked'; readonly agent: AgentId}
	/** Somebody else holds the lock of this Agent now. */
	| {readonly type: 'lock.lost'; readonly agent: AgentId; readonly failure: Failure}
	| {readonly type: 'phase.started'; readonly phase: RunPhase}
	/** What concerns the package and the way from version to version. */
	| {readonly type: 'cluster.checked'; readonly checks: readonly ReadinessCheck[]}
	| {
			readonly type: 'agent.checked';
			readonly agent: AgentId;
			readonly checks: readonly ReadinessCheck[];
			readonly status?: AgentStatus;
	  }
	| {readonly type: 'upload.started'; readonly agent: AgentId; readonly total: number}
	| {readonly type: 'upload.progressed'; readonly agent: AgentId; readonly bytes: number}
	/** The Agent holds the package and its SHA-256 is right. */
	| {
			readonly type: 'upload.finished';
			readonly agent: AgentId;
			readonly sha256: string;
			readonly alreadyThere: boolean;
			/** On the Agent. */
			readonly path: string;
	  }
	| {readonly type: 'prerequisites.started'; readonly agent: AgentId; readonly checks: number}
	| {readonly type: 'prerequisite.finished'; readonly agent: AgentId; readonly result: PrerequisiteResult}
	| {readonly type: 'prerequisites.finished'; readonly agent: AgentId}
	/** `step` is the index in the plan's steps. */
	| {readonly type: 'step.started'; readonly step: number}
	| {readonly type: 'step.finished'; readonly step: number}
	/** Stands before the act: from here on the Agent may be upgrading. */
	| {
			readonly type: 'launch.started';
			readonly agent: AgentId;
			/** As it was just before. */
			readonly status?: AgentStatus;
			/** The Agent that is told to upgrade the whole cluster, which may be this one; missing where each is told itself. */
			readonly via?: AgentId;
			/** Of an Agent that is not told itself: where its upgrade will be followed. */
			readonly receipt?: LaunchReceipt;
	  }
	| {
			readonly type: 'launch.finished';
			readonly agent: AgentId;
			readonly receipt: LaunchReceipt;
			readonly via?: AgentId;
	  }
	/** The program that carried the launch has ended; `result` is the code that it left, whose meaning is undocumented. */
	| {readonly type: 'launch.ended'; readonly agent: AgentId; readonly result: number}
	/** A line of the Agent's `progress.log`; `nextOffset` is where the following line begins, in bytes. */
	| {
			readonly type: 'agent.progressed';
			readonly agent: AgentId;
			readonly line: ProgressLine;
			readonly nextOffset: number;
	  }
	| {
			readonly type: 'contact.lost';
			readonly agent: AgentId;
			readonly expected: boolean;
			readonly reason: string;
	  }
	| {readonly type: 'contact.restored'; readonly agent: AgentId}
	/** The log says that the upgrade ended well; what is true is found out by verification. */
	| {readonly type: 'agent.verifying'; readonly agent: AgentId}
	| {readonly type: 'agent.verified'; readonly agent: AgentId; readonly version?: Version}
	| {readonly type: 'switch.started' | 'switch.finished'; readonly pair: SwitchOver}
	| {readonly type: 'switch.failed'; readonly pair: SwitchOver; readonly failure: Failure}
	| {readonly type: 'agent.failed'; readonly agent: AgentId; readonly failure: Failure}
	/** Nobody can say how the upgrade of this Agent went. */
	| {readonly type: 'agent.unknown'; readonly agent: AgentId; readonly failure: Failure}
	/** Nothing new starts from here on; `goOn`: the Agents whose upgrade had been launched and goes on. */
	| {readonly type: 'stop.requested'; readonly operator: Operator; readonly goOn: readonly AgentId[]}
	/** It could not be launched while others were: DataMiner is stopped on it. Stands before the act. */
	| {readonly type: 'agent.withdrawn'; readonly agent: AgentId}
	/** Something worth reading that changes no state. */
	| {readonly type: 'note'; readonly agent?: AgentId; readonly text: string}
	| {readonly type: 'run.finished'; readonly outcome: RunOutcome; readonly failure?: Failure};

/** A fact with its place in the run. Sequence numbers start at 1 and have no gaps. */
export type RunEvent = RunFact & {
	readonly sequence: number;
	/** Milliseconds since 1970-01-01 UTC, by the clock of the machine that runs the orchestrator. */
	readonly at: number;
};

/**
 * What readers ask of a run, through its journal. *stop*: start nothing new; *retry*: try once more what is not done;
 * *end*: give it up as it is.
 */
export interface RunRequest {
	readonly kind: 'stop' | 'retry' | 'end';
	readonly operator: Operator;
	/** Of *retry*: the warnings that this operator takes responsibility for besides what was acknowledged before. */
	readonly acknowledged?: readonly Acknowledgement[];
}
