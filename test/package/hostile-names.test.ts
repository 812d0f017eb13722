import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {flawOf} from '../../source/package/entry-name.ts';
import {openPackage} from '../../source/package/open-package.ts';
import {type PackageSpec, fullContent, packageBytes, packageFolders} from '../support/package-files.ts';
import type {PackageLimits} from '../../source/package/package-limits.ts';

describe('a name is', () => {
	test.each([
		'/etc/passwd',
		'\\windows\\x',
		'//host/share',
		'C:\\x',
		'c:x',
		'Files/a:b',
		'../x',
		'a/../../x',
		'a\\..\\x',
		'a/.. /x',
		'a/.../x',
	])('escaping: %j', name => {
		expect(flawOf(name)?.kind).toBe('escapes');
	});

	test.each([
		'CON',
		'a/NUL.txt',
		'com1',
		'COM¹.log',
		'lpt9.tar.gz',
		'aux/x',
		'nul .txt',
		'CONIN$',
		'a.',
		'a ',
		'a /b',
		'a\u0000b',
		'a\u001Fb',
		'a?b',
		'a*',
		'a|b',
		'<a>',
		'a"b',
		'',
		'a//b',
	])('impossible on Windows: %j', name => {
		expect(flawOf(name)?.kind).toBe('invalid');
	});

	test.each(['evil\u202Egpj.exe', 'zero\u200Bwidth', 'c1\u009Bcontrol', 'del\u007F'])(
		'misleading: %j',
		name => {
			expect(flawOf(name)?.kind).toBe('misleading');
		},
	);

	test.each([
		'Files/SLNet.exe',
		'Files/',
		'Files/console.txt',
		'common/nullable.dll',
		'com10.txt',
		'a.b.c',
		'.config',
		'..a',
		'Größe.txt',
		'日本.txt',
	])('good: %j', name => {
		expect(flawOf(name)).toBeUndefined();
	});

	test('never good when a part of it climbs, is absolute or has a control character', () => {
		const part = fc.stringMatching(/^[a-z]{1,5}$/);
		fc.assert(
			fc.property(
				fc.array(part),
				fc.constantFrom('..', 'NUL', 'com3.x', 'x.', 'x ', 'a:b', '\u0007'),
				fc.array(part),
				fc.constantFrom('/', '\\'),
				(before, bad, after, slash) => {
					expect(flawOf([...before, bad, ...after].join(slash))).toBeDefined();
				},
			),
		);
	});
});

async function problemsOf(spec: PackageSpec, limits: Partial<PackageLimits> = {}) {
	const folders = await packageFolders();
	const opened = await openPackage(await folders.write(await packageBytes(spec)), {limits});
	await opened.close();
	return opened.facts.problems;
}

test('names that are one file to Windows warn, in both zips', async () => {
	for (const spec of [
		{inner: {...fullContent, 'files/slnet.EXE': 'other'}},
		{outer: {'SLUpgrade.dll': 'a', 'SLUPGRADE.dll': 'b'}},
		{inner: {...fullContent, 'Files/SLNet.exe/x': 'a folder where a file is'}},
	]) {
		const problems = await problemsOf(spec);
		expect(problems.map(({code, severity}) => `${severity} ${code}`)).toEqual(['warn ENTRY_NAME_TWICE']);
		expect(problems[0]?.message).toMatch(/^1 name is used more than once/);
	}
});

test('names that do not look like what they are warn, and are shown as they are', async () => {
	const problems = await problemsOf({inner: {...fullContent, 'Files/evil\u202Egpj.exe': 'x'}});
	expect(problems).toMatchObject([{code: 'ENTRY_NAME_MISLEADING', severity: 'warn'}]);
	expect(problems[0]?.message).toContain('evil\\u202egpj.exe');
});

test('a package that System Center would not upload warns', async () => {
	const bytes = await packageBytes();
	expect(await problemsOf({}, {uploadBytes: bytes.length})).toEqual([]);
	const problems = await problemsOf({}, {uploadBytes: bytes.length - 1});
	expect(problems).toMatchObject([{code: 'LARGER_THAN_UPLOAD_LIMIT', severity: 'warn'}]);
	expect(problems[0]?.message).toContain('MaxUploadSize');
});
