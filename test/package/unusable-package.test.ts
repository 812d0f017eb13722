import {execFile} from 'node:child_process';
import {chmod, symlink} from 'node:fs/promises';
import {join} from 'node:path';
import {promisify} from 'node:util';
import {deflateRawSync} from 'node:zlib';
import {describe, expect, test} from 'vitest';
import {UserError} from '../../source/domain/user-error.ts';
import {type OpenPackageOptions, openPackage} from '../../source/package/open-package.ts';
import type {PackageLimits} from '../../source/package/package-limits.ts';
import {asNobody} from '../support/as-nobody.ts';
import {fullContent, openFiles, packageBytes, packageFolders} from '../support/package-files.ts';
import {directoryEntry, lying, renamed, zipBytes} from '../support/zip-bytes.ts';

const GiB = 1024 ** 3;

/** The error that opening ends with, after a look at what was left behind. */
async function failure(bytes: Buffer, limits: Partial<PackageLimits> = {}): Promise<UserError> {
	const folders = await packageFolders();
	const path = await folders.write(bytes);
	const before = await openFiles();
	const error = await failureAt(path, {limits, temporaryFolder: folders.temporary});
	expect(await folders.leftovers()).toEqual([]);
	expect(await openFiles()).toBe(before);
	return error;
}

async function failureAt(path: string, options: OpenPackageOptions = {}): Promise<UserError> {
	const error: unknown = await openPackage(path, options).then(
		async opened => {
			await opened.close();
			throw new Error(`it was opened: ${JSON.stringify(opened.facts.problems)}`);
		},
		(reason: unknown) => reason,
	);
	expect(error).toBeInstanceOf(UserError);
	const found = error as UserError;
	expect(found.message).toMatch(/\.$/);
	expect(found.nextSteps.length).toBeGreaterThan(0);
	expect(found.exitCode).toBe(1);
	return found;
}

describe('what is no readable file', () => {
	test('missing, also below a file', async () => {
		const folders = await packageFolders();
		const path = await folders.write(Buffer.from('x'));
		expect((await failureAt(join(folders.root, 'none.dmupgrade'))).code).toBe('PACKAGE_NOT_FOUND');
		expect((await failureAt(join(path, 'none.dmupgrade'))).code).toBe('PACKAGE_NOT_FOUND');
	});

	test('a folder', async () => {
		const {root} = await packageFolders();
		expect((await failureAt(root)).code).toBe('PACKAGE_NOT_A_FILE');
	});

	test.skipIf(process.platform === 'win32')(
		'a pipe that nobody writes to, without waiting for it',
		async () => {
			const {root} = await packageFolders();
			const pipe = join(root, 'pipe.dmupgrade');
			await promisify(execFile)('mkfifo', [pipe]);
			expect((await failureAt(pipe)).code).toBe('PACKAGE_NOT_A_FILE');
		},
	);

	test.skipIf(process.platform === 'win32')('links in a circle', async () => {
		const {root} = await packageFolders();
		const link = join(root, 'link.dmupgrade');
		await symlink(link, link);
		expect((await failureAt(link)).code).toBe('PACKAGE_UNREADABLE');
	});

	test.skipIf(process.platform === 'win32')('no permission', async () => {
		const folders = await packageFolders();
		const path = await folders.write(await packageBytes());
		await chmod(folders.root, 0o755);
		await chmod(path, 0);
		const error = await asNobody(() => failureAt(path));
		expect(error.code).toBe('PACKAGE_UNREADABLE');
		expect(error.message).toContain('permission denied');
	});

	test('a name with control characters is shown harmlessly', async () => {
		const {root} = await packageFolders();
		expect((await failureAt(join(root, '\u001B[2J.dmupgrade'))).message).toContain('\\x1b[2J');
	});
});

describe('what is no package', () => {
	test('nothing at all', async () => {
		expect((await failure(Buffer.alloc(0))).code).toBe('PACKAGE_EMPTY');
	});

	test.each([1, 3, 21, 22, 4096, 100_000])('%i bytes of something else', async size => {
		expect((await failure(Buffer.alloc(size, 'no zip '))).code).toBe('PACKAGE_NOT_A_ZIP');
	});

	test('a zip without Update.zip', async () => {
		expect((await failure(await zipBytes({'readme.txt': 'x'}))).code).toBe('UPDATE_ZIP_MISSING');
		expect((await failure(await zipBytes({}))).code).toBe('UPDATE_ZIP_MISSING');
	});

	test('a package that was unpacked and zipped again says so', async () => {
		const error = await failure(await zipBytes({'DataMiner 10.6/Update.zip': await zipBytes(fullContent)}));
		expect(error.code).toBe('UPDATE_ZIP_MISSING');
		expect(error.message).toContain('DataMiner 10.6');
	});

	test('two Update.zip', async () => {
		const error = await failure(
			renamed(await packageBytes({outer: {'XPDATE.ZIP': 'x'}}), 'XPDATE.ZIP', 'UPDATE.ZIP'),
		);
		expect(error.code).toBe('PACKAGE_DAMAGED');
	});
});

describe.each(['stored', 'deflated'] as const)('a package with a %s Update.zip', updateZip => {
	test('cut off anywhere is never opened', async () => {
		const bytes = await packageBytes({updateZip});
		const folders = await packageFolders();
		const seen = new Set<string>();
		for (let length = 1; length < bytes.length; length += length > bytes.length - 400 ? 1 : 13) {
			const path = await folders.write(bytes.subarray(0, length));
			seen.add((await failureAt(path, {temporaryFolder: folders.temporary})).code);
		}

		expect(seen).toContain('PACKAGE_CUT_OFF');
		expect(
			[...seen].every(code => ['PACKAGE_CUT_OFF', 'PACKAGE_DAMAGED', 'PACKAGE_NOT_A_ZIP'].includes(code)),
		).toBe(true);
		expect(await folders.leftovers()).toEqual([]);
	});

	test('whose beginning is missing is damaged', async () => {
		const bytes = await packageBytes({updateZip});
		expect((await failure(bytes.subarray(100))).code).toMatch(/_DAMAGED$/);
	});

	test('with something behind its end is damaged', async () => {
		const bytes = Buffer.concat([await packageBytes({updateZip}), Buffer.from('<html>')]);
		const error = await failure(bytes);
		expect(error.code).toBe('PACKAGE_DAMAGED');
		expect(error.message).toContain('something follows');
	});

	test('whose Update.zip is no zip', async () => {
		expect((await failure(await packageBytes({updateZip, inner: Buffer.from('not a zip')}))).code).toBe(
			'UPDATE_ZIP_DAMAGED',
		);
		expect((await failure(await packageBytes({updateZip, inner: Buffer.alloc(0)}))).code).toBe(
			'UPDATE_ZIP_DAMAGED',
		);
	});

	test('whose Update.zip is cut off', async () => {
		const inner = await zipBytes(fullContent);
		const error = await failure(await packageBytes({updateZip, inner: inner.subarray(0, inner.length - 30)}));
		expect(error.code).toBe('UPDATE_ZIP_DAMAGED');
		expect(error.message).toContain('cut off');
	});

	test('whose UpdateContent.txt does not match its checksum', async () => {
		const inner = lying(await zipBytes(fullContent), 'UpdateContent.txt', {crc: 1});
		const error = await failure(await packageBytes({updateZip, inner}));
		expect(error.code).toBe('UPDATE_ZIP_DAMAGED');
		expect(error.message).toContain('checksum');
	});

	test('whose UpdateContent.txt is larger or smaller than it claims', async () => {
		for (const size of [1, 100_000]) {
			const inner = lying(await zipBytes(fullContent), 'UpdateContent.txt', {size});
			expect((await failure(await packageBytes({updateZip, inner}))).code).toBe('UPDATE_ZIP_DAMAGED');
		}
	});

	test('that is encrypted', async () => {
		const encrypted = {flags: 0x0801};
		expect((await failure(lying(await packageBytes({updateZip}), 'Update.zip', encrypted))).code).toMatch(
			/ENCRYPTED|DAMAGED/,
		);
		const inner = lying(await zipBytes(fullContent), 'UpdateContent.txt', encrypted);
		expect((await failure(await packageBytes({updateZip, inner}))).code).toBe('PACKAGE_ENCRYPTED');
		const strong = lying(await packageBytes({updateZip}), 'Update.zip', {flags: 0x0841});
		expect((await failure(strong)).code).toBe('PACKAGE_ENCRYPTED');
	});

	test('that is compressed in an unknown way', async () => {
		const inner = lying(await zipBytes(fullContent), 'UpdateContent.txt', {method: 93});
		expect((await failure(await packageBytes({updateZip, inner}))).code).toBe('PACKAGE_COMPRESSION');
	});

	test('whose file does not begin where the directory says', async () => {
		const bytes = lying(await packageBytes({updateZip}), 'Update.zip', {offset: 7});
		expect((await failure(bytes)).code).toBe('PACKAGE_DAMAGED');
		const beyond = lying(await packageBytes({updateZip}), 'Update.zip', {offset: 0x7f_ff_ff_ff});
		expect((await failure(beyond)).code).toBe('PACKAGE_DAMAGED');
	});

	test('whose Update.zip reaches beyond the end', async () => {
		const bytes = lying(await packageBytes({updateZip}), 'Update.zip', {size: 10_000, packedSize: 10_000});
		const error = await failure(bytes);
		expect(error.code).toBe('PACKAGE_DAMAGED');
		expect(error.message).toContain('beyond the end');
	});

	test('with too many entries, or too long names', async () => {
		const bytes = await packageBytes({updateZip});
		expect((await failure(bytes, {entries: 4})).code).toBe('PACKAGE_TOO_LARGE');
		expect((await failure(bytes, {nameLength: 20})).code).toBe('PACKAGE_TOO_LARGE');
		expect((await failure(bytes, {allNames: 50})).code).toBe('PACKAGE_TOO_LARGE');
	});

	test('that claims to unpack to more than any disk holds', async () => {
		const inner = lying(await zipBytes(fullContent), 'Files/SLNet.exe', {size: 0xff_ff_ff_f0});
		expect((await failure(await packageBytes({updateZip, inner}), {unpackedBytes: GiB})).code).toBe(
			'PACKAGE_TOO_LARGE',
		);
	});
});

describe('a compressed Update.zip', () => {
	const bomb = () => packageBytes({inner: Buffer.alloc(64 * 1024 ** 2), updateZip: 'deflated'});

	test('that honestly claims to be enormous is refused', async () => {
		const error = await failure(await bomb(), {temporaryBytes: 1024 ** 2});
		expect(error.code).toBe('PACKAGE_TOO_LARGE');
		expect(error.message).toContain('64.0 MiB');
	});

	test('that is larger than it claims is given up at the claim', async () => {
		const error = await failure(lying(await bomb(), 'Update.zip', {size: 5000}));
		expect(error.code).toBe('PACKAGE_DAMAGED');
		expect(error.message).toContain('larger than it claims');
	});

	test('that claims to be larger than it is', async () => {
		const bytes = await packageBytes({updateZip: 'deflated'});
		expect((await failure(lying(bytes, 'Update.zip', {size: 100_000}))).code).toBe('PACKAGE_DAMAGED');
	});

	test('that no disk could hold is refused for want of space', async () => {
		const content = await zipBytes(fullContent);
		const bytes = await zipBytes({'Update.zip': {content, zip64: true}});
		const at = directoryEntry(bytes, 'Update.zip');
		// The 64-bit size is the first field of the extra field, which may stand after others.
		const extra = bytes.indexOf(Buffer.from([1, 0]), at + 46 + 'Update.zip'.length);
		bytes.writeBigUInt64LE(2n ** 50n, extra + 4);
		const error = await failure(bytes, {
			temporaryBytes: Infinity,
			unpackedBytes: Infinity,
			ratio: Infinity,
		});
		expect(error.code).toBe('NO_TEMPORARY_SPACE');
		expect(error.message).toMatch(/are free/);
	});

	test('for which there is no temporary folder', async () => {
		const folders = await packageFolders();
		const path = await folders.write(await packageBytes({updateZip: 'deflated'}));
		const error = await failureAt(path, {temporaryFolder: join(folders.root, 'none')});
		expect(error.code).toBe('NO_TEMPORARY_SPACE');
	});

	test.skipIf(process.platform === 'win32')('for which the temporary folder is closed', async () => {
		const folders = await packageFolders();
		const path = await folders.write(await packageBytes({updateZip: 'deflated'}));
		await chmod(folders.root, 0o755);
		await chmod(folders.temporary, 0o500);
		const error = await asNobody(() => failureAt(path, {temporaryFolder: folders.temporary}));
		expect(error.code).toBe('NO_TEMPORARY_SPACE');
		expect(error.message).toContain('permission denied');
	});

	test('whose compressed bytes are garbage', async () => {
		const bytes = await packageBytes({updateZip: 'deflated'});
		const start = bytes.indexOf(deflateRawSync(await zipBytes(fullContent)).subarray(0, 16));
		bytes.fill(0xff, start + 20, start + 60);
		const error = await failure(bytes);
		expect(error.code).toBe('PACKAGE_DAMAGED');
		expect(error.cause).toBeDefined();
	});
});
