import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {
	type Version,
	compareVersions,
	couldBeSame,
	formatVersion,
	fourPartNumber,
	isMajorUpgrade,
	parseVersion,
	trackOf,
} from '../../source/domain/version.ts';
import {aVersion} from '../support/a-version.ts';

describe('reading a version', () => {
	// Each form with the document or file that it stands in.
	test.each([
		['10.5.0 [CU2]', {major: 10, minor: 5, month: 0, week: 0, cu: 2}],
		['10.5.0 \\[CU2]', {major: 10, minor: 5, month: 0, week: 0, cu: 2}],
		['10.5.0 [CU 0]', {major: 10, minor: 5, month: 0, week: 0, cu: 0}],
		['10.5.0', {major: 10, minor: 5, month: 0, week: 0, cu: 0}],
		['10.5.5', {major: 10, minor: 5, month: 5, week: 0, cu: 0}],
		['10.5.12 [CU2]', {major: 10, minor: 5, month: 12, week: 0, cu: 2}],
		['10.3.0 CU5', {major: 10, minor: 3, month: 0, week: 0, cu: 5}],
		['10.4.0 (CU13)', {major: 10, minor: 4, month: 0, week: 0, cu: 13}],
		['10.4.0(CU13)', {major: 10, minor: 4, month: 0, week: 0, cu: 13}],
		['10.5 (CU1)', {major: 10, minor: 5, month: 0, week: 0, cu: 1}],
		['10.5 [CU1]', {major: 10, minor: 5, month: 0, week: 0, cu: 1}],
		['10.4.5.0-14225', {major: 10, minor: 4, month: 5, week: 0, build: 14_225}],
		['10.5.2.0 - 15323', {major: 10, minor: 5, month: 2, week: 0, build: 15_323}],
		['10.3.2.0 – 12627', {major: 10, minor: 3, month: 2, week: 0, build: 12_627}],
		['10.2.0.0-11897-CU4', {major: 10, minor: 2, month: 0, week: 0, build: 11_897, cu: 4}],
		['10.1.0.0 - 11229 CU10', {major: 10, minor: 1, month: 0, week: 0, build: 11_229, cu: 10}],
		['10.5.0.0 – 16782 CU11', {major: 10, minor: 5, month: 0, week: 0, build: 16_782, cu: 11}],
		[
			'10.5.4.0-15588-20250319-release',
			{major: 10, minor: 5, month: 4, week: 0, build: 15_588, label: 'release'},
		],
		[
			'10.5.12.0(CU2)-16797-20260112-release',
			{major: 10, minor: 5, month: 12, week: 0, build: 16_797, cu: 2, label: 'release'},
		],
		['10.4.0-CU4', {major: 10, minor: 4, month: 0, week: 0, cu: 4}],
		['10.5.0 [CU4] build 15943', {major: 10, minor: 5, month: 0, week: 0, cu: 4, build: 15_943}],
		['HF_10.0.7.0(CU0)_20200520-135714', {major: 10, minor: 0, month: 7, week: 0, cu: 0, hotfix: true}],
		[
			'DataMiner 10.0.12.0-9536 Full Upgrade (rc)',
			{major: 10, minor: 0, month: 12, week: 0, build: 9536, label: 'rc'},
		],
		[
			'dataminer-main-release-10-0-0-0-11025-cu19',
			{major: 10, minor: 0, month: 0, week: 0, build: 11_025, cu: 19},
		],
		['Upgrade to 10.5.2.0-15323', {major: 10, minor: 5, month: 2, week: 0, build: 15_323}],
	])('%s', (text, expected) => {
		expect(parseVersion(text)).toEqual(expected);
	});

	test.each([
		'',
		'10',
		'10.5.x',
		'10.5.0/10.5.3',
		'10.4.2343.27106',
		'Hotfix',
		'DataMiner',
		'10.5.0 [CU',
		'10..5',
		'-1.2.3',
		`${'9'.repeat(300)}.1.1`,
	])('"%s" names no DataMiner version', text => {
		expect(parseVersion(text)).toBeUndefined();
	});

	test('any text is read or refused at once, and never throws', () => {
		fc.assert(
			fc.property(
				fc.oneof(fc.string({maxLength: 400}), fc.stringMatching(/^[0-9.\-[\]() CUcu_x]{0,200}$/)),
				text => {
					const parsed = parseVersion(text);
					expect(parsed === undefined || Number.isInteger(parsed.major)).toBe(true);
				},
			),
		);
	});

	test('what is written in the form of the documents is read back', () => {
		fc.assert(
			fc.property(anyVersion(), original => {
				const text = `${fourPartNumber(original)}(CU${original.cu ?? 0})-${original.build ?? 1}`;
				expect(couldBeSame(aVersion(text), original)).toBe(true);
			}),
		);
	});
});

describe('what we write ourselves', () => {
	test.each([
		'10.6.4 (16868)',
		'10.5.0 [CU2] (16868)',
		'10.5.0 (16868)',
		'10.5.0 [CU2] hotfix',
		'10.0.7 (9000) hotfix',
	])('%s is read back', text => {
		expect(formatVersion(aVersion(text))).toBe(text);
	});

	test('can be the version that it was written for', () => {
		fc.assert(
			fc.property(anyVersion(), fc.boolean(), (version, hotfix) => {
				const original: Version = hotfix ? {...version, hotfix} : version;
				expect(couldBeSame(aVersion(formatVersion(original)), original)).toBe(true);
			}),
		);
	});
});

describe('telling tracks apart', () => {
	test('the third number tells the track', () => {
		expect(trackOf(aVersion('10.5.0 [CU4]'))).toBe('main');
		expect(trackOf(aVersion('10.5.1'))).toBe('feature');
	});

	test('"major" means the first two numbers', () => {
		expect(isMajorUpgrade(aVersion('10.5.12'), aVersion('10.6.0'))).toBe(true);
		expect(isMajorUpgrade(aVersion('10.5.0 [CU1]'), aVersion('10.5.0 [CU9]'))).toBe(false);
	});
});

describe('comparing versions', () => {
	test.each([
		['10.5.9', '10.5.10'],
		['10.4.0 [CU13]', '10.5.0 [CU0]'],
		['10.5.0 [CU2]', '10.5.0 [CU10]'],
		['10.5.12', '10.5.12 [CU2]'],
		['10.5.12 [CU2]', '10.6.0'],
		['10.5.0 [CU18]', '10.6.1'],
		['10.5.4.0-15588', '10.5.4.0-15600'],
	])('%s comes before %s', (earlier, later) => {
		expect(compareVersions(aVersion(earlier), aVersion(later))).toBeLessThan(0);
		expect(compareVersions(aVersion(later), aVersion(earlier))).toBeGreaterThan(0);
	});

	test('a Main and a Feature Release of the same minor have no order', () => {
		expect(compareVersions(aVersion('10.4.0 [CU5]'), aVersion('10.4.12'))).toBeUndefined();
	});

	test('without its CU a Main Release has no order within its line', () => {
		expect(compareVersions(aVersion('10.5.0.0-16782'), aVersion('10.5.0 [CU4]'))).toBeUndefined();
	});

	test('it is a partial order', () => {
		fc.assert(
			fc.property(anyVersion(), anyVersion(), anyVersion(), (a, b, c) => {
				const ab = compareVersions(a, b);
				const ba = compareVersions(b, a);
				expect(compareVersions(a, a)).toBe(0);
				expect(ab === undefined ? undefined : Math.sign(ab)).toBe(
					ba === undefined ? undefined : 0 - Math.sign(ba),
				);
				const bc = compareVersions(b, c);
				if (ab !== undefined && bc !== undefined && ab <= 0 && bc <= 0) {
					const ac = compareVersions(a, c);
					expect(ac === undefined || ac <= 0).toBe(true);
				}
			}),
			{numRuns: 2000},
		);
	});

	test('versions that could be the same are never ordered the other way by their release', () => {
		fc.assert(
			fc.property(anyVersion(), anyVersion(), (a, b) => {
				if (couldBeSame(a, b) && a.build === undefined) {
					expect(compareVersions(a, b) ?? 0).toBe(0);
				}
			}),
		);
	});
});

test.each([
	['10.5.0', '10.5.0 [CU0]'],
	['10.5.12 [CU2]', '10.5.12 [CU2]'],
	['10.6.4.0-16868', '10.6.4 (16868)'],
	['HF_10.0.7.0(CU0)_20200520-135714', '10.0.7 hotfix'],
])('%s is shown as %s', (text, shown) => {
	expect(formatVersion(aVersion(text))).toBe(shown);
});

/** Builds grow with the release, as they do in reality, so that CU and build never contradict each other. */
function anyVersion(): fc.Arbitrary<Version> {
	return fc
		.record({
			minor: fc.integer({min: 3, max: 6}),
			month: fc.integer({min: 0, max: 12}),
			cu: fc.integer({min: 0, max: 20}),
			knowsCu: fc.boolean(),
			knowsBuild: fc.boolean(),
		})
		.map(({minor, month, cu, knowsCu, knowsBuild}) => ({
			major: 10,
			minor,
			month,
			week: 0,
			...((knowsCu || !knowsBuild) && {cu}),
			...(knowsBuild && {build: 10_000 + minor * 1000 + month * 30 + cu}),
		}));
}
