/**
 * What one look at an Agent found, without changing anything there. A key that is missing could not be found out: that
 * is never a *no*.
 */
export interface AgentSurvey {
	/** Of the server, not cut at 15 characters. */
	readonly hostName?: string;
	/** Of the DMS, by the Agent's own `DMS.xml`. */
	readonly clusterName?: string;
	/** The addresses of all Agents, by the same file; its own is among them. */
	readonly members?: readonly string[];
	/** That file has a `Failover` tag, as on an Agent of a pair. */
	readonly failoverTag?: boolean;
	readonly clock?: ClockReading;
	readonly windows?: WindowsFacts;
	/** The number by which .NET Framework 4.5 and later tell their version: 528040 and above is 4.8; 0: there is none. */
	readonly dotNetFramework?: number;
	/** Every version of the ASP.NET Core runtime, such as `8.0.11`; empty where there is none. */
	readonly aspNetCore?: readonly string[];
	/** The Visual C++ redistributable for 64-bit and for 32-bit programs. */
	readonly visualCpp?: {readonly x64?: Installed; readonly x86?: Installed};
	/** Every Windows service. */
	readonly services?: readonly ServiceStanding[];
	/** What Windows waits with for a reboot; empty where nothing does. */
	readonly pendingReboot?: readonly PendingReboot[];
	/** The Windows policy "Use FIPS compliant algorithms". */
	readonly fipsEnforced?: boolean;
	readonly maintenance?: MaintenanceFacts;
	/** Soft-launch options that are set, by name; empty where the file is not there. *unreadable*: neither true nor false. */
	readonly softLaunch?: Readonly<Record<string, boolean | 'unreadable'>>;
	readonly connectionSettings?: ConnectionSettings;
	/** The port of .NET Remoting in `SLNet.exe.config`. */
	readonly remotingPort?: number;
	/** The `via` of each redirect in `DMS.xml`. */
	readonly redirects?: readonly string[];
	readonly databases?: readonly DatabaseFacts[];
	readonly clusterEndpoints?: ClusterEndpoints;
	/** Legacy reports or dashboards exist. */
	readonly legacyReports?: boolean;
	/** The XML files of SRM that hold objects. */
	readonly srmXmlFiles?: readonly string[];
	/** A user whose password has expired stands in `Security.xml`. */
	readonly expiredUsers?: boolean;
	readonly portCheck?: PortCheck | 'never';
	/** How the other Agents of the cluster answer this one; empty where there is none, or none that can be tried. */
	readonly ports?: readonly PortAnswer[];
	/** The program that starts an upgrade is there. */
	readonly taskbarUtility?: boolean;
	/** What whoever looks may do, where the way to the Agent limits it. */
	readonly permission?: Permission;
}

/** Each one allows what stands before it, too. */
export type Permission = 'read' | 'upload' | 'upgrade';

/** What came of connecting from this Agent to another one. */
export interface PortAnswer {
	/** As `DMS.xml` names the other Agent. */
	readonly address: string;
	readonly port: number;
	/** *refused*: the server answers, and nothing listens there; *silent*: no answer, as behind a firewall. */
	readonly answer: 'open' | 'refused' | 'silent';
}

/** The ports that Agents reach each other on. Source: Configuring_the_IP_network_ports.md */
export const clusterPorts = {https: 443, nats: 4222, natsCluster: 6222, natsAccounts: 9090} as const;

/** Its version, or that it is not there. */
export type Installed = {readonly version: string} | 'missing';

export interface ClockReading {
	/** How far the Agent's clock is ahead of ours, in milliseconds; negative where it is behind. */
	readonly aheadMs: number;
	/** By how much that may be wrong, since asking takes its time. */
	readonly uncertaintyMs: number;
}

export interface WindowsFacts {
	/** As Windows calls itself: `Windows Server 2022 Standard`. */
	readonly name: string;
	readonly build: number;
	/** Undefined where Windows does not say whether it is a server. */
	readonly server?: boolean;
}

export interface ServiceStanding {
	readonly name: string;
	readonly displayName: string;
	readonly running: boolean;
}

/**
 * *components*: Windows features or updates; *updates*: Windows Update; *dataminer-files* and *files*: files to be
 * replaced at the start of Windows, of DataMiner and of others.
 */
export type PendingReboot = 'components' | 'updates' | 'dataminer-files' | 'files';

/** Source: MaintenanceSettings.SLNet.md. What the file does not set is missing. */
export interface MaintenanceFacts {
	readonly brokerGateway?: boolean;
	/** MB; 4000 unless set. *unreadable*: no such number. Source: MaintenanceSettings.SLNet.MaxUploadSize.md */
	readonly maxUploadSize?: number | 'unreadable';
	/** `DefaultUpgradeOptions` is there, which it is only after the defaults were changed once. */
	readonly defaultUpgradeOptions: boolean;
	readonly dotNetRemoting?: boolean;
}

/** Source: KI_Upgrade_fails_VerifyGRPCConnection_prerequisite.md */
export type ConnectionSettings =
	| {readonly changed: false}
	/** What in `ConnectionSettings.txt` is more than a connection type for everybody. */
	| {readonly changed: true; readonly what: string};

export interface DatabaseFacts {
	/** `Cassandra`, `CassandraCluster`, `CloudStorage`, `Elasticsearch`, `MySQL`, …. Source: DB_xml.md */
	readonly type: string;
	/** Its server is the Amazon Keyspaces Service. */
	readonly keyspaces: boolean;
}

/** `ClusterEndpoints.json`: it has entries, and each has its `IgnitionValue`; or not. */
export type ClusterEndpoints = 'complete' | 'incomplete' | 'missing';

/** `VerifyClusterPorts.LastRun.xml`. Source: VerifyClusterPorts.dmupgrade.md */
export interface PortCheck {
	/** Milliseconds since 1970-01-01 UTC, by the Agent's clock. */
	readonly at: number;
	readonly passed: boolean;
}
