import {createHash, randomBytes} from 'node:crypto';
import {truncate} from 'node:fs/promises';
import {describe, expect, test} from 'vitest';
import type {PackageFacts} from '../../source/domain/package-facts.ts';
import {openPackage} from '../../source/package/open-package.ts';
import type {PackageLimits} from '../../source/package/package-limits.ts';
import type {Verification, VerifyOptions} from '../../source/package/verify-package.ts';
import {
	type PackageFolders,
	fullContent,
	fullName,
	openFiles,
	packageBytes,
	packageFolders,
} from '../support/package-files.ts';
import {directoryEntry, lying, zipBytes} from '../support/zip-bytes.ts';

const MiB = 1024 ** 2;

interface Wanted extends VerifyOptions {
	readonly limits?: Partial<PackageLimits>;
	readonly name?: string;
	readonly folders?: PackageFolders;
}

async function verify(
	bytes: Buffer,
	{limits = {}, name = fullName, folders: given, ...options}: Wanted = {},
): Promise<{facts: PackageFacts; verification: Verification}> {
	const folders = given ?? (await packageFolders());
	const path = await folders.write(bytes, name);
	const before = await openFiles();
	const opened = await openPackage(path, {temporaryFolder: folders.temporary, limits});
	try {
		return {facts: opened.facts, verification: await opened.verify(options)};
	} finally {
		await opened.close();
		expect(await openFiles()).toBe(before);
		expect(await folders.leftovers()).toEqual([]);
	}
}

const codes = (problems: readonly {code: string; severity: string}[]) =>
	problems.map(({code, severity}) => `${severity} ${code}`);

/** Changes one byte of the only place where this text stands. */
function spoil(bytes: Buffer, text: string): Buffer {
	const copy = Buffer.from(bytes);
	const at = copy.indexOf(text);
	copy[at] = (copy[at] ?? 0) ^ 1;
	return copy;
}

const large = {content: randomBytes(9 * MiB), stored: true};
const mixed = {
	...fullContent,
	'Files/large-stored.bin': large,
	'Files/large-deflated.bin': Buffer.alloc(9 * MiB, 'DataMiner '),
	'Files/stored.txt': {content: 'plain text that stands as it is', stored: true},
	'Files/empty.txt': '',
	'Files/wide.bin': {content: 'wide', zip64: true},
};

describe.each(['stored', 'deflated'] as const)('a sound package with a %s Update.zip', updateZip => {
	test('has all its entries and bytes, its checksum, and no problem', async () => {
		const bytes = await packageBytes({inner: mixed, updateZip});
		const {facts, verification} = await verify(bytes);
		expect(verification).toEqual({
			sha256: createHash('sha256').update(bytes).digest('hex'),
			entries: Object.keys(mixed).length + 3,
			unverified: 0,
			bytes: facts.unpackedSize,
			problems: [],
		});
	});

	test('tells progress in bytes, never backwards and to the end', async () => {
		const bytes = await packageBytes({inner: mixed, updateZip});
		const progress: [number, number][] = [];
		await verify(bytes, {onProgress: (done, total) => progress.push([done, total])});
		const done = progress.map(([bytesDone]) => bytesDone);
		expect(done).toEqual(done.toSorted((a, b) => a - b));
		expect(progress.length).toBeGreaterThan(10);
		expect(new Set(progress.map(([, total]) => total)).size).toBe(1);
		expect(progress.at(-1)?.[0]).toBe(progress.at(-1)?.[1]);
		expect(progress.at(-1)?.[0]).toBeGreaterThan(bytes.length);
	});

	test('stops with the reason when it is aborted, and holds nothing afterwards', async () => {
		const abort = new AbortController();
		const reason = new Error('enough');
		const bytes = await packageBytes({inner: mixed, updateZip});
		await expect(verify(bytes, {signal: abort.signal, onProgress: () => abort.abort(reason)})).rejects.toBe(
			reason,
		);
	});
});

test('an application package is read, too', async () => {
	const bytes = await zipBytes({'AppInfo.xml': '<AppInfo/>', 'Scripts/Install.xml': '<x/>'});
	const {verification} = await verify(bytes, {name: 'My App.dmapp'});
	expect(verification).toMatchObject({entries: 2, unverified: 0, bytes: 14, problems: []});
	const spoiled = await zipBytes({
		'AppInfo.xml': '<AppInfo/>',
		'Scripts/Install.xml': {content: '<script/>', stored: true},
	});
	const {verification: found} = await verify(spoil(spoiled, '<script/>'), {name: 'My App.dmapp'});
	expect(codes(found.problems)).toEqual(['block ENTRY_DAMAGED']);
});

describe('a damaged entry', () => {
	test.each([
		['small and stored', 'Files/stored.txt', 'plain text that stands as it is'],
		['large and stored', 'Files/large-stored.bin', large.content.subarray(5 * MiB, 5 * MiB + 20)],
	] as const)('%s is named', async (_how, name, content) => {
		const inner = await zipBytes(mixed);
		const copy = Buffer.from(inner);
		const at = copy.indexOf(content);
		copy[at] = (copy[at] ?? 0) ^ 1;
		const {verification} = await verify(await packageBytes({inner: copy}));
		expect(codes(verification.problems)).toEqual(['block ENTRY_DAMAGED']);
		expect(verification.problems[0]?.message).toContain(`"${name}" is damaged`);
		expect(verification).toMatchObject({entries: Object.keys(mixed).length + 2, unverified: 1});
	});

	test.each(['Files/SLNet.exe', 'Files/large-deflated.bin'])('%s, deflated, is named', async name => {
		const inner = await zipBytes(mixed);
		const header = inner.indexOf(name) - 30;
		const start = header + 30 + name.length + inner.readUInt16LE(header + 28);
		inner.fill(0xff, start + 2, start + 6);
		const {verification} = await verify(await packageBytes({inner}));
		expect(verification.problems[0]?.message).toContain(`"${name}" is damaged`);
	});

	test.each([
		['larger than it claims', {size: 3}, 'larger than it claims'],
		['smaller than it claims', {size: 9000}, 'instead of 9000'],
		['with another checksum', {crc: 7}, 'checksum'],
		['packed by an unknown method', {method: 12}, 'by method 12'],
	] as const)('%s blocks', async (_what, lies, reason) => {
		const inner = lying(await zipBytes(fullContent), 'Files/SLNet.exe', lies);
		const {verification} = await verify(await packageBytes({inner}), {limits: {ratio: Infinity}});
		const damage = verification.problems.find(({code}) => code === 'ENTRY_DAMAGED');
		expect(damage?.severity).toBe('block');
		expect(damage?.message).toContain(reason);
	});

	test('that does not stand where the directory says blocks', async () => {
		const inner = await zipBytes(fullContent);
		const offset = inner.readUInt32LE(directoryEntry(inner, 'Files/SLNet.exe') + 42);
		inner.write('no', offset);
		const {verification} = await verify(await packageBytes({inner}));
		expect(verification.problems[0]?.message).toContain('not where the directory says');
	});

	test('that would reach into others blocks without being read', async () => {
		for (const lies of [{packedSize: 5000}, {offset: 0}]) {
			const inner = lying(await zipBytes(fullContent), 'Files/SLNet.exe', lies);
			const {facts, verification} = await verify(await packageBytes({inner}));
			expect(codes(facts.problems)).toEqual(['block ENTRIES_OVERLAP']);
			expect(verification).toMatchObject({entries: 3, unverified: Object.keys(fullContent).length});
		}
	});

	test('outside the Update.zip is named, and so is a stored Update.zip whose checksum is wrong', async () => {
		const bytes = await packageBytes({outer: {'SLUpgrade.dll': {content: 'the engine', stored: true}}});
		const {verification} = await verify(spoil(bytes, 'the engine'));
		expect(verification.problems.map(({message}) => message.split(' is ')[0])).toEqual(['"SLUpgrade.dll"']);
		const lied = lying(bytes, 'Update.zip', {crc: 1});
		const {verification: update} = await verify(lied);
		expect(update.problems[0]?.message).toContain('"Update.zip" is damaged');
	});

	test('is shown harmlessly, and thousands of them are counted', async () => {
		const many = Object.fromEntries(
			Array.from({length: 100}, (_, index) => [
				`Files/\u001B[2J${index}`,
				{content: `content ${index}`, stored: true},
			]),
		);
		const inner = await zipBytes({...fullContent, ...many});
		for (let at = inner.indexOf('content '); at >= 0; at = inner.indexOf('content ', at + 1)) {
			inner.write('C', at);
		}

		const {verification} = await verify(await packageBytes({inner}));
		expect(verification.problems).toHaveLength(21);
		expect(verification.problems.at(-1)?.message).toBe('80 more entries are damaged.');
		expect(verification.unverified).toBe(100);
		expect(verification.problems.map(({message}) => message).join('')).not.toMatch(/[\u0000-\u001F]/);
	});
});

describe('what contradicts itself', () => {
	test('a name in the file that is not the name in the directory blocks', async () => {
		const inner = await zipBytes(fullContent);
		const header = inner.indexOf('Files/SLNet.exe');
		inner.write('Files/Other.exe', header);
		const {verification} = await verify(await packageBytes({inner}));
		expect(codes(verification.problems)).toEqual(['block ENTRY_CONTRADICTS_ITSELF']);
		expect(verification.problems[0]?.message).toMatch(/"Files\/SLNet\.exe".*\(name\)/);
	});

	test('flags that differ only warn', async () => {
		const inner = await zipBytes(fullContent);
		const header = inner.indexOf('Files/SLNet.exe') - 30;
		inner.writeUInt16LE(inner.readUInt16LE(header + 6) ^ 0x04, header + 6);
		const {verification} = await verify(await packageBytes({inner}));
		expect(codes(verification.problems)).toEqual(['warn ENTRY_CONTRADICTS_ITSELF']);
	});

	test('a directory that hides its last file from those who count', async () => {
		const inner = await zipBytes(fullContent);
		const endRecord = inner.length - 22;
		inner.writeUInt16LE(inner.readUInt16LE(endRecord + 10) - 1, endRecord + 10);
		const {verification} = await verify(await packageBytes({inner}));
		expect(codes(verification.problems)).toEqual(['block DIRECTORY_DAMAGED']);
		expect(verification.problems[0]?.message).toContain('Update.zip');
	});
});

test('a file that is cut while it is read is damaged, not a crash', async () => {
	const folders = await packageFolders();
	const path = await folders.write(await packageBytes({inner: mixed}));
	const opened = await openPackage(path);
	await truncate(path, 1000);
	const {problems} = await opened.verify();
	await opened.close();
	expect(new Set(codes(problems))).toEqual(new Set(['block ENTRY_DAMAGED', 'block DIRECTORY_DAMAGED']));
});

describe('bombs', () => {
	/** A zip in which many entries share the bytes of one. */
	async function overlapping(copies: number): Promise<Buffer> {
		const zip = await zipBytes({'a.bin': Buffer.alloc(MiB)});
		const start = directoryEntry(zip, 'a.bin');
		const entry = zip.subarray(start, zip.length - 22);
		const end = Buffer.from(zip.subarray(zip.length - 22));
		end.writeUInt16LE(copies, 8);
		end.writeUInt16LE(copies, 10);
		end.writeUInt32LE(entry.length * copies, 12);
		return Buffer.concat([zip.subarray(0, start), ...Array.from({length: copies}, () => entry), end]);
	}

	test('a file that unpacks to far more than it has blocks, and is not unpacked', async () => {
		const inner = lying(
			await zipBytes({...fullContent, 'Files/bomb.bin': Buffer.alloc(4 * MiB)}),
			'Files/bomb.bin',
			{size: 2 ** 31},
		);
		const {facts, verification} = await verify(await packageBytes({inner}));
		expect(codes(facts.problems)).toEqual(['block BOMB']);
		expect(facts.problems[0]?.message).toContain('"Files/bomb.bin"');
		expect(verification).toMatchObject({unverified: 1, problems: []});
	});

	test('many files that are only together too much', async () => {
		const inner = {...fullContent, 'Files/a': Buffer.alloc(MiB), 'Files/b': Buffer.alloc(MiB)};
		const {facts, verification} = await verify(await packageBytes({inner}), {
			limits: {allRatioFreeBytes: MiB},
		});
		expect(codes(facts.problems)).toEqual(['block BOMB']);
		expect(verification.entries).toBe(3);
	});

	test('entries that share their bytes', async () => {
		const {facts, verification} = await verify(await packageBytes({inner: await overlapping(50)}), {
			name: 'Tool.dmupgrade',
		});
		expect(codes(facts.problems)).toContain('block ENTRIES_OVERLAP');
		expect(verification.entries).toBe(3);
	});

	test('a compressed Update.zip that is one is refused before a byte of it is written', async () => {
		const folders = await packageFolders();
		const bytes = await packageBytes({inner: Buffer.alloc(80 * MiB), updateZip: 'deflated'});
		await expect(verify(bytes, {folders})).rejects.toMatchObject({code: 'PACKAGE_TOO_LARGE'});
	});

	test('zips inside the Update.zip are files like others, whatever is in them', async () => {
		let nested = await overlapping(1000);
		for (let depth = 0; depth < 5; depth++) {
			nested = await zipBytes({'deeper.zip': nested, 'Update.zip': nested});
		}

		const inner = {...fullContent, 'Files/nested.zip': nested, 'Update.zip': nested};
		const {facts, verification} = await verify(await packageBytes({inner}));
		expect(facts.problems).toEqual([]);
		expect(verification).toMatchObject({entries: Object.keys(inner).length + 3, problems: []});
	});
});
