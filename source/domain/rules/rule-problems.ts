import {parseVersion} from '../version.ts';
import {RangeSyntaxError, formatRange, parseRange} from './range.ts';
import type {Rule} from './rule.ts';

const idText = /^[a-z]+(?:-[a-z]+)*(?:\.[\d.a-z-]+)*$/;
const longestText = 300;

/** What is wrong with a set of rules, beyond what types can tell: one sentence each, none when all is well. */
export function ruleProblems(rules: readonly Rule[]): string[] {
	const ids = new Set(rules.map(({id}) => id));
	return [
		...rules
			.filter(({id}, index) => rules.findIndex(rule => rule.id === id) < index)
			.map(({id}) => `${id} is there twice`),
		...rules.flatMap(rule => problemsOf(rule, ids).map(problem => `${rule.id}: ${problem}`)),
	];
}

function problemsOf(rule: Rule, ids: ReadonlySet<string>): string[] {
	const {from, to, action, needs} = rule;
	const texts = {summary: rule.summary, remedy: rule.remedy, source: rule.source};
	const ranges = {
		from,
		to,
		'action.from': action?.from,
		'needs.onBefore': needs?.kind === 'soft-launch-off' ? needs.onBefore : undefined,
	};
	return [
		...(idText.test(rule.id) ? [] : ['its id is not in small letters, digits, dots and dashes']),
		...Object.entries(texts)
			.filter(([, text]) => text.trim() !== text || text === '' || text.length > longestText)
			.map(([name]) => `${name} is empty, too long or has blanks around it`),
		...Object.entries(ranges)
			.filter(([, text]) => text !== undefined && !isRange(text))
			.map(([name]) => `${name} is no range`),
		...(rule.evaluation === 'versions' && rule.kind !== 'path' && rule.kind !== 'known-issue'
			? ['only path rules and known issues are decided by versions']
			: []),
		...(rule.evaluation === 'versions' && rule.lookAt !== undefined
			? ['what versions decide needs no look at an Agent']
			: []),
		...((rule.evaluation === 'agents') === (needs !== undefined)
			? []
			: ['what Agents decide has a need, and nothing else has']),
		...(rule.stops ?? [])
			.filter(stop => parseVersion(stop)?.cu === undefined)
			.map(stop => `${stop} is no stop`),
		...(rule.onlyWith === undefined || ids.has(rule.onlyWith) ? [] : [`there is no rule ${rule.onlyWith}`]),
	];
}

/** In the notation, and written as the notation writes it. */
function isRange(text: string): boolean {
	try {
		const range = parseRange(text);
		return formatRange(parseRange(formatRange(range))) === formatRange(range);
	} catch (error) {
		if (error instanceof RangeSyntaxError) {
			return false;
		}

		throw error;
	}
}
