import {ruleById, rules} from '../rules/all-rules.ts';
import {type Jump, concerns, needsAction} from '../rules/match-rule.ts';
import {judgeNeed} from '../rules/needs/judge-need.ts';
import {type NeedAnswer, type NeedFacts, kept} from '../rules/needs/need.ts';
import {type Topic, topicOf} from '../rules/needs/topics.ts';
import {packageRole} from '../rules/package-role.ts';
import type {Membership} from '../rules/range.ts';
import type {Rule} from '../rules/rule.ts';
import {type ReadinessCheck, type ReadinessOutcome, worstOutcome} from './readiness-check.ts';

interface JudgedRule {
	readonly rule: Rule;
	readonly topic: Topic;
	readonly answer: NeedAnswer;
	readonly outcome: ReadinessOutcome;
}

/**
 * What the documented rules say of one Agent, by its facts: one check for each topic. A rule whose facts could not be
 * found out is *unknown*, with what to look at.
 */
export function ruleChecks(facts: NeedFacts): ReadinessCheck[] {
	const byTopic = new Map<string, JudgedRule[]>();
	for (const rule of rules) {
		const judged = judge(rule, facts);
		if (judged) {
			byTopic.set(judged.topic.id, [...(byTopic.get(judged.topic.id) ?? []), judged]);
		}
	}

	return [...byTopic.values()].map(judged => topicCheck(judged, facts));
}

/** The way from what runs to what the package brings; a package without a version leaves the version as it is. */
export function jumpOf({status, package: facts}: Pick<NeedFacts, 'status' | 'package'>): Jump | undefined {
	return status.version && {from: status.version, to: facts.version ?? status.version};
}

/** Whether a rule concerns a package on an Agent: surely, perhaps, or not. */
export function relevance(rule: Rule, facts: Pick<NeedFacts, 'status' | 'package'>): Membership {
	const role = packageRole(rule, facts.package.kind);
	const jump = jumpOf(facts);
	if (role === 'none' || (facts.package.version === undefined && rule.to !== undefined)) {
		return 'outside';
	}

	const whatever = (rule.from ?? rule.to ?? rule.when ?? rule.direction) === undefined;
	const answer = whatever ? 'inside' : jump ? concerns(rule, jump) : 'outside';
	return answer === 'inside' && role === 'perhaps' && rule.onlyWith === undefined ? 'unknown' : answer;
}

/** What belongs to an act matters only where the act is still to be done. */
export function isActStillToDo({onlyWith}: Rule, facts: NeedFacts): boolean {
	const act = onlyWith === undefined ? undefined : ruleById(onlyWith);
	const jump = jumpOf(facts);
	return (
		act === undefined ||
		(jump !== undefined &&
			packageRole(act, facts.package.kind) !== 'none' &&
			needsAction(act, jump) &&
			(act.needs === undefined || judgeNeed(act.needs, facts).is !== 'kept'))
	);
}

function judge(rule: Rule, facts: NeedFacts): JudgedRule | undefined {
	const {needs} = rule;
	if (needs === undefined || needs.kind === 'checked-elsewhere') {
		return undefined;
	}

	const relevant = relevance(rule, facts);
	if (relevant === 'outside' || !isActStillToDo(rule, facts)) {
		return undefined;
	}

	const answer = settledByTest(rule, judgeNeed(needs, facts), facts);
	return {rule, topic: topicOf(needs, rule.id), answer, outcome: outcomeOf(rule, answer, relevant)};
}

function outcomeOf({severity}: Rule, {is, atMost}: NeedAnswer, relevant: Membership): ReadinessOutcome {
	if (is !== 'broken') {
		return is === 'kept' ? 'pass' : severity === 'info' ? 'info' : 'unknown';
	}

	// An unknown CU must not refuse what may well be right.
	const limits = [
		severity,
		...(atMost ? [atMost] : []),
		...(relevant === 'unknown' ? ['warn' as const] : []),
	];
	return limits.includes('info') ? 'info' : limits.includes('warn') ? 'warn' : 'block';
}

/** Evidence, remedy and source are those of the rules that are worst off. */
function topicCheck(judged: readonly JudgedRule[], facts: NeedFacts): ReadinessCheck {
	const outcome = worstOutcome(judged.map(each => each.outcome));
	const worst = judged.filter(each => each.outcome === outcome);
	// What is broken says more than what could not be found out.
	const broken = worst.filter(({answer}) => answer.is === 'broken');
	const telling = broken.length > 0 ? broken : worst;
	const [first] = telling;
	const found = unique(telling.map(({answer}) => answer.evidence)).join(' ');
	return {
		id: first?.topic.id ?? '',
		title: first?.topic.title ?? '',
		outcome,
		evidence: outcome === 'pass' ? found : `${found} ${first?.rule.summary ?? ''}`.trim(),
		remedy:
			outcome === 'pass' ? '' : unique(firstOfEach(telling).map(each => remedyOf(each, facts))).join(' '),
		source: first?.rule.source ?? 'dms-upgrade',
		rules: judged.map(({rule}) => rule.id),
	};
}

/** Rules that found the same ask for the same, each in its own words. */
function firstOfEach(judged: readonly JudgedRule[]): JudgedRule[] {
	return judged.filter(
		({answer}, index) => judged.findIndex(other => other.answer.evidence === answer.evidence) === index,
	);
}

function remedyOf({rule, answer}: JudgedRule, facts: NeedFacts): string {
	return answer.is === 'broken' ? rule.remedy : remedyWhereUnknown(rule, facts.package.prerequisites);
}

/** What cannot be seen from here, the package's own test has seen where it was run ahead. */
function settledByTest(rule: Rule, answer: NeedAnswer, {tested = [], package: facts}: NeedFacts): NeedAnswer {
	const name = answer.is === 'unknown' ? prerequisiteOf(rule, facts.prerequisites) : undefined;
	return name !== undefined && tested.some(({check, outcome}) => check === name && outcome === 'passed')
		? kept(`The prerequisite ${name} passed.`)
		: answer;
}

/** The test of the package that tests what a rule asks for. Its documented name is written in more than one way. */
export function prerequisiteOf({check}: Rule, prerequisites: readonly string[]): string | undefined {
	const wanted = check
		?.replace(/\.dll$/i, '')
		.replaceAll(' ', '')
		.toLowerCase();
	return prerequisites.find(name => name.toLowerCase() === wanted);
}

/** For a rule that nobody here can judge: who does, and what to do then. */
function remedyWhereUnknown(rule: Rule, prerequisites: readonly string[]): string {
	const tested = prerequisiteOf(rule, prerequisites);
	return tested === undefined
		? `Look for yourself. If need be: ${rule.remedy}`
		: `The prerequisite ${tested} of the package tests it before anything is launched. If it fails: ${rule.remedy}`;
}

function unique(texts: readonly string[]): string[] {
	return [...new Set(texts)];
}
