import type {AgentConnection, LocalPackage, StagedPackage} from '../../../agent/connection.ts';

/** What a service offers to its clients: an Agent, and where its packages are. */
export interface ServedAgent extends AgentConnection {
	/** A package that is on the Agent already, whole. */
	findPackage(file: Omit<LocalPackage, 'path'>, signal?: AbortSignal): Promise<StagedPackage | undefined>;

	/** Where a package with this SHA-256, or the beginning of it, stands. Throws `UnsafeFileNameError`. */
	packagePath(sha256: string, name: string): string;
}
