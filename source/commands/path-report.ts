import {ruleById} from '../domain/rules/all-rules.ts';
import type {PathEvaluation, PathFinding, PathVerdict} from '../domain/rules/evaluate-path.ts';
import {wrap} from './package-report.ts';

const columns = 80;
const indent = ' '.repeat(9);

const verdictTexts: Readonly<Record<PathVerdict, string>> = {
	pass: 'no rule speaks against going directly.',
	info: 'nothing speaks against going directly; read the findings.',
	warn: 'the direct way can go wrong; read the findings.',
	block: 'do not go directly.',
};

/** The evaluation, to be read: verdict, steps, findings worst first, what is to be checked; at most 80 columns. */
export function formatPathReport(
	{from, to}: {readonly from: string; readonly to: string},
	{verdict, steps, findings}: PathEvaluation,
): string {
	const decided = findings.filter(({toCheck}) => !toCheck);
	const open = findings.filter(({toCheck}) => toCheck);
	const lines = [
		...wrap(`From ${from} to ${to}`, columns),
		'',
		...paragraph('Verdict: ', `${verdict}, ${verdictTexts[verdict]}`),
		...section(
			'Steps',
			steps.length === 0 ? ['  none'] : steps.flatMap(({text}, index) => step(text, index + 1)),
		),
		...section('Findings', decided.length === 0 ? ['  none'] : spaced(decided.map(inFull))),
		...list('To check for these versions', open.filter(isAboutVersions), inFull),
		...list(
			'To check with every upgrade',
			open.filter(finding => !isAboutVersions(finding)),
			inShort,
		),
	];
	return `${lines.join('\n')}\n`;
}

/** Rules that name no version hold for every upgrade, and most readers know them. */
function isAboutVersions({rule}: PathFinding): boolean {
	const {from, to, when} = ruleById(rule) ?? {};
	return from !== undefined || to !== undefined || when !== undefined;
}

function section(title: string, lines: readonly string[]): string[] {
	return ['', title, ...lines];
}

function list(
	title: string,
	findings: readonly PathFinding[],
	show: (finding: PathFinding) => string[],
): string[] {
	return findings.length === 0
		? []
		: section(
				`${title} (${findings.length})`,
				show === inFull ? spaced(findings.map(show)) : findings.flatMap(show),
			);
}

function spaced(blocks: readonly (readonly string[])[]): string[] {
	return blocks.flatMap((block, index) => (index === 0 ? block : ['', ...block]));
}

function step(text: string, number: number): string[] {
	return paragraph(`${String(number).padStart(3)}. `, text);
}

function inFull({severity, rule, summary, remedy, source, note}: PathFinding): string[] {
	return [
		`  ${severity.padEnd(7)}${rule}`,
		...[summary, remedy, ...(note === undefined ? [] : [`Note: ${note}`]), `Source: ${source}`].flatMap(
			text => paragraph(indent, text),
		),
	];
}

function inShort({severity, summary}: PathFinding): string[] {
	return paragraph(`  ${severity.padEnd(7)}`, summary);
}

/** Text behind a head, its further lines below the first one's beginning. */
function paragraph(head: string, text: string): string[] {
	return wrap(text, columns - head.length).map(
		(line, index) => (index === 0 ? head : ' '.repeat(head.length)) + line,
	);
}
