import type {Version} from '../version.ts';
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

const read = new WeakMap<Rule, Ranges>();

/** Read when it is first asked for: the start of the program does not wait for all of them. */
function rangesOf(rule: Rule): Ranges {
	let ranges = read.get(rule);
	if (ranges === undefined) {
		ranges = {
			from: parseRange(rule.from ?? '*'),
			to: parseRange(rule.to ?? '*'),
			action: parseRange(rule.action?.from ?? '*'),
		};
		read.set(rule, ranges);
	}

	return ranges;
}

/** Whether a rule concerns a jump, by the two versions: `unknown` where a CU would decide it that is not known. */
export function concerns(rule: Rule, {from, to}: Jump): Membership {
	const range = rangesOf(rule);
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
		membership(rangesOf(rule).action, jump.from) !== 'outside'
	);
}
