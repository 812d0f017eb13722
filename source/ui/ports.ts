import type {AgentId} from '../domain/agent.ts';
import type {Clock} from '../domain/clock.ts';
import type {PackageFacts} from '../domain/package-facts.ts';
import type {UpgradePlan} from '../domain/plan.ts';
import type {Failure} from '../domain/user-error.ts';
import type {JournalReader} from '../journal/journal.ts';
import type {ClusterView} from '../orchestration/cluster-watch.ts';

export type {AgentView, ClusterView} from '../orchestration/cluster-watch.ts';

/** Everything that the dashboard needs from outside. */
export interface DashboardPorts {
	readonly cluster: ClusterPort;
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

export interface RunsPort {
	/** Whether all pairs of the cluster can be switched over, which backup-first policies need; else why not. */
	switchOverRefusal(): Failure | undefined;
	/** Begins to carry out the plan and answers how to watch it. Rejects with a `UserError`. */
	start(plan: UpgradePlan, packagePath: string): Promise<JournalReader>;
	/** The run that is going on or was the last of this session. */
	latest(): JournalReader | undefined;
	/** Leaves a request to stop in the latest run's journal. */
	stop(): Promise<void>;
}
