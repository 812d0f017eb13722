import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {parsePackageName} from '../../source/domain/package-name.ts';
import {fourPartNumber} from '../../source/domain/version.ts';

describe('documented names', () => {
	test.each([
		['DataMiner 10.6.4.0-16868 Full Upgrade (rc).dmupgrade', 'full', '10.6.4.0', undefined, 16_868, 'rc'],
		[
			'DataMiner 10.6.3.0(CU0)-16815 Full Upgrade (internal).dmupgrade',
			'full',
			'10.6.3.0',
			0,
			16_815,
			'internal',
		],
		['DataMiner 10.5.6.0-15384 Full Upgrade.dmupgrade', 'full', '10.5.6.0', undefined, 15_384, 'release'],
		[
			'DataMiner 10.5.5.0-15596 Full Upgrade (rc) GER-99162 PS-19.dmupgrade',
			'full',
			'10.5.5.0',
			undefined,
			15_596,
			'rc',
		],
		[
			'DataMiner 10.4.0.0-15634 Web Upgrade (internal).dmupgrade',
			'web',
			'10.4.0.0',
			undefined,
			15_634,
			'internal',
		],
		[
			'DataMiner 1.2.3.4(CU186)-99999999 Full Upgrade (blabla).dmupgrade',
			'full',
			'1.2.3.4',
			186,
			99_999_999,
			'blabla',
		],
		['DataMiner 10.4.9.0-14794 Full Upgrade.dmupgrade', 'full', '10.4.9.0', undefined, 14_794, 'release'],
		['DataMiner 10.0.12.0-9536 Full Upgrade (rc)', 'full', '10.0.12.0', undefined, 9536, 'rc'],
	])('%s', (file, kind, number, cu, build, label) => {
		const name = parsePackageName(file);
		expect(name).toMatchObject({kind, label});
		expect(name.version && fourPartNumber(name.version)).toBe(number);
		expect(name.version?.cu).toBe(cu);
		expect(name.version?.build).toBe(build);
	});
});

test.each([
	'VerifyClusterPorts.dmupgrade',
	'ReplaceNatsConfig.dmupgrade',
	'NATSMigration - Prerequisite only.dmupgrade',
	'NATSMigrationRollback.dmupgrade',
])('%s is a free name: neither kind nor version', file => {
	expect(parsePackageName(file)).toEqual({label: 'release', extension: '.dmupgrade'});
});

test('a second download of the same file is no label', () => {
	expect(parsePackageName('DataMiner 10.5.6.0-15384 Full Upgrade (1).dmupgrade').label).toBe('release');
	expect(parsePackageName('DataMiner 10.5.6.0-15384 Full Upgrade (rc) (2).dmupgrade').label).toBe('rc');
});

test.each([
	'DataMiner_10.5.6.0-15384_Full_Upgrade.dmupgrade',
	'DataMiner%2010.5.6.0-15384%20Full%20Upgrade.dmupgrade',
	'dataminer 10.5.6.0-15384 full upgrade.DMUPGRADE',
])('%s means the same as with blanks', file => {
	expect(parsePackageName(file)).toEqual({
		kind: 'full',
		label: 'release',
		extension: '.dmupgrade',
		version: {major: 10, minor: 5, month: 6, week: 0, build: 15_384},
	});
});

test('a bare version is a version of unknown kind', () => {
	const name = parsePackageName('10.6.4.0-16868.dmupgrade');
	expect(name.kind).toBeUndefined();
	expect(name.version).toMatchObject({major: 10, minor: 6, month: 4, build: 16_868});
});

test('every name that follows the grammar comes back as its parts', () => {
	const number = fc.integer({min: 0, max: 99});
	const parts = fc.record({
		number: fc.tuple(number, number, number, number),
		cu: fc.option(fc.integer({min: 0, max: 99}), {nil: undefined}),
		build: fc.integer({min: 1, max: 999_999}),
		kind: fc.constantFrom('Full', 'Web'),
		label: fc.option(fc.constantFrom('rc', 'internal', 'beta 2'), {nil: undefined}),
	});
	fc.assert(
		fc.property(parts, ({number: [a, b, c, d], cu, build, kind, label}) => {
			const update = cu === undefined ? '' : `(CU${cu})`;
			const suffix = label === undefined ? '' : ` (${label})`;
			const name = parsePackageName(
				`DataMiner ${a}.${b}.${c}.${d}${update}-${build} ${kind} Upgrade${suffix}.dmupgrade`,
			);
			expect(name.kind).toBe(kind.toLowerCase());
			expect(name.label).toBe(label ?? 'release');
			expect(name.version).toMatchObject({major: a, minor: b, month: c, week: d, build});
			expect(name.version?.cu).toBe(cu);
		}),
	);
});

test('any text is a name', () => {
	fc.assert(
		fc.property(fc.string({maxLength: 400, unit: 'binary'}), text => {
			expect(parsePackageName(text).label.length).toBeGreaterThan(0);
		}),
	);
});
