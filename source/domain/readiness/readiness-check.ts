/**
 * *block*: nothing may begin; *warn*: somebody has to take responsibility; *unknown*: it could not be found out, or not
 * from here; *info*: good to know; *pass*: it is as it should be.
 */
export type ReadinessOutcome = 'pass' | 'info' | 'unknown' | 'warn' | 'block';

/** What was looked at before anything changes, with what was found. */
export interface ReadinessCheck {
	/** Stable and machine-readable; one Agent, and the cluster, has each at most once. */
	readonly id: string;
	readonly title: string;
	readonly outcome: ReadinessOutcome;
	/** What was found. */
	readonly evidence: string;
	/** What to do about it; empty for *pass*. */
	readonly remedy: string;
	/** The DataMiner document that says so; `dms-upgrade` where none does. */
	readonly source: string;
	/** The documented rules that it answers. */
	readonly rules?: readonly string[];
}

/** The worst comes first. */
export const outcomesByRank: readonly ReadinessOutcome[] = ['block', 'warn', 'unknown', 'info', 'pass'];

/** The worst of these; *pass* where there are none. */
export function worstOutcome(outcomes: readonly ReadinessOutcome[]): ReadinessOutcome {
	return outcomesByRank.find(outcome => outcomes.includes(outcome)) ?? 'pass';
}

/** Worst first; of one outcome, in the order given. */
export function worstFirst(checks: readonly ReadinessCheck[]): ReadinessCheck[] {
	const rank = ({outcome}: ReadinessCheck) => outcomesByRank.indexOf(outcome);
	return checks.toSorted((a, b) => rank(a) - rank(b));
}

export function isBlocked(checks: readonly ReadinessCheck[]): boolean {
	return checks.some(check => check.outcome === 'block');
}
