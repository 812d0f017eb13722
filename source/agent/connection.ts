import type {AgentId} from '../domain/agent.ts';
import type {AgentIdentity, AgentStatus, PrerequisiteResult, ProgressLine} from '../domain/agent-status.ts';
import type {AgentSurvey} from '../domain/agent-survey.ts';
import type {OrderingPolicy} from '../domain/failover-policy.ts';
import type {LaunchReceipt, LockHolder, RunId} from '../domain/run-event.ts';
import type {UpgradeOptions} from '../domain/upgrade-options.ts';
import {UserError, exitCodes} from '../domain/user-error.ts';

/**
 * What can be asked of one Agent, however it is reached. Rejects with a `UserError`: a `MachineError` where the way
 * to the Agent failed, an `AgentError` where the Agent did, `ConnectionCannotError` where this connection never can.
 */
export interface AgentConnection {
	readonly agent: AgentId;
	/** Asked before a plan is made, so that it is refused there and not in the middle. */
	readonly canSwitchOver: boolean;

	identify(signal?: AbortSignal): Promise<AgentIdentity>;
	status(signal?: AbortSignal): Promise<AgentStatus>;

	/** A closer look, for readiness. Changes nothing; what could not be found out is missing. */
	survey(signal?: AbortSignal): Promise<AgentSurvey>;

	/** Who holds the Agent's lock, whether or not he still renews it; undefined where nobody does. Changes nothing. */
	lockHolder(signal?: AbortSignal): Promise<LockHolder | undefined>;

	/**
	 * Takes the Agent's lock, exclusively. A lock of the same run, left behind by a runner that died, is taken at once.
	 * One of another run is watched for `staleMs`: rejects with `AgentLockedError` when it is renewed meanwhile, and
	 * with `StaleLockError` when it is not and `takeOver` does not allow to take it. Resolves to whose lock was taken.
	 */
	acquireLock(claim: LockClaim, options: LockOptions): Promise<LockHolder | undefined>;

	/** Tells that the holder lives. Rejects with `LockLostError` when the lock is not this claim's any more. */
	renewLock(claim: LockClaim, signal?: AbortSignal): Promise<void>;

	/** Content with not holding it any more; never touches another claim's lock. */
	releaseLock(claim: LockClaim, signal?: AbortSignal): Promise<void>;

	/**
	 * Brings the package to the Agent: temporary name, SHA-256 compared at both ends, rename. Resumes what is there, once
	 * its SHA-256 shows that it is the beginning of the package.
	 */
	stagePackage(file: LocalPackage, options: StageOptions): Promise<StagedPackage>;

	/** Runs every test of the package on the Agent, one after the other. A failing test is a result and no error. */
	runPrerequisites(
		tests: PrerequisiteFiles,
		options: PrerequisiteOptions,
	): Promise<readonly PrerequisiteResult[]>;

	/**
	 * Tells this Agent to upgrade itself, or the whole cluster, in a way that outlives the connection. Resolves when the
	 * upgrade has been started, not when it is over.
	 */
	launch(order: LaunchOrder, signal?: AbortSignal): Promise<LaunchReceipt>;

	/**
	 * Asked before another Agent is told to upgrade this one too: by what it answers, that upgrade can be followed here.
	 * Changes nothing.
	 */
	expectUpgrade(packageName: string): Promise<LaunchReceipt>;

	/**
	 * The lines of the launched upgrade's `progress.log` that are about this Agent itself, from byte `offset` on,
	 * until aborted or the connection is lost.
	 */
	followProgress(receipt: LaunchReceipt, options: FollowProgressOptions): AsyncIterable<FollowedLine>;

	/**
	 * Removes what launching left on the Agent; the upgrade's own log stays. Resolves to the code that the program which
	 * carried the launch left; to undefined while it runs, and where nobody kept it.
	 */
	forgetLaunch(receipt: LaunchReceipt): Promise<number | undefined>;

	start(signal?: AbortSignal): Promise<void>;
	stop(signal?: AbortSignal): Promise<void>;
	restart(signal?: AbortSignal): Promise<void>;

	/** Called on the Agent of a pair that is to come online. Resolves when the switch was started. */
	switchOver(signal?: AbortSignal): Promise<void>;

	close(): Promise<void>;
}

/** Whoever wants the lock of an Agent. */
export interface LockClaim extends LockHolder {
	/** Tells one runner of a run from the next; unguessable. */
	readonly token: string;
}

export interface LockOptions {
	/** A lock that is not renewed for this long belongs to somebody who died. */
	readonly staleMs: number;
	/** Between two looks at somebody else's lock. */
	readonly pollMs: number;
	/** The operator decided that a stale lock of another run may be taken. */
	readonly takeOver: boolean;
	readonly signal?: AbortSignal;
}

export interface LocalPackage {
	readonly path: string;
	/** File name without folder. */
	readonly name: string;
	readonly size: number;
	/** Hexadecimal, lower case. */
	readonly sha256: string;
}

export interface StageOptions {
	readonly stallMs: number;
	readonly signal?: AbortSignal;
	/** As of `UploadOptions`. */
	readonly pace?: (bytes: number, signal: AbortSignal) => Promise<void>;
	readonly onProgress?: (bytes: number) => void;
}

export interface StagedPackage {
	/** On the Agent. */
	readonly path: string;
	/** True when the Agent had it already and nothing was sent. */
	readonly alreadyThere: boolean;
}

/** A folder on this computer that looks like `Update.zip/Prerequisites`: test DLLs, and `executor/`. */
export interface PrerequisiteFiles {
	readonly folder: string;
	/** Test names, without `.dll`. */
	readonly checks: readonly string[];
	readonly executor: boolean;
	/** Tells the tests of one package from those of another. */
	readonly packageSha256: string;
}

export interface PrerequisiteOptions {
	/** For one test. */
	readonly timeoutMs: number;
	/**
	 * For a look ahead of any run: the name of a folder that nobody else uses. The tests go there, and nothing is left
	 * of it. Without it they stay beside the package, for the run.
	 */
	readonly temporaryFolder?: string;
	readonly signal?: AbortSignal;
	readonly onResult?: (result: PrerequisiteResult) => void;
}

export interface LaunchOrder {
	readonly run: RunId;
	readonly staged: StagedPackage;
	readonly options: UpgradeOptions;
	/** This Agent is told to upgrade the whole cluster, and to keep the order of the policy by itself. */
	readonly cluster?: ClusterOrder;
}

export interface ClusterOrder {
	/** Of the other Agents; used where the Agent's own `DMS.xml` names none. */
	readonly addresses: readonly string[];
	readonly policy: OrderingPolicy;
}

export interface FollowProgressOptions {
	readonly offset: number;
	readonly pollMs: number;
	readonly signal: AbortSignal;
}

export interface FollowedLine {
	readonly line: ProgressLine;
	/** Where the following line begins, in bytes. */
	readonly nextOffset: number;
}

/** The Agent was reached and could not do what it was asked. */
export class AgentError extends UserError {
	override readonly exitCode = exitCodes.agentFailed;
	constructor(
		readonly agent: AgentId,
		readonly code: string,
		message: string,
		readonly nextSteps: readonly string[],
		options?: ErrorOptions,
	) {
		super(message, options);
	}
}

const nothingLaunched: ReadonlySet<string> = new Set([
	'LAUNCH_FAILED',
	'TASKBAR_UTILITY_MISSING',
	'UNSAFE_FILE_NAME',
	'ARGUMENT_NOT_ALLOWED',
	'CONNECTION_CANNOT',
]);

/** Whether an error of `launch` proves that no upgrade was started. After every other one it may have been. */
export function provesNothingLaunched(error: unknown): boolean {
	return error instanceof UserError && nothingLaunched.has(error.code);
}

/** This kind of connection has no way to do that. */
export class ConnectionCannotError extends UserError {
	readonly code = 'CONNECTION_CANNOT';
	override readonly exitCode = exitCodes.blocked;
	constructor(
		readonly agent: AgentId,
		readonly what: string,
		readonly nextSteps: readonly string[],
	) {
		super(`The connection to ${agent} cannot ${what}.`);
	}
}
