import {readFileSync} from 'node:fs';
import path from 'node:path';
import {describe, expect, test} from 'vitest';
import {ruleById, rules} from '../../../source/domain/rules/all-rules.ts';
import {directionOf} from '../../../source/domain/rules/direction.ts';
import {evaluatePath} from '../../../source/domain/rules/evaluate-path.ts';
import {type Jump, concerns} from '../../../source/domain/rules/match-rule.ts';
import {ruleProblems} from '../../../source/domain/rules/rule-problems.ts';
import type {Rule} from '../../../source/domain/rules/rule.ts';
import {type Version, formatVersion} from '../../../source/domain/version.ts';
import {aVersion} from '../../support/a-version.ts';
import {type Side, bordersOf, jump, pool} from '../../support/rule-borders.ts';

const documented = readFileSync(path.join(import.meta.dirname, '../../../fixtures/rule-ids.txt'), 'utf8')
	.trim()
	.split('\n');

/** What no document says and the path needs nevertheless. */
const ours = ['path.same-version', 'path.order-unknown'];

describe('the rules', () => {
	test('are the 179 documented ones and ours', () => {
		expect(new Set(documented).size).toBe(179);
		expect(rules.map(({id}) => id).toSorted()).toEqual([...documented, ...ours].toSorted());
	});

	test('are well formed', () => {
		expect(ruleProblems(rules)).toEqual([]);
	});

	test('cite a document unless they are ours', () => {
		expect(rules.filter(({source}) => source === 'dms-upgrade').map(({id}) => id)).toEqual(ours);
		expect(
			rules.filter(({source}) => !/^[\w.-]+\.md( \(docs history, .+\))?$|^dms-upgrade$/.test(source)),
		).toEqual([]);
	});

	test('say what to do in words, and never by the id of another rule', () => {
		const texts = rules.map(({id, summary, remedy, action}) => [
			id,
			`${summary} ${remedy} ${action?.text ?? ''}`,
		]);
		const ids = rules.map(({id}) => id).filter(id => id.includes('.'));
		expect(texts.filter(([, text]) => ids.some(id => text?.includes(id)))).toEqual([]);
	});

	test('are found by id', () => {
		expect(ruleById('down.stepwise')?.direction).toBe('down');
		expect(ruleById('nothing')).toBeUndefined();
	});

	test('that contradict each other in the documents carry the reason of the decision', () => {
		const decided = [
			'path.brokergateway-stop',
			'path.brokergateway-recommended-stop',
			'path.skip-10.1',
			'prereq.nats-cluster',
			'prereq.service-automatic-properties',
			'prereq.no-obsolete-api',
			'req.vcredist.14.44',
			'ki.verifyclusterports-two-node',
			'ki.default-upgrade-options',
			'proc.unstable-excluded',
		];
		expect(decided.filter(id => ruleById(id)?.note === undefined)).toEqual([]);
	});
});

describe('a malformed rule is told', () => {
	const rule: Rule = {
		id: 'ki.one',
		kind: 'known-issue',
		severity: 'warn',
		evaluation: 'versions',
		summary: 'It fails.',
		remedy: 'Wait.',
		source: 'KI_one.md',
	};

	test.each<[string, Partial<Rule>, RegExp]>([
		['range', {from: 'MR>=10.4'}, /from is no range/],
		[
			'range of its action',
			{action: {at: 'before', from: 'FR>=10.4.0', text: 'Wait.'}},
			/action.from is no range/,
		],
		['empty text', {remedy: ''}, /remedy is empty/],
		['blanks around a text', {summary: ' It fails.'}, /summary/],
		['id', {id: 'KI one'}, /its id/],
		['evaluation', {kind: 'requirement'}, /only path rules/],
		['look at an Agent', {lookAt: 'DMS.xml'}, /no look/],
		['stop', {stops: ['10.5.0.0']}, /no stop/],
		['act of another rule', {onlyWith: 'ki.two'}, /there is no rule ki.two/],
	])('%s', (_, change, problem) => {
		expect(ruleProblems([rule])).toEqual([]);
		expect(ruleProblems([{...rule, ...change}]).join('\n')).toMatch(problem);
	});

	test('id used twice', () => {
		expect(ruleProblems([rule, rule])).toEqual(['ki.one is there twice']);
	});
});

const automatic = rules.filter(({evaluation}) => evaluation === 'versions');
const withRanges = automatic.filter(({from, to}) =>
	[from, to].some(text => text !== undefined && text !== '*'),
);
const withCondition = automatic.filter(rule => rule.when !== undefined);

describe('a rule that versions decide', () => {
	test('is one with a range or a condition, but for these', () => {
		const always = automatic.filter(rule => !withRanges.includes(rule) && !withCondition.includes(rule));
		expect(always.map(({id}) => id)).toEqual([
			'down.vm-snapshot-preferred',
			'down.web-restore',
			'down.profile-manager',
			'ki.slautomation-crash',
		]);
	});

	test.each(withRanges.map(rule => [rule.id, rule] as const))(
		'%s fires at each of its borders, and not one step outside',
		(_, rule) => {
			const borders = bordersOf(rule);
			expect(borders.length).toBeGreaterThan(0);
			for (const {side, within, beyond} of borders) {
				const other = pool(rule).find(
					version => fires(rule, jump(side, within, version)) && !fires(rule, jump(side, beyond, version)),
				);
				expect(other, `${side} ${formatVersion(within)} against ${formatVersion(beyond)}`).toBeDefined();
			}
		},
	);

	// One jump that each condition takes, and the nearest one that it does not.
	test.each([
		['path.same-version', '10.5.0 [CU3]', '10.5.0 [CU3]', '10.5.0 [CU4]'],
		['path.order-unknown', '10.5.0.0', '10.5.0 [CU3]', '10.5.1'],
		['path.next-major-latest-cu', '10.3.0', '10.5.0', '10.4.0 [CU21]'],
		['path.next-major-latest-cu', '10.0.0 [CU19]', '10.3.0', '10.2.0 [CU21]'],
		['path.update-center-no-long-jump', '10.3.12', '10.5.1', '10.4.12'],
		['path.same-major-free', '10.4.0 [CU6]', '10.4.0 [CU8]', '10.5.0'],
		['path.fr-to-mr-skip-same-minor', '10.4.12', '10.4.0 [CU21]', '10.5.0'],
		['path.fr-to-mr-skip-same-minor', '10.4.1', '10.4.0', '10.4.2'],
		['path.mr-to-fr-same-minor', '10.4.0 [CU6]', '10.4.8', '10.4.9'],
		['path.mr-to-fr-same-minor', '10.4.0 [CU12]', '10.5.2', '10.5.3'],
		['path.mr-to-fr-same-minor', '10.0.0 [CU8]', '10.0.12', '10.0.13'],
		['path.mr-to-fr-same-minor', '10.0.0 [CU9]', '10.0.13', '10.1.1'],
		['path.mr-to-fr-same-minor', '10.0.0 [CU19]', '10.1.10', '10.1.11'],
		['path.mr-to-fr-same-minor', '10.0.0 [CU21]', '10.1.12', '10.2.1'],
		['path.mr-to-fr-same-minor', '10.5.0', '10.5.2', '10.5.3'],
		['path.cu-package-same-mr', '10.4.0', '10.5.0', '10.4.0 [CU1]'],
		['down.stepwise', '10.4.0', '10.2.0', '10.3.0'],
		['down.stepwise', '10.2.0', '10.0.0', '10.1.0'],
		['down.vm-snapshot-preferred', '10.4.0 [CU1]', '10.4.0', '10.4.0 [CU2]'],
		['down.web-restore', '10.4.5', '10.4.4', '10.4.6'],
		['down.profile-manager', '10.5.9', '10.5.8', '10.5.10'],
	])('%s: fires from %s to %s, not to %s', (id, from, to, outside) => {
		const rule = ruleById(id)!;
		expect(fires(rule, {from: aVersion(from), to: aVersion(to)})).toBe(true);
		expect(fires(rule, {from: aVersion(from), to: aVersion(outside)})).toBe(false);
	});

	test.each([
		['path.update-center-hotfix', 'HF_10.0.7.0(CU0)_20200520-135714', '10.0.7 [CU1]', '10.0.8'],
		['path.hotfix-or-cu-to-10.5.1', '10.4.0 [CU1]', '10.4.0 [CU0]', '10.5.1'],
	])('%s: fires from %s and not from %s', (id, from, outside, to) => {
		const rule = ruleById(id)!;
		expect(fires(rule, {from: aVersion(from), to: aVersion(to)})).toBe(true);
		expect(fires(rule, {from: aVersion(outside), to: aVersion(to)})).toBe(false);
	});

	test('has one of these tests for each condition', () => {
		const tested = ['path.update-center-hotfix', 'path.hotfix-or-cu-to-10.5.1'];
		const table = withCondition.map(({id}) => id).filter(id => !tested.includes(id));
		expect(table.toSorted()).toEqual([
			'down.stepwise',
			'path.cu-package-same-mr',
			'path.fr-to-mr-skip-same-minor',
			'path.mr-to-fr-same-minor',
			'path.next-major-latest-cu',
			'path.order-unknown',
			'path.same-major-free',
			'path.same-version',
			'path.update-center-no-long-jump',
		]);
	});
});

describe('a rule that Agents or people decide', () => {
	const others = rules.filter(({evaluation}) => evaluation !== 'versions');

	test.each(
		others
			.filter(({from, to}) => from !== undefined || to !== undefined)
			.map(rule => [rule.id, rule] as const),
	)('%s is to be checked at each of its borders, and does not match one step outside', (_, rule) => {
		for (const {side, within, beyond} of bordersOf(rule)) {
			const other = pool(rule).find(
				version =>
					isToCheck(rule, jump(side, within, version)) &&
					concerns(rule, jump(side, beyond, version)) === 'outside',
			);
			expect(other, `${side} ${formatVersion(within)} against ${formatVersion(beyond)}`).toBeDefined();
		}
	});

	test('is to be checked with every upgrade where it names no version', () => {
		const {findings} = evaluatePath(aVersion('10.4.0'), aVersion('10.5.0'));
		const toCheck = new Set(findings.filter(({toCheck}) => toCheck).map(({rule}) => rule));
		const always = others.filter(
			({from, to, when, direction}) => (from ?? to ?? when ?? direction) === undefined,
		);
		expect(always.length).toBeGreaterThan(30);
		expect(always.filter(({id}) => !toCheck.has(id))).toEqual([]);
	});
});

test('no rule is out of reach: each is a finding of some jump', () => {
	const found = new Set(
		[...documentedJumps, ...rules.flatMap(jumpsAround)].flatMap(({from, to}) =>
			evaluatePath(from, to).findings.map(({rule}) => rule),
		),
	);
	expect(rules.filter(({id}) => !found.has(id)).map(({id}) => id)).toEqual([]);
});

const documentedJumps: readonly Jump[] = [
	['10.5.0', '10.5.0'],
	['10.5.0.0', '10.5.0 [CU3]'],
	['10.4.12', '10.4.0'],
	['10.4.0 [CU6]', '10.4.8'],
	['10.4.0', '10.2.0'],
	['HF_10.0.7.0(CU0)_20200520-135714', '10.0.8'],
].map(([from = '', to = '']) => ({from: aVersion(from), to: aVersion(to)}));

function jumpsAround(rule: Rule): Jump[] {
	const ends = (side: Side) => {
		const within = bordersOf(rule).filter(border => border.side === side);
		return within.length > 0
			? within.map(border => border.within)
			: [aVersion('10.4.0 [CU21]'), aVersion('10.5.3')];
	};
	return ends('from').flatMap(from => ends('to').map(to => ({from, to})));
}

function isToCheck(rule: Rule, {from, to}: Jump): boolean {
	return (
		concerns(rule, {from, to}) === 'inside' &&
		evaluatePath(from, to).findings.some(finding => finding.rule === rule.id && finding.toCheck)
	);
}

/** What the evaluation says, which agrees with the rule's own condition unless there is nothing to upgrade. */
function fires(rule: Rule, {from, to}: Jump): boolean {
	const found = evaluationFinds(rule, from, to);
	const matters = rule.when === 'same-version' || directionOf(from, to) !== 'same';
	expect(found).toBe(concerns(rule, {from, to}) === 'inside' && matters);
	return found;
}

function evaluationFinds(rule: Rule, from: Version, to: Version): boolean {
	const {packageKind} = rule;
	const {findings} = evaluatePath(from, to, packageKind && {packageKind});
	return findings.some(finding => finding.rule === rule.id && !finding.toCheck);
}
