import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {rules} from '../../../source/domain/rules/all-rules.ts';
import {directionOf, isFeatureToMainOfSameMajor} from '../../../source/domain/rules/direction.ts';
import {type PathVerdict, evaluatePath} from '../../../source/domain/rules/evaluate-path.ts';
import {concerns} from '../../../source/domain/rules/match-rule.ts';
import {type Version, compareVersions, formatVersion, parseVersion} from '../../../source/domain/version.ts';
import {aVersion} from '../../support/a-version.ts';

const evaluate = (from: string, to: string) => evaluatePath(aVersion(from), aVersion(to));

/** Upgrades by version, acts by their first word that tells them apart. */
function stepsOf(from: string, to: string): string[] {
	return evaluate(from, to).steps.map(
		({version, text}) =>
			version ?? /VerifyClusterPorts|Migrate|VerifyNats|stop DataMiner|Do not/.exec(text)?.[0] ?? text,
	);
}

describe('the steps of documented examples', () => {
	test.each([
		['9.6.0', '10.3.0', ['10.0.0 [CU19]', 'VerifyClusterPorts', '10.2.0 [CU21]', '10.3.0 [CU0]']],
		['9.6.7', '10.2.0', ['10.0.0 [CU19]', 'VerifyClusterPorts', '10.2.0 [CU0]']],
		['10.0.0 [CU18]', '10.1.0', ['10.0.0 [CU19]', '10.1.0 [CU0]']],
		['10.0.0 [CU19]', '10.2.0', ['VerifyClusterPorts', '10.2.0 [CU0]']],
		['10.0.13', '10.2.4', ['VerifyClusterPorts', '10.2.4']],
		['10.1.0', '10.2.0', ['10.2.0 [CU0]']],
		['10.2.0', '10.5.0', ['10.3.0 [CU22]', '10.4.0 [CU21]', '10.5.0 [CU0]']],
		['10.4.12', '10.5.0', ['10.5.0 [CU0]']],
		['10.4.12', '10.4.0', ['Do not']],
		['10.4.0 [CU6]', '10.4.0 [CU8]', ['10.4.0 [CU8]']],
		['10.4.6', '10.6.0', ['10.5.0 [CU18]', 'Migrate', '10.6.0 [CU0]']],
		['10.4.0 [CU3]', '10.6.4', ['10.5.0 [CU18]', 'Migrate', '10.6.4']],
		['10.5.0 [CU1]', '10.6.0', ['10.5.0 [CU18]', 'Migrate', '10.6.0 [CU0]']],
		['10.5.0 [CU10]', '10.6.0', ['10.5.0 [CU18]', 'Migrate', '10.6.0 [CU0]']],
		['10.5.0 [CU11]', '10.6.0', ['Migrate', '10.6.0 [CU0]']],
		['10.5.4', '10.6.1', ['10.5.12 [CU2]', 'Migrate', '10.6.1']],
		['10.5.12 [CU1]', '10.6.1', ['10.5.12 [CU2]', 'Migrate', '10.6.1']],
		['10.5.12 [CU2]', '10.6.1', ['Migrate', '10.6.1']],
		['10.5.0.0-15943', '10.6.0', ['10.5.0 [CU18]', 'Migrate', '10.6.0 [CU0]']],
		['10.6.0', '10.6.0 [CU6]', ['10.6.0 [CU6]']],
		['10.6.3', '10.7.0', ['10.7.0 [CU0]']],
		['10.4.0 [CU4]', '10.5.0 [CU3]', ['10.5.0 [CU1]', '10.5.0 [CU3]']],
		['10.4.4', '10.5.7', ['10.5.0 [CU1]', '10.5.7']],
		['10.4.0', '10.1.0', ['VerifyNats', '10.3.0 [CU22]', '10.2.0 [CU21]', '10.1.0 [CU0]']],
		['10.3.8', '10.3.7', ['10.3.7', 'stop DataMiner']],
		['10.5.3', '10.3.5', ['10.4.0 [CU21]', 'VerifyNats', '10.3.5', 'stop DataMiner']],
		['10.5.0', '10.5.0', []],
	])('%s to %s: %j', (from, to, expected) => {
		expect(stepsOf(from, to)).toEqual(expected);
	});

	test('the way out of a refused Main Release names the next one', () => {
		expect(evaluate('10.4.12', '10.4.0 [CU20]').steps).toEqual([
			{kind: 'action', text: expect.stringMatching(/Do not install 10\.4\.0.+10\.5\.0/) as string},
		]);
	});

	test('acts have no version, upgrades have', () => {
		for (const {kind, version} of evaluate('9.6.0', '10.6.0').steps) {
			expect(version === undefined).toBe(kind === 'action');
		}
	});
});

describe('the verdict', () => {
	test.each([
		['9.6.0', '10.3.0', 'block', 'path.via-10.0.0-cu19'],
		['10.4.12', '10.4.0 [CU21]', 'block', 'path.fr-to-mr-skip-same-minor'],
		['10.4.0 [CU21]', '10.6.0', 'block', 'path.brokergateway-stop'],
		['10.5.4', '10.6.1', 'block', 'path.brokergateway-stop'],
		['10.4.0 [CU4]', '10.5.0 [CU3]', 'block', 'ki.prereq-10.4.0-10.5.0cu3'],
		['10.4.0', '10.3.0', 'block', 'down.verifynatsisrunning'],
		['10.5.0 [CU10]', '10.6.0', 'warn', 'path.brokergateway-recommended-stop'],
		['10.2.0 [CU21]', '10.4.0 [CU21]', 'warn', 'path.next-major-latest-cu'],
		['10.0.0 [CU19]', '10.1.0', 'warn', 'path.skip-10.1'],
		['10.1.0', '10.2.7', 'warn', 'path.avoid-10.2.7'],
		['10.6.0', '10.5.0 [CU18]', 'warn', 'down.brokergateway-one-way'],
		['10.7.0', '10.7.0 [CU1]', 'warn', 'ki.grpc-prerequisite'],
		['10.5.0', '10.5.0', 'info', 'path.same-version'],
	] satisfies [string, string, PathVerdict, string][])('%s to %s: %s for %s', (from, to, verdict, rule) => {
		const {findings, ...evaluation} = evaluate(from, to);
		expect(evaluation.verdict).toBe(verdict);
		expect(findings).toContainEqual(expect.objectContaining({rule, severity: verdict, toCheck: false}));
	});

	test('is not raised by what Agents decide', () => {
		const {verdict, findings, steps} = evaluate('10.5.0 [CU18]', '10.6.0 [CU6]');
		expect(verdict).toBe('warn');
		expect(findings).toContainEqual(
			expect.objectContaining({rule: 'prereq.brokergateway', severity: 'block', toCheck: true}),
		);
		expect(steps[0]).toMatchObject({
			kind: 'action',
			text: expect.stringContaining('NATSMigration') as string,
		});
	});

	test('warns and says so where a CU that is not known decides about a block', () => {
		const {verdict, findings} = evaluate('10.5.0.0-15943', '10.6.0 [CU6]');
		expect(verdict).toBe('warn');
		expect(findings.find(({rule}) => rule === 'path.brokergateway-stop')).toMatchObject({
			severity: 'warn',
			toCheck: false,
			summary: expect.stringContaining('cumulative update of 10.5.0 (15943) is not known') as string,
		});
	});

	test('says when the order of two editions is not known', () => {
		const {findings, verdict} = evaluate('10.5.0.0', '10.5.0 [CU3]');
		expect(findings.some(({rule}) => rule === 'path.order-unknown')).toBe(true);
		expect(verdict).toBe('warn');
	});
});

describe('what is to be checked', () => {
	const toCheck = (from: string, to: string) =>
		evaluate(from, to).findings.filter(finding => finding.toCheck);

	test('the migration is checked only where it has to be done', () => {
		const rulesOf = (from: string, to: string) => toCheck(from, to).map(({rule}) => rule);
		expect(rulesOf('10.4.12', '10.6.0')).toContain('req.bgw.tls');
		expect(rulesOf('10.5.0', '10.5.0 [CU9]')).not.toContain('req.bgw.tls');
	});

	test('a step on the way brings its own, and is named', () => {
		const finding = toCheck('9.6.0', '10.3.0').find(
			({rule}) => rule === 'path.verifyclusterports-before-10.2',
		);
		expect(finding?.summary).toMatch(/^On the step to 10\.2\.0 \[CU21\]: /);
		expect(toCheck('10.0.0 [CU19]', '10.2.0').find(({rule}) => rule === finding?.rule)?.summary).not.toMatch(
			/^On/,
		);
	});

	test('rules about other kinds of package count once the kind is known', () => {
		const web = (packageKind?: 'web' | 'full') =>
			evaluatePath(aVersion('10.3.0 [CU5]'), aVersion('10.5.0'), packageKind && {packageKind});
		const rule = 'path.web-10.5-needs-10.4';
		expect(web().findings.find(finding => finding.rule === rule)?.toCheck).toBe(true);
		expect(web('web').findings.find(finding => finding.rule === rule)?.toCheck).toBe(false);
		expect(web('web').verdict).toBe('block');
		expect(web('web').steps.map(({version}) => version)).toEqual(['10.5.0 [CU0]']);
		expect(web('full').findings.some(finding => finding.rule === rule)).toBe(false);
	});

	test('a web upgrade takes no stops and no acts of the core, and may go back to an older Main Release', () => {
		const options = {packageKind: 'web' as const};
		expect(evaluatePath(aVersion('10.4.0'), aVersion('10.6.0'), options).steps).toEqual([
			{kind: 'upgrade', version: '10.6.0 [CU0]', text: 'Upgrade to 10.6.0 [CU0].'},
		]);
		expect(evaluatePath(aVersion('10.4.12'), aVersion('10.4.0 [CU9]'), options).steps).toHaveLength(1);
	});

	test('the migration is checked for a full package, too, although others carry it out', () => {
		const {findings} = evaluatePath(aVersion('10.5.0 [CU18]'), aVersion('10.6.0'), {packageKind: 'full'});
		expect(findings.find(({rule}) => rule === 'req.bgw.tls')?.toCheck).toBe(true);
	});
});

describe('for any two versions', () => {
	const rank: Readonly<Record<PathVerdict, number>> = {pass: 0, info: 1, warn: 2, block: 3};

	test('the verdict is the worst severity that is decided, and findings stand worst first', () => {
		fc.assert(
			fc.property(anyVersion(), anyVersion(), (from, to) => {
				const {verdict, findings} = evaluatePath(from, to);
				const decided = findings.filter(({toCheck}) => !toCheck).map(({severity}) => rank[severity]);
				expect(rank[verdict]).toBe(Math.max(0, ...decided));
				const order = findings.map(({severity}) => -rank[severity]);
				expect(order).toEqual(order.toSorted((a, b) => a - b));
				expect(new Set(findings.map(({rule}) => rule)).size).toBe(findings.length);
			}),
		);
	});

	test('an upgrade that is not refused ends with its target, and every step leads up', () => {
		fc.assert(
			fc.property(anyVersion(), anyVersion(), (from, to) => {
				fc.pre(directionOf(from, to) === 'up' && !isFeatureToMainOfSameMajor(from, to));
				const upgrades = evaluatePath(from, to).steps.flatMap(({version}) => version ?? []);
				expect(upgrades.at(-1)).toBe(formatVersion(to));
				const way = [from, ...upgrades.slice(0, -1).map(aVersion), to];
				way.slice(1).forEach((version, index) => {
					expect(compareVersions(way[index]!, version) ?? -1).toBeLessThan(0);
				});
			}),
		);
	});

	test('a downgrade ends with its target, and every step leads down by one major at most', () => {
		fc.assert(
			fc.property(anyVersion(), anyVersion(), (from, to) => {
				fc.pre(directionOf(from, to) === 'down');
				const versions = evaluatePath(from, to).steps.flatMap(({version}) => version ?? []);
				expect(versions.at(-1)).toBe(formatVersion(to));
				const way = [from, ...versions.slice(0, -1).map(aVersion), to];
				way.slice(1).forEach((version, index) => {
					expect(compareVersions(way[index]!, version)).toBeGreaterThan(0);
					expect(evaluatePath(way[index]!, version).findings.map(({rule}) => rule)).not.toContain(
						'down.stepwise',
					);
				});
			}),
		);
	});

	test('no step on the way up breaks a rule that blocks, and none jumps over a major', () => {
		const blocking = rules.filter(
			({severity, evaluation, packageKind}) =>
				severity === 'block' && evaluation === 'versions' && (packageKind ?? 'full') === 'full',
		);
		fc.assert(
			fc.property(anyKnownVersion(), anyKnownVersion(), (from, to) => {
				fc.pre(directionOf(from, to) === 'up' && !isFeatureToMainOfSameMajor(from, to));
				const upgrades = evaluatePath(from, to).steps.flatMap(({version}) => version ?? []);
				const way = [from, ...upgrades.map(aVersion)];
				way.slice(1).forEach((version, index) => {
					const leg = {from: way[index]!, to: version};
					expect(blocking.filter(rule => concerns(rule, leg) === 'inside').map(({id}) => id)).toEqual([]);
					expect(evaluatePath(leg.from, leg.to).findings.map(({rule}) => rule)).not.toContain(
						'path.next-major-latest-cu',
					);
				});
			}),
			{numRuns: 300},
		);
	});

	test('any text that is read as a version can be judged', () => {
		const text = fc.oneof(
			fc.stringMatching(/^\d{1,3}\.\d{1,3}(\.\d{1,2}){0,2}( \[CU\d{1,3}\]|-\d{1,6})?$/),
			fc.stringMatching(/^(9|10)\.\d(\.\d{1,2})?( ?[[(]?CU\d{1,2}[)\]]?)?$/),
		);
		fc.assert(
			fc.property(text, text, (a, b) => {
				const [from, to] = [parseVersion(a), parseVersion(b)];
				fc.pre(from !== undefined && to !== undefined);
				const {steps, verdict} = evaluatePath(from, to);
				expect(steps.length).toBeLessThan(20);
				expect(steps.length > 0 || directionOf(from, to) === 'same').toBe(true);
				expect(Object.keys(rank)).toContain(verdict);
			}),
			{numRuns: 3000, seed: 4},
		);
	});
});

function anyKnownVersion(): fc.Arbitrary<Version> {
	return anyVersion().map(version => ({...version, cu: version.cu ?? 0}));
}

/** Releases around those that exist, with and without a CU and a build. */
function anyVersion(): fc.Arbitrary<Version> {
	return fc
		.tuple(
			fc.constantFrom([9, 5], [9, 6], ...[...Array(9).keys()].map(minor => [10, minor]), [11, 0]),
			fc.oneof(fc.constant(0), fc.integer({min: 1, max: 13})),
			fc.option(fc.integer({min: 0, max: 24}), {nil: undefined}),
			fc.option(fc.integer({min: 9000, max: 17_000}), {nil: undefined}),
		)
		.map(([[major = 10, minor = 0], month, cu, build]) => ({
			major,
			minor,
			month,
			week: 0,
			...(cu !== undefined && {cu}),
			...(build !== undefined && {build}),
		}));
}
