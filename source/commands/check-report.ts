import type {Cluster} from '../domain/cluster.ts';
import {formatDuration} from '../domain/format-duration.ts';
import type {PackageFacts} from '../domain/package-facts.ts';
import {
	type ManualItem,
	type Readiness,
	type ReadinessFinding,
	type ReadinessOutcome,
	findingsOf,
	outcomesByRank,
	verdictOf,
} from '../domain/readiness.ts';
import {visibleText} from '../domain/text.ts';
import {formatVersion, fourPartNumber} from '../domain/version.ts';
import {wrap} from './package-report.ts';

/** What a look at a cluster found for a package. */
export interface CheckReport {
	readonly cluster: Cluster;
	readonly package: PackageFacts;
	readonly readiness: Readiness;
}

/** In the form that scripts rely on: every key is always there, what is not known is null. */
export function checkJson({
	cluster,
	package: facts,
	readiness,
}: CheckReport): Readonly<Record<string, unknown>> {
	const {at, goodForMs, manual} = readiness;
	return {
		cluster: cluster.name,
		package: {
			file: facts.file,
			kind: facts.kind,
			version: facts.version ? fourPartNumber(facts.version) : null,
		},
		at: new Date(at).toISOString(),
		goodUntil: new Date(at + goodForMs).toISOString(),
		verdict: verdictOf(readiness),
		findings: findingsOf(readiness).map(findingJson),
		manual: manual.map(({rule, severity, summary, remedy, source, testedBy}) => ({
			rule,
			severity,
			summary,
			remedy,
			source,
			testedBy: testedBy ?? null,
		})),
		agents: [...readiness.agents.keys()],
	};
}

export function findingJson({check, agents}: ReadinessFinding): Readonly<Record<string, unknown>> {
	const {outcome, id, title, evidence, remedy, source, rules = []} = check;
	return {outcome, check: id, title, agents, evidence, remedy, source, rules};
}

/** Findings in full, as the report has them. `all`: how many Agents there are. */
export function formatFindings(findings: readonly ReadinessFinding[], all: number): string {
	return `${findings.map(found => inFull(found, all).join('\n')).join('\n\n')}\n`;
}

const columns = 80;
const indent = ' '.repeat(10);

const verdicts: Readonly<Record<ReadinessOutcome, string>> = {
	block: 'block, nothing may begin before this is put right.',
	warn: 'warn, somebody has to take responsibility for what is said below.',
	unknown: 'unknown, not everything could be found out.',
	info: 'ready; there is something to read.',
	pass: 'ready.',
};

/** To be read: the worst comes first; at most 80 columns. What is as it should be is named in short at the end. */
export function formatCheckReport({cluster, package: facts, readiness}: CheckReport): string {
	const findings = findingsOf(readiness);
	const all = cluster.agents.length;
	const target = facts.version === undefined ? '' : `, to ${formatVersion(facts.version)}`;
	const lines = [
		...wrap(`${visibleText(cluster.name)}, ${agentCount(all)}${target}`, columns),
		...wrap(facts.file, columns),
		'',
		...paragraph('Verdict: ', verdicts[verdictOf(readiness)]),
		...wrap(ageText(readiness), columns),
		...outcomesByRank
			.filter(outcome => outcome !== 'pass')
			.flatMap(outcome =>
				section(
					outcome,
					findings.filter(({check}) => check.outcome === outcome).map(found => inFull(found, all)),
				),
			),
		...manualSection(readiness.manual),
		...passed(findings, all),
	];
	return `${lines.join('\n')}\n`;
}

/** Its age can be told from the time; until when it counts is said. */
function ageText({at, goodForMs}: Readiness): string {
	const time = new Date(at).toISOString().slice(0, 16).replace('T', ' ');
	return `As of ${time} UTC; good for ${formatDuration(goodForMs)}. Nothing was changed on any Agent.`;
}

const titles: Readonly<Record<Exclude<ReadinessOutcome, 'pass'>, string>> = {
	block: 'Block',
	warn: 'Warnings',
	unknown: 'Unknown',
	info: 'Good to know',
};

function section(outcome: ReadinessOutcome, blocks: readonly (readonly string[])[]): string[] {
	return outcome === 'pass' || blocks.length === 0
		? []
		: [
				'',
				`${titles[outcome]} (${blocks.length})`,
				...blocks.flatMap((block, index) => (index === 0 ? block : ['', ...block])),
			];
}

function inFull({check, agents}: ReadinessFinding, all: number): string[] {
	const {outcome, title, id, evidence, remedy, source} = check;
	return [
		...paragraph(
			`  ${outcome.padEnd(8)}`,
			visibleText(`${title} (${id})${agents.length === 0 ? '' : `: ${whichAgents(agents, all)}`}`),
		),
		...[evidence, remedy, `Source: ${source}`]
			.filter(text => text !== '')
			.flatMap(text => paragraph(indent, visibleText(text, longestText))),
	];
}

const longestText = 2000;

function whichAgents(agents: readonly string[], all: number): string {
	return agents.length === all && all > 1 ? 'all Agents' : agents.join(', ');
}

function manualSection(items: readonly ManualItem[]): string[] {
	return items.length === 0
		? []
		: [
				'',
				`To look at yourself (${items.length})`,
				...items.flatMap(({severity, summary, remedy, testedBy}) => [
					...paragraph(`  ${severity.padEnd(8)}`, summary),
					...paragraph(
						indent,
						testedBy === undefined ? remedy : `The prerequisite ${testedBy} tests it before the launch.`,
					),
				]),
			];
}

/** One line a check: with many Agents, nobody reads more of what is well. */
function passed(findings: readonly ReadinessFinding[], all: number): string[] {
	const byTitle = new Map<string, Set<string>>();
	for (const {check, agents} of findings.filter(({check: {outcome}}) => outcome === 'pass')) {
		const known = byTitle.get(check.title) ?? new Set();
		for (const agent of agents) {
			known.add(agent);
		}

		byTitle.set(check.title, known);
	}

	return byTitle.size === 0
		? []
		: [
				'',
				`As it should be (${byTitle.size})`,
				...[...byTitle].flatMap(([title, agents]) =>
					paragraph(
						'  ',
						agents.size === 0 || agents.size === all ? title : `${title}: ${[...agents].join(', ')}`,
					),
				),
			];
}

function agentCount(count: number): string {
	return `${count} ${count === 1 ? 'Agent' : 'Agents'}`;
}

/** Text behind a head, its further lines below the first one's beginning. */
function paragraph(head: string, text: string): string[] {
	return wrap(text, columns - head.length).map(
		(line, index) => (index === 0 ? head : ' '.repeat(head.length)) + line,
	);
}
