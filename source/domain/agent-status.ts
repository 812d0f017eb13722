import type {AgentState, FailoverRole} from './agent.ts';
import type {Version} from './version.ts';

/** Who answers at an address, by its own configuration files. */
export interface AgentIdentity {
	/** The DataMiner ID. Source: SchemaDataMiner.md */
	readonly dataMinerId?: number;
	/** The custom name, or the host's name. */
	readonly name: string;
	readonly clusterName?: string;
	/** The addresses that `DMS.xml` lists as members, its own included. Source: DMS_xml.md */
	readonly members: readonly string[];
	/** Their DataMiner IDs, by address, as far as that file has them. */
	readonly memberIds?: ReadonlyMap<string, number>;
	/** Which of those addresses is its own, where that file tells. */
	readonly ownAddress?: string;
	/** Of an Agent of a Failover pair: the other members that the `Failover` tag of that file names. May be empty. */
	readonly failoverWith?: readonly string[];
}

/** What one Agent is and does now. */
export interface AgentStatus {
	readonly state: AgentState;
	/** The newest line of `VersionHistory.txt`; undefined where there is none that names a version. */
	readonly version?: Version;
	/** That line as it stands there, to tell a new stamp from an old one. */
	readonly versionStamp?: string;
	/** Undefined for an Agent outside a Failover pair. */
	readonly role?: FailoverRole;
	/** Bytes free on the drive of the installation. */
	readonly freeBytes?: number;
	/** Identifies the process that runs DataMiner; another value means that it was restarted. */
	readonly processId?: number;
	/** The package that is being carried out on this Agent, by whomever. */
	readonly upgradeInProgress?: string;
}

/** One line of an Agent's `progress.log`. Source: General_Feature_Release_10.2.4.md (RN 32772) */
export interface ProgressLine {
	/** As the line says it, in the Agent's own time zone, which is undocumented: for showing, not for reckoning. */
	readonly time?: string;
	/** `information`, `progress`, `notice`, `step`, `error`, …: an open set, lower case. */
	readonly type: string;
	readonly message: string;
}

export type PrerequisiteOutcome = 'passed' | 'failed' | 'could not run';

export interface PrerequisiteResult {
	/** The test's name, without `.dll`. */
	readonly check: string;
	readonly outcome: PrerequisiteOutcome;
	readonly message: string;
}
