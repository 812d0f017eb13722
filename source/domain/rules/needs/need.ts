import type {AgentStatus, PrerequisiteResult} from '../../agent-status.ts';
import type {AgentSurvey} from '../../agent-survey.ts';
import type {OrderingPolicy} from '../../failover-policy.ts';
import type {PackageFacts} from '../../package-facts.ts';

/**
 * What must be so on an Agent, with the package or in the plan, for a rule to be kept. `judgeNeed` says what each means,
 * `topicOf` under which readiness check it is told.
 */
export type AgentNeed =
	/** .NET Framework 4.8, and the ASP.NET Core runtime of each of these majors, which do not replace each other. */
	| {readonly kind: 'dot-net'; readonly framework?: true; readonly aspNetCore?: readonly number[]}
	/** The Visual C++ redistributable of at least this version, for 64-bit and for 32-bit programs. */
	| {readonly kind: 'visual-cpp'; readonly atLeast: string}
	/** The Universal C Runtime: a part of Windows 10 and Server 2016, and of the Visual C++ redistributable. */
	| {readonly kind: 'universal-crt'}
	/** At least this build of Windows. */
	| {readonly kind: 'windows'; readonly build: number}
	/** A Windows that Microsoft still supports. */
	| {readonly kind: 'supported-windows'}
	| {readonly kind: 'computer-name'; readonly longest?: number; readonly not?: string}
	| {readonly kind: 'fips-off'}
	/** The package is within `MaxUploadSize`. */
	| {readonly kind: 'upload-size'}
	/**
	 * The other Agents answer on the ports of NATS: by trying, and by the last port check, which must not be too old.
	 * `required`: without such a check the upgrade fails.
	 */
	| {readonly kind: 'port-check'; readonly required?: true}
	/** The other Agents answer on port 443. */
	| {readonly kind: 'https-port'}
	/** NATS is under BrokerGateway. */
	| {readonly kind: 'brokergateway'}
	/** NATS runs; `nodes`: and its nodes reach each other. */
	| {readonly kind: 'nats-running'; readonly nodes?: true}
	/** `ClusterEndpoints.json` is complete and its manager not switched off. */
	| {readonly kind: 'cluster-endpoints'}
	/** A soft-launch option is off. `onBefore`: versions (`range.ts`) that have it on unless it is set. */
	| {readonly kind: 'soft-launch-off'; readonly option: string; readonly onBefore?: string}
	| {readonly kind: 'no-legacy-reports'}
	| {readonly kind: 'no-srm-in-xml'}
	| {readonly kind: 'no-keyspaces'}
	/** Nothing in the settings of connections is in the way of gRPC. */
	| {readonly kind: 'grpc-settings'}
	| {readonly kind: 'no-redirects'}
	/** `DefaultUpgradeOptions` is not in `MaintenanceSettings.xml`. */
	| {readonly kind: 'upgrade-options-unchanged'}
	| {readonly kind: 'no-expired-users'}
	/** It is in no Failover pair. `database`: or its database is another; `unless`: or what cannot be seen is otherwise. */
	| {readonly kind: 'no-failover-pair'; readonly database?: string; readonly unless?: string}
	/** Both Agents of a pair are upgraded at the same time. `brokerGateway`: only there it matters. */
	| {readonly kind: 'simultaneous-policy'; readonly brokerGateway?: true}
	/** The name of the DMS begins with a letter or a digit. */
	| {readonly kind: 'plain-cluster-name'}
	| {readonly kind: 'not-two-nodes'}
	/** The package installs no app package, or does not stop DataMiner. */
	| {readonly kind: 'no-app-install'}
	/** A readiness check of its own, or a check of the package, sees to it. */
	| {readonly kind: 'checked-elsewhere'; readonly by: string};

/** What needs are judged by. */
export interface NeedFacts {
	readonly status: AgentStatus;
	readonly survey: AgentSurvey;
	readonly package: PackageFacts;
	/** What the prerequisites of the package found, where they were run ahead. */
	readonly tested?: readonly PrerequisiteResult[];
	/** Agents of the cluster, where that is known. */
	readonly nodes?: number;
	/** In which order pairs will be upgraded, where that is chosen. */
	readonly policy?: OrderingPolicy;
	/** Milliseconds since 1970-01-01 UTC. */
	readonly now: number;
}

export interface NeedAnswer {
	/** *unknown*: it could not be found out, or not all of it. */
	readonly is: 'kept' | 'broken' | 'unknown';
	/** What was found. */
	readonly evidence: string;
	/** A broken need that proves less than its rule says counts as this at most. */
	readonly atMost?: 'info' | 'warn';
}

export function kept(evidence: string): NeedAnswer {
	return {is: 'kept', evidence};
}

export function broken(evidence: string, atMost?: 'info' | 'warn'): NeedAnswer {
	return {is: 'broken', evidence, ...(atMost && {atMost})};
}

export function unknown(evidence: string): NeedAnswer {
	return {is: 'unknown', evidence};
}
