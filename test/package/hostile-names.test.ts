import {crc32} from 'node:zlib';
import fc from 'fast-check';
import {Entry} from 'yauzl';
import {describe, expect, test} from 'vitest';
import {toArchiveEntry} from '../../source/package/archive-entry.ts';
import {flawOf} from '../../source/package/entry-name.ts';
import {openPackage} from '../../source/package/open-package.ts';
import {type PackageSpec, fullContent, packageBytes, packageFolders} from '../support/package-files.ts';
import type {PackageLimits} from '../../source/package/package-limits.ts';
import {zipBytes} from '../support/zip-bytes.ts';

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

describe('a name that others read differently', () => {
	/** Without the mark of UTF-8: then the bytes are of code page 437, in which a control character is a sign. */
	function inOldCodePage(zip: Buffer, name: string, raw: Buffer): Buffer {
		const copy = Buffer.from(zip);
		for (const [signature, flags, nameAt] of [
			[0x04_03_4b_50, 6, 30],
			[0x02_01_4b_50, 8, 46],
		] as const) {
			let at = copy.indexOf(name);
			while (at >= 0 && !(at >= nameAt && copy.readUInt32LE(at - nameAt) === signature)) {
				at = copy.indexOf(name, at + 1);
			}

			copy.writeUInt16LE(copy.readUInt16LE(at - nameAt + flags) & ~0x08_00, at - nameAt + flags);
			raw.copy(copy, at);
		}

		return copy;
	}

	test('control characters of the old code page are none that Windows allows', async () => {
		const inner = await zipBytes({...fullContent, 'Files/a#[2Jb': 'x'});
		const raw = Buffer.from('Files/a\u001B[2Jb');
		const problems = await problemsOf({inner: inOldCodePage(inner, 'Files/a#[2Jb', raw)});
		expect(problems).toMatchObject([{code: 'ENTRY_NAME_INVALID', severity: 'warn'}]);
		expect(problems[0]?.message).toContain('control characters');
		expect(problems[0]?.message).not.toContain('\u001B');
	});

	test('an extra field with a harmless name hides none that leads out of the folder', () => {
		const entry = (raw: string, shown: string) => {
			const fileNameRaw = Buffer.from(raw);
			const data = Buffer.alloc(5 + Buffer.byteLength(shown));
			data.writeUInt8(1);
			data.writeUInt32LE(crc32(fileNameRaw), 1);
			data.write(shown, 5);
			return toArchiveEntry(Object.assign(new Entry(), {fileNameRaw, extraFields: [{id: 0x70_75, data}]}));
		};
		expect(entry('../../evil.dll', 'Files/good.dll')).toMatchObject({
			name: 'Files/good.dll',
			flaw: {kind: 'escapes'},
		});
		expect(entry('Files/good.dll', '../../evil.dll').flaw?.kind).toBe('escapes');
		expect(entry('Files/Gr__e.txt', 'Files/Größe.txt')).toMatchObject({name: 'Files/Größe.txt'});
		expect(entry('Files/Gr__e.txt', 'Files/Größe.txt').flaw).toBeUndefined();
	});
});
