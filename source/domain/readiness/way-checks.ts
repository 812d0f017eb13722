import type {AgentStatus} from '../agent-status.ts';
import {type PackageFacts, changesVersion} from '../package-facts.ts';
import {rules} from '../rules/all-rules.ts';
import {evaluatePath} from '../rules/evaluate-path.ts';
import type {NeedFacts} from '../rules/needs/need.ts';
import type {Rule, RuleKind, RuleSeverity} from '../rules/rule.ts';
import {type Version, formatVersion} from '../version.ts';
import {type ReadinessCheck, type ReadinessOutcome, worstOutcome} from './readiness-check.ts';
import {isActStillToDo, prerequisiteOf, relevance} from './rule-checks.ts';

/** What the versions alone decide, once for all Agents that run the same; of one rule, what is worst for any of them. */
export function pathChecks(statuses: readonly AgentStatus[], facts: PackageFacts): ReadinessCheck[] {
	const {version: to, kind} = facts;
	if (to === undefined) {
		return changesVersion(kind) || kind === 'web' ? [targetUnknown(facts)] : [];
	}

	const checks = new Map<string, ReadinessCheck>();
	for (const from of distinctVersions(statuses)) {
		for (const finding of evaluatePath(from, to, {packageKind: kind}).findings) {
			if (!finding.toCheck && isWorse(finding.severity, checks.get(finding.rule)?.outcome)) {
				checks.set(finding.rule, {
					id: finding.rule,
					title: `From ${formatVersion(from)} to ${formatVersion(to)}`,
					outcome: finding.severity,
					evidence: finding.summary,
					remedy: finding.remedy,
					source: finding.source,
					rules: [finding.rule],
				});
			}
		}
	}

	return [...checks.values()];
}

function isWorse(severity: RuleSeverity, known: ReadinessOutcome = 'pass'): boolean {
	return severity !== known && worstOutcome([severity, known]) === severity;
}

/** The versions that run, each once. */
export function distinctVersions(statuses: readonly AgentStatus[]): Version[] {
	const byText = new Map(
		statuses.flatMap(({version}) => (version ? [[formatVersion(version), version] as const] : [])),
	);
	return [...byText.values()];
}

/** A web upgrade leaves the version of the Agents, and what they need of one another, as they are. */
function targetUnknown({file, kind}: PackageFacts): ReadinessCheck {
	return {
		id: 'version-of-package',
		title: 'Version of the package',
		outcome: kind === 'web' ? 'warn' : 'block',
		evidence: `The name of ${file} does not say which version it brings: no rule about versions can be applied.`,
		remedy: 'Give the file back the name it was downloaded under.',
		source: 'DataMiner_packages.md',
	};
}

/** What only people can see: nobody has looked, so that it has no outcome. */
export interface ManualItem {
	readonly rule: string;
	readonly kind: RuleKind;
	/** How bad it is where it is not as it should be. */
	readonly severity: RuleSeverity;
	readonly summary: string;
	readonly remedy: string;
	readonly source: string;
	/** The prerequisite of the package that tests it before anything is launched. */
	readonly testedBy?: string;
}

const severities: readonly RuleSeverity[] = ['block', 'warn', 'info'];

/**
 * The rules that people have to look at themselves, once for all Agents that they concern; worst first. What a
 * prerequisite tested ahead on every Agent needs no look.
 */
export function manualItems(agents: readonly NeedFacts[]): ManualItem[] {
	return rules
		.filter(
			rule =>
				rule.evaluation === 'manual' &&
				agents.some(
					facts =>
						relevance(rule, facts) !== 'outside' && isActStillToDo(rule, facts) && !hasPassed(rule, facts),
				),
		)
		.map(rule => manualItem(rule, agents[0]?.package.prerequisites ?? []))
		.toSorted((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity));
}

function manualItem(rule: Rule, prerequisites: readonly string[]): ManualItem {
	const {id, kind, severity, summary, remedy, source} = rule;
	const testedBy = prerequisiteOf(rule, prerequisites);
	return {rule: id, kind, severity, summary, remedy, source, ...(testedBy !== undefined && {testedBy})};
}

function hasPassed(rule: Rule, {package: facts, tested = []}: NeedFacts): boolean {
	const name = prerequisiteOf(rule, facts.prerequisites);
	return name !== undefined && tested.some(({check, outcome}) => check === name && outcome === 'passed');
}
