import type {AgentId} from '../domain/agent.ts';
import type {Operator, RunEvent, RunId, RunOutcome} from '../domain/run-event.ts';
import type {UpgradePlan} from '../domain/plan.ts';
import type {Acknowledgement} from '../domain/readiness.ts';
import type {RunStanding} from '../domain/run-standing.ts';
import type {JournalReader, JournalWriter} from './journal.ts';

/** What a run was begun with: enough for another runner, on this computer, to go on with it. No secrets. */
export interface RunSetup {
	readonly run: RunId;
	readonly plan: UpgradePlan;
	readonly operator: Operator;
	/** Absolute, on this computer. */
	readonly packagePath: string;
	/** Hexadecimal, lower case. */
	readonly packageSha256: string;
	/** How the Agents are reached; read by whoever connects, with a schema. */
	readonly inventory: unknown;
	/** Whether stale locks of other runs may be taken over, as the operator decided. */
	readonly takeOverLocks: boolean;
	/** The warnings that the operator took responsibility for. */
	readonly acknowledged: readonly Acknowledgement[];
}

export type {RunStanding};

/** A run as the list of runs shows it; folded from its landmark events (`run.*` and `launch.started`). */
export interface RunSummary {
	readonly run: RunId;
	readonly cluster: string;
	readonly goal: UpgradePlan['goal'];
	readonly package: UpgradePlan['package'];
	readonly packagePath: string;
	readonly packageSha256: string;
	readonly agents: readonly AgentId[];
	readonly operator: Operator;
	/** Milliseconds since 1970-01-01 UTC. */
	readonly startedAt: number;
	/** Undefined while it is not over, also after it was retried. */
	readonly finishedAt?: number;
	readonly outcome?: RunOutcome;
	readonly standing: RunStanding;
	/** Whether it can be tried once more: it did not end well, and was not given up. */
	readonly canRetry: boolean;
}

/** A runner, as its lease names it. */
export interface Runner {
	/** Unguessable: tells this runner from every other, on any computer. */
	readonly token: string;
	readonly pid: number;
	readonly host: string;
}

/** How often a runner renews its lease, in milliseconds. */
export const leaseRenewal = 3000;

/** The one runner of a run, as long as it renews its lease. Every append fails once the lease is another's. */
export interface RunnerSeat extends JournalWriter {
	/** Everything that was written before this runner came. */
	readonly history: readonly RunEvent[];
	/**
	 * Tells that the runner lives. Throws `LeaseLostError` when another runner has the seat, and after the renewal what went
	 * wrong meanwhile when requests were to be read.
	 */
	renew(): void;
	/** Gives the seat up, so that nobody has to wait for the lease to run out. */
	leave(): void;
}

/** The journal of all runs: one durable file. */
export interface RunJournal {
	/**
	 * Keeps what a run is begun with; it has no events yet. `refuse` may throw when it has looked at the other runs: none is
	 * begun between its look and this one.
	 */
	create(setup: RunSetup, refuse?: () => void): void;
	setup(run: RunId): RunSetup;
	/** Rejects with `UnknownRunError` where there is no such run. */
	summary(run: RunId): RunSummary;
	/** Newest first. Those that are damaged are left out, which is told to whoever opened the journal. */
	list(): readonly RunSummary[];
	/** Calls back after each change of any run, by any process. Returns how to stop it. */
	subscribe(listener: () => void): () => void;
	/** Rejects with `UnknownRunError` where there is no such run. */
	reader(run: RunId): JournalReader;
	/** Rejects with `RunHasRunnerError` while another runner renews its lease. */
	takeSeat(run: RunId, runner: Runner): RunnerSeat;
	close(): void;
}
