import type {PackageKind} from '../package-facts.ts';
import type {AgentNeed} from './needs/need.ts';

export type RuleKind = 'path' | 'known-issue' | 'prerequisite' | 'requirement' | 'option';

/**
 * *block*: documented to fail, to be refused, to be forbidden or to corrupt; *warn*: can go wrong or needs an act;
 * *info*: good to know.
 */
export type RuleSeverity = 'info' | 'warn' | 'block';

/**
 * Who decides whether a rule's condition holds: the two *versions* alone; the *agents*, with the package and the plan of
 * the upgrade, by what the rule `needs`; or somebody who looks for himself (*manual*).
 */
export type RuleEvaluation = 'versions' | 'agents' | 'manual';

/** What ranges cannot say of two versions. `path-conditions.ts` says what each means. */
export type PathCondition =
	| 'same-version'
	| 'order-unknown'
	| 'same-major'
	| 'other-major'
	| 'a-major-up'
	| 'several-majors-up'
	| 'several-majors-down'
	| 'feature-to-main-of-same-major'
	| 'main-to-older-feature'
	| 'from-hotfix'
	| 'from-hotfix-or-cu';

/** Something that people must do between two packages. */
export interface RuleAction {
	/** Before or after the package is installed with which the rule applies. */
	readonly at: 'before' | 'after';
	/** Versions on which it is still to be done (`range.ts`); all where it is missing. */
	readonly from?: string;
	readonly text: string;
}

/**
 * One documented rule about upgrading. It concerns an upgrade when both ranges, the condition, the direction and the
 * kind of package allow it; a missing key allows all. Adding a rule is adding one such value.
 */
export interface Rule {
	/** Stable; scripts and journals may rely on it. */
	readonly id: string;
	readonly kind: RuleKind;
	readonly severity: RuleSeverity;
	readonly evaluation: RuleEvaluation;
	/** Versions that run now, in the notation of `range.ts`. */
	readonly from?: string;
	/** Versions that are upgraded to, in the same notation. */
	readonly to?: string;
	readonly when?: PathCondition;
	readonly direction?: 'up' | 'down';
	/** Without it: a full package where there is `to`, any otherwise. */
	readonly packageKind?: Extract<PackageKind, 'full' | 'web' | 'cumulative' | 'tool'>;
	readonly appliesTo?: 'path' | 'package' | 'cluster' | 'host' | 'failover';
	readonly summary: string;
	/** What to do, as an imperative. */
	readonly remedy: string;
	/** What must be so for the rule to be kept. Every rule that Agents decide has it, and no other. */
	readonly needs?: AgentNeed;
	/** Where on an Agent, in the package or in the plan people see what decides it. */
	readonly lookAt?: string;
	/** The prerequisite that tests it. */
	readonly check?: string;
	/** Versions, by preference, one of which must come first for the rule to be kept. */
	readonly stops?: readonly string[];
	readonly action?: RuleAction;
	/** The rule whose action it belongs to: without that action it does not matter. */
	readonly onlyWith?: string;
	/** File name of the DataMiner document that says it; `dms-upgrade` where none does. */
	readonly source: string;
	/** In the notation of `range.ts`, or another product and its version. */
	readonly fixedIn?: string;
	/** What a log line contains, literally, when it happened. */
	readonly signature?: string;
	readonly releaseNote?: number;
	/** How a contradiction or a gap in the documents was decided. */
	readonly note?: string;
}
