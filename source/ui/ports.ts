import type {AgentId} from '../domain/agent.ts';
import type {HostKeyQuestion, SecretQuestion} from '../agent/prompts.ts';
import type {Clock} from '../domain/clock.ts';
import type {PackageFacts} from '../domain/package-facts.ts';
import type {UpgradePlan} from '../domain/plan.ts';
import type {RunId} from '../domain/run-event.ts';
import type {Failure} from '../domain/user-error.ts';
import type {JournalReader} from '../journal/journal.ts';
import type {RunSummary} from '../journal/run-journal.ts';
import type {Acknowledgement} from '../domain/readiness.ts';
import type {ClusterView} from '../orchestration/cluster-watch.ts';
import type {LookWish, WishedLook} from '../orchestration/form-look.ts';

export type {RunStanding, RunSummary} from '../journal/run-journal.ts';
export type {AgentView, ClusterView} from '../orchestration/cluster-watch.ts';
export type {LookWish, WishedLook} from '../orchestration/form-look.ts';

/** Everything that the dashboard needs from outside. */
export interface DashboardPorts {
	readonly cluster: ClusterPort;
	readonly questions: QuestionsPort;
	readonly readiness: ReadinessPort;
	readonly packages: PackagesPort;
	readonly files: FilesPort;
	readonly runs: RunsPort;
	readonly clock: Clock;
}

/** A value that changes by itself; fits `useSyncExternalStore`: `current` answers the same object until it changes. */
export interface Live<T> {
	current(): T;
	/** Calls back after each change. Returns how to stop it. */
	subscribe(listener: () => void): () => void;
}

/** Undefined while the cluster itself is not known yet (the lab is still starting). */
export interface ClusterPort extends Live<ClusterView | undefined> {
	/** Asks all Agents now. */
	refresh(): void;
	/** Start, stop or restart DataMiner on one Agent. Rejects with a `UserError`. */
	control(agent: AgentId, act: 'start' | 'stop' | 'restart'): Promise<void>;
}

/** What somebody has to answer before an Agent can be reached. Ids are never used twice. */
export type Question =
	| {readonly kind: 'host key'; readonly id: number; readonly question: HostKeyQuestion}
	| {readonly kind: 'secret'; readonly id: number; readonly question: SecretQuestion};

/** Undefined while nothing is asked. */
export interface QuestionsPort extends Live<Question | undefined> {
	/** Text for a secret, `true` for a host key that is trusted, undefined: it is not answered. */
	answer(id: number, answer: string | true | undefined): void;
}

/** Whether Agents are ready, as they were looked at for the form. Undefined before the first look. */
export interface ReadinessPort extends Live<WishedLook | undefined> {
	/** Looks at what has not answered yet; `anew`: at all of it once more. */
	look(wish: LookWish, options?: {readonly anew?: boolean}): void;
	/** Asks nobody any more. What was found stays. */
	rest(): void;
}

export interface PackageListing {
	readonly path: string;
	readonly file: string;
	/** Bytes. */
	readonly size: number;
	readonly status: 'Available' | 'Uploading' | 'Upgrading' | 'Uploaded' | 'Completed' | 'Failed';
}

export interface PackagesPort extends Live<readonly PackageListing[]> {
	/** Reads what is in a package. Rejects with a `UserError`. */
	inspect(path: string): Promise<PackageFacts>;
}

export interface FolderEntry {
	readonly name: string;
	readonly path: string;
	readonly folder: boolean;
	/** Bytes; of files only. */
	readonly size?: number;
}

export interface FolderListing {
	readonly path: string;
	/** Undefined at the top. */
	readonly parent?: string;
	/** Folders first, then packages (`.dmupgrade`); other files are left out. */
	readonly entries: readonly FolderEntry[];
}

export interface FilesPort {
	/** Where the file browser begins. */
	readonly start: string;
	/** Rejects with a `UserError`. */
	list(folder: string): Promise<FolderListing>;
}

export interface StartRunOptions {
	/** Stale locks of other runs may be taken over. */
	readonly takeOverLocks: boolean;
	/** The warnings that the operator takes responsibility for. */
	readonly acknowledged: readonly Acknowledgement[];
}

/** Every run of this computer's journal, newest first. */
export interface RunsPort extends Live<readonly RunSummary[]> {
	/** Whether all pairs of the cluster can be switched over, which backup-first policies need; else why not. */
	switchOverRefusal(): Failure | undefined;
	/** Begins a run in a process of its own and answers its id. Rejects with a `UserError`. */
	start(plan: UpgradePlan, packagePath: string, options: StartRunOptions): Promise<RunId>;
	/** How to read a run, whether it goes on or is over. */
	open(run: RunId): JournalReader;
	/** The run to show at first: the one asked for on the command line, else the one that is not over of this cluster. */
	initial(): RunId | undefined;
	/** Those of the list that are on other Agents than the cluster that is shown, whatever its name is. */
	elsewhere(): ReadonlySet<RunId>;
	stop(run: RunId): Promise<void>;
	/**
	 * Goes on with an interrupted run, or tries once more what is not done; `acknowledged`: the warnings that the operator
	 * takes responsibility for besides those from before. Rejects with a `UserError`.
	 */
	retry(run: RunId, acknowledged: readonly Acknowledgement[]): Promise<void>;
	/** Gives a paused or interrupted run up. */
	end(run: RunId): Promise<void>;
}
