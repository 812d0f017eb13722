import {readFile, readdir, stat} from 'node:fs/promises';
import {basename, join} from 'node:path';
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {type LabTest, formatLabTest, parseLabTest} from '../../source/lab/lab-test.ts';
import {type PackageRecipe, buildPackage, packageFileName} from '../../source/lab/package-builder.ts';
import {generateLabPackages} from '../../source/lab/packages.ts';
import {sha256OfFile} from '../../source/package/file-hash.ts';
import {openPackage} from '../../source/package/open-package.ts';
import {packageFolders} from '../support/package-files.ts';

const recipe: PackageRecipe = {
	description: 'DataMiner Upgrade (Full)',
	actions: ['Disable', 'Update Root', 'Start'],
	prerequisites: [{check: 'VerifyX', content: 'x'}],
	files: [
		{path: 'Files\\Big.dll', content: {fillerBytes: 300_001}},
		{path: 'Files/None.dll', content: {fillerBytes: 0}},
		{path: 'Tools/a.bat', content: '@echo off'},
	],
};

async function built(changes: Partial<PackageRecipe> = {}) {
	const {root} = await packageFolders();
	const path = join(root, packageFileName({number: '10.6.0.0', build: 1, kind: 'Full'}));
	await buildPackage(path, {...recipe, ...changes});
	const opened = await openPackage(path);
	await opened.close();
	return {path, root, facts: opened.facts};
}

test('names follow the documented form', () => {
	expect(packageFileName({number: '10.6.3.0', cu: 0, build: 16_815, kind: 'Full', label: 'internal'})).toBe(
		'DataMiner 10.6.3.0(CU0)-16815 Full Upgrade (internal).dmupgrade',
	);
	expect(packageFileName({number: '10.5.6.0', build: 15_384, kind: 'Web'})).toBe(
		'DataMiner 10.5.6.0-15384 Web Upgrade.dmupgrade',
	);
});

describe.each(['stored', 'deflated'] as const)('a package built with a %s Update.zip', updateZip => {
	test('has what its recipe says, with filler that cannot be compressed', async () => {
		const {path, facts} = await built({updateZip});
		expect(facts).toMatchObject({
			kind: 'full',
			description: recipe.description,
			actions: recipe.actions,
			prerequisites: ['VerifyX'],
			executor: true,
			problems: [],
		});
		expect(facts.unpackedSize).toBeGreaterThan(300_001);
		expect((await stat(path)).size).toBeGreaterThan(300_001);
	});

	test('has the same bytes each time', async () => {
		const [first, second] = [await built({updateZip}), await built({updateZip})];
		expect(await sha256OfFile(first.path)).toBe(await sha256OfFile(second.path));
	});
});

test('a package can be without executor, and without UpdateContent.txt', async () => {
	expect((await built({executor: false})).facts.executor).toBe(false);
	expect((await built({actions: []})).facts.restarts).toBe('unknown');
});

test('a recipe that cannot be built rejects and leaves nothing', async () => {
	const {root} = await packageFolders();
	const path = join(root, 'x.dmupgrade');
	await expect(buildPackage(path, {files: [{path: '../x', content: 'x'}]})).rejects.toThrow();
	await expect(buildPackage(join(root, 'none', 'x.dmupgrade'), recipe)).rejects.toThrow();
	expect((await readdir(root)).sort()).toEqual(['packages', 'temporary']);
});

test('the packages of the lab are what they are for, with nothing to complain about', async () => {
	const {root, into} = await packageFolders();
	const folder = join(root, 'lab');
	const packages = await generateLabPackages(folder, {fillerBytes: 100_000});
	expect((await readdir(folder)).sort()).toEqual(
		Object.values(packages)
			.map(path => basename(path as string))
			.sort(),
	);

	const facts = async (path: string) => {
		const opened = await openPackage(path);
		await opened.close();
		return opened.facts;
	};

	expect(await facts(packages.full)).toMatchObject({
		file: 'DataMiner 10.6.0.0-16840 Full Upgrade.dmupgrade',
		kind: 'full',
		restarts: 'agent',
		executor: true,
		problems: [],
	});
	expect((await facts(packages.full)).size).toBeGreaterThan(100_000);
	expect(await facts(packages.web)).toMatchObject({
		file: 'DataMiner 10.6.0.0-16841 Web Upgrade.dmupgrade',
		kind: 'web',
		restarts: 'web-server',
		problems: [],
	});
	expect(await facts(packages.tool)).toMatchObject({
		file: 'VerifyClusterPorts.dmupgrade',
		kind: 'tool',
		restarts: 'nothing',
		problems: [],
	});
	expect(await facts(packages.failing)).toMatchObject({kind: 'full', label: 'rc', version: {month: 1}});

	const failing = await openPackage(packages.failing);
	await failing.extractPrerequisites(into);
	await failing.close();
	const outcomes = new Map<string, LabTest['outcome'] | undefined>();
	for (const check of failing.facts.prerequisites) {
		outcomes.set(check, parseLabTest(await readFile(join(into, `${check}.dll`), 'utf8'))?.outcome);
	}

	expect([...outcomes].filter(([, outcome]) => outcome !== 'NoIssues')).toEqual([
		['VerifyNoAnnotations', 'IssuesDetected'],
	]);
});

describe('a lab test', () => {
	test('comes back from its text', () => {
		const outcome = fc.constantFrom('NoIssues', 'IssuesDetected', 'Error');
		fc.assert(
			fc.property(outcome, fc.string(), (known, message) => {
				const parsed = parseLabTest(formatLabTest({outcome: known, message}));
				expect(parsed).toEqual({outcome: known, message: message.replaceAll(/\s+/g, ' ').trim()});
			}),
		);
	});

	test.each([
		'',
		'MZ\u0090\u0000',
		'dms-upgrade lab test\noutcome: Maybe\nmessage: x',
		'dms-upgrade lab test',
	])('%j is none', content => expect(parseLabTest(content)).toBeUndefined());
});
