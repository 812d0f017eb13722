import type {PackageKind} from '../package-facts.ts';
import {type Version, formatVersion} from '../version.ts';
import {ruleById, rules} from './all-rules.ts';
import {directionOf, isFeatureToMainOfSameMajor} from './direction.ts';
import {mainReleaseAfter} from './majors.ts';
import {type Jump, concerns, needsAction} from './match-rule.ts';
import {isCore, packageRole} from './package-role.ts';
import {type Leg, type PathStep, legsBetween, stepsOf} from './path-steps.ts';
import type {Membership} from './range.ts';
import type {Rule, RuleSeverity} from './rule.ts';

export type PathVerdict = 'pass' | RuleSeverity;

export interface PathFinding {
	/** The rule's id. */
	readonly rule: string;
	readonly severity: RuleSeverity;
	readonly summary: string;
	readonly remedy: string;
	/** The DataMiner document that says it. */
	readonly source: string;
	/** Something besides the two versions decides it: it is to be looked at and does not count in the verdict. */
	readonly toCheck: boolean;
	/** How a contradiction in the documents was decided. */
	readonly note?: string;
}

export interface PathEvaluation {
	/** Of going directly: the worst severity among the findings that the two versions alone decide. */
	readonly verdict: PathVerdict;
	/**
	 * How to get there. Its last upgrade is that to the target; empty where both versions are the same, and only the
	 * way out where the target is refused for good.
	 */
	readonly steps: readonly PathStep[];
	/** Worst first; of one severity, what is decided first. */
	readonly findings: readonly PathFinding[];
}

export interface PathOptions {
	/** Where it is not known, the path is that of full packages, and rules about others are *to check*. */
	readonly packageKind?: PackageKind;
}

const rank: Readonly<Record<PathVerdict, number>> = {block: 0, warn: 1, info: 2, pass: 3};

/**
 * Judges going from one version to another, by the rules of the documents, and tells the steps. A rule that an unknown
 * CU decides counts as met, says so, and is at most *warn*: caution must not refuse what may well be right.
 */
export function evaluatePath(from: Version, to: Version, {packageKind}: PathOptions = {}): PathEvaluation {
	const jump = {from, to};
	const direction = directionOf(from, to);
	const core = isCore(packageKind);
	const legs = core ? legsBetween(jump) : direction === 'same' ? [] : [jump];
	const relevant = rules.filter(
		rule =>
			(direction !== 'same' || rule.when === 'same-version') &&
			packageRole(rule, packageKind) !== 'none' &&
			hasItsAction(rule, core ? legs : []),
	);
	const direct = relevant.flatMap(rule => {
		const answer = concerns(rule, jump);
		return answer === 'outside' || isMoot(rule, jump)
			? []
			: [findingOf(rule, jump, answer, packageRole(rule, packageKind) === 'sure')];
	});
	const found = new Set(direct.map(({rule}) => rule));
	const findings = [
		...direct,
		...onTheWay(
			relevant.filter(({id}) => !found.has(id)),
			legs,
		),
	].toSorted((a, b) => rank[a.severity] - rank[b.severity] || Number(a.toCheck) - Number(b.toCheck));
	return {
		verdict: findings.find(({toCheck}) => !toCheck)?.severity ?? 'pass',
		steps: core && isFeatureToMainOfSameMajor(from, to) ? [wayOut(to)] : stepsOf(legs, {acts: core}),
		findings,
	};
}

/** What belongs to an act matters only where that act is a step. */
function hasItsAction({onlyWith}: Rule, legs: readonly Leg[]): boolean {
	const act = onlyWith === undefined ? undefined : ruleById(onlyWith);
	return act === undefined || legs.some(leg => needsAction(act, leg));
}

/** That nothing is needed in between says nothing where the target is refused. */
function isMoot(rule: Rule, {from, to}: Jump): boolean {
	return rule.id === 'path.same-major-free' && isFeatureToMainOfSameMajor(from, to);
}

function findingOf(rule: Rule, jump: Jump, answer: Membership, sure: boolean): PathFinding {
	const toCheck = rule.evaluation !== 'versions' || !sure;
	const capped = answer === 'unknown' && !toCheck && rule.severity === 'block';
	return {
		rule: rule.id,
		severity: capped ? 'warn' : rule.severity,
		summary: answer === 'unknown' ? `${rule.summary} ${unknownUpdate(jump)}` : rule.summary,
		remedy: rule.remedy,
		source: rule.source,
		toCheck,
		...(rule.note !== undefined && {note: rule.note}),
	};
}

function unknownUpdate({from, to}: Jump): string {
	const open = [from, to].filter(({cu}) => cu === undefined).map(formatVersion);
	return `(Counted for safety: the cumulative update of ${open.join(' and ')} is not known.)`;
}

/** What only a step in between brings with it: to be looked at there; the verdict is that of the direct way. */
function onTheWay(candidates: readonly Rule[], legs: readonly Leg[]): PathFinding[] {
	return candidates
		.filter(rule => rule.kind !== 'path' || rule.evaluation !== 'versions')
		.flatMap(rule => {
			const leg = legs.find(each => concerns(rule, each) !== 'outside');
			return leg === undefined
				? []
				: [
						{
							...findingOf(rule, leg, concerns(rule, leg), false),
							summary: `On the step to ${formatVersion(leg.to)}: ${rule.summary}`,
						},
					];
		});
}

function wayOut(to: Version): PathStep {
	const next = mainReleaseAfter(to);
	return {
		kind: 'action',
		text:
			`Do not install ${to.major}.${to.minor}.0, in no cumulative update. Go to the Main Release of the next major ` +
			`directly${next ? `, ${next.major}.${next.minor}.0` : ''}, or to a newer Feature Release.`,
	};
}
