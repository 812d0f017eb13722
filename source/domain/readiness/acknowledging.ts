import type {AgentId} from '../agent.ts';
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
export function notAcknowledged(checks: ReadinessChecks, acknowledged: Iterable<string>): readonly Warning[] {
	const known = new Set(acknowledged);
	return warningsToAcknowledge(checks).filter(({key}) => !known.has(key));
}

/** Neither the id of an Agent nor that of a check has a slash. */
export function warningKey(agent: AgentId | undefined, check: string): string {
	return `${agent ?? ''}/${check}`;
}

function isWarning({outcome}: ReadinessCheck): boolean {
	return outcome === 'warn';
}
