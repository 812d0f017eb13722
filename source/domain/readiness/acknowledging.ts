import type {AgentId} from '../agent.ts';
import {type ReadinessFinding, findingsOf} from './findings.ts';
import type {ReadinessCheck} from './readiness-check.ts';

/** The checks of a cluster, as far as they have been made. */
export interface ReadinessChecks {
	readonly cluster?: readonly ReadinessCheck[];
	readonly agents: ReadonlyMap<AgentId, readonly ReadinessCheck[]>;
}

/** A warning that somebody has to take responsibility for before anything is changed. */
export interface Warning {
	/** The same for the same check of the same Agent, whatever was found this time. */
	readonly key: string;
	/** Undefined for what concerns the package or the cluster. */
	readonly agent?: AgentId;
	readonly check: ReadinessCheck;
}

/** A warning that an operator took responsibility for. It covers the check on these Agents, whatever it finds next time. */
export interface Acknowledgement {
	/** Id of the check. */
	readonly check: string;
	readonly severity: 'warn';
	/** What was found, as the operator was told. */
	readonly summary: string;
	/** Empty for what concerns the package or the cluster. */
	readonly agents: readonly AgentId[];
}

/** What must be acknowledged: every *warn*, and nothing else. *block* cannot be acknowledged away. */
export function warningsToAcknowledge({cluster = [], agents}: ReadinessChecks): readonly Warning[] {
	return [
		...cluster.filter(isWarning).map(check => ({key: warningKey(undefined, check.id), check})),
		...[...agents].flatMap(([agent, checks]) =>
			checks.filter(isWarning).map(check => ({key: warningKey(agent, check.id), agent, check})),
		),
	];
}

/** The warnings among these that nobody has acknowledged yet. */
export function notAcknowledged(
	checks: ReadinessChecks,
	acknowledged: readonly Acknowledgement[],
): readonly Warning[] {
	const known = new Set(
		acknowledged.flatMap(({check, agents}) =>
			agents.length === 0 ? [warningKey(undefined, check)] : agents.map(agent => warningKey(agent, check)),
		),
	);
	return warningsToAcknowledge(checks).filter(({key}) => !known.has(key));
}

/** The same, told once for all Agents that have the same one. */
export function findingsToAcknowledge(
	{cluster = [], agents}: ReadinessChecks,
	acknowledged: readonly Acknowledgement[] = [],
): readonly ReadinessFinding[] {
	const left = new Set(notAcknowledged({cluster, agents}, acknowledged).map(({key}) => key));
	const isLeft = (agent: AgentId | undefined) => (check: ReadinessCheck) =>
		isWarning(check) && left.has(warningKey(agent, check.id));
	return findingsOf({
		cluster: cluster.filter(isLeft(undefined)),
		agents: new Map([...agents].map(([id, checks]) => [id, checks.filter(isLeft(id))])),
	});
}

/** What an operator takes responsibility for who agrees to these findings: the warnings among them. */
export function acknowledgementsOf(findings: readonly ReadinessFinding[]): readonly Acknowledgement[] {
	return findings
		.filter(({check}) => isWarning(check))
		.map(({check, agents}) => ({
			check: check.id,
			severity: 'warn',
			summary: `${check.title}: ${check.evidence}`,
			agents,
		}));
}

const passing: ReadonlySet<string> = new Set([
	'clock-skew',
	'failover',
	'services',
	'ports',
	'https-port',
	'nats',
]);

/**
 * Whether what a check finds may be gone a moment later by itself: a service that restarts, a packet that was lost. It
 * is looked at twice before a run ends for it, so that nobody is asked to acknowledge what is not there any more.
 */
export function comesAndGoes(check: string): boolean {
	return passing.has(check);
}

/** Neither the id of an Agent nor that of a check has a slash. */
export function warningKey(agent: AgentId | undefined, check: string): string {
	return `${agent ?? ''}/${check}`;
}

function isWarning({outcome}: ReadinessCheck): boolean {
	return outcome === 'warn';
}
