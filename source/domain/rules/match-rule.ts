import type {Version} from '../version.ts';
import {rules} from './all-rules.ts';
import {directionOf} from './direction.ts';
import {conditionHolds} from './path-conditions.ts';
import {type Membership, type VersionRange, both, membership, parseRange} from './range.ts';
import type {Rule} from './rule.ts';

/** From one version to another by one package. */
export interface Jump {
	readonly from: Version;
	readonly to: Version;
}

interface Ranges {
	readonly from: VersionRange;
	readonly to: VersionRange;
	readonly action: VersionRange;
}

const everyRange: Ranges = {from: 'every', to: 'every', action: 'every'};
const ranges = new Map<Rule, Ranges>(
	rules.map(rule => [
		rule,
		{
			from: parseRange(rule.from ?? '*'),
			to: parseRange(rule.to ?? '*'),
			action: parseRange(rule.action?.from ?? '*'),
		},
	]),
);

/** Whether a rule concerns a jump, by the two versions: `unknown` where a CU would decide it that is not known. */
export function concerns(rule: Rule, {from, to}: Jump): Membership {
	const range = ranges.get(rule) ?? everyRange;
	if (rule.direction !== undefined && rule.direction !== directionOf(from, to)) {
		return 'outside';
	}

	return both(
		membership(range.from, from),
		membership(range.to, to),
		rule.when === undefined ? 'inside' : conditionHolds(rule.when, from, to),
	);
}

/** Whether people have to do what the rule says before or after this jump. A CU that is not known counts as a yes. */
export function needsAction(rule: Rule, jump: Jump): boolean {
	return (
		rule.action !== undefined &&
		concerns(rule, jump) !== 'outside' &&
		membership((ranges.get(rule) ?? everyRange).action, jump.from) !== 'outside'
	);
}
