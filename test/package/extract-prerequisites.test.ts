import {mkdir, readFile, readdir, symlink, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {UserError} from '../../source/domain/user-error.ts';
import {openPackage} from '../../source/package/open-package.ts';
import type {PackageLimits} from '../../source/package/package-limits.ts';
import {
	type PackageFolders,
	type PackageSpec,
	fullContent,
	packageBytes,
	packageFolders,
} from '../support/package-files.ts';
import {lying, renamed, zipBytes} from '../support/zip-bytes.ts';

/** Opens, extracts and closes; resolves with the code of what went wrong. */
async function extract(
	folders: PackageFolders,
	spec: PackageSpec,
	{limits = {}, signal}: {limits?: Partial<PackageLimits>; signal?: AbortSignal} = {},
): Promise<string | undefined> {
	const path = await folders.write(await packageBytes(spec));
	const opened = await openPackage(path, {temporaryFolder: folders.temporary, limits});
	try {
		await opened.extractPrerequisites(folders.into, signal);
		return undefined;
	} catch (error) {
		if (!(error instanceof UserError)) {
			throw error;
		}

		return error.code;
	} finally {
		await opened.close();
	}
}

describe.each(['stored', 'deflated'] as const)('from a %s Update.zip', updateZip => {
	test('come the tests and the executor, and nothing else', async () => {
		const folders = await packageFolders();
		const inner = {...fullContent, 'Prerequisites/executor/en/texts.json': '{}'};
		expect(await extract(folders, {inner, updateZip})).toBeUndefined();
		expect(await folders.leftovers()).toEqual(
			[
				'into',
				'into/VerifyClusterPorts.dll',
				'into/VerifyOSVersion.dll',
				'into/executor',
				'into/executor/StandaloneBpaExecutor.exe',
				'into/executor/en',
				'into/executor/en/texts.json',
			].sort(),
		);
		expect(await readFile(join(folders.into, 'VerifyClusterPorts.dll'), 'utf8')).toBe('ports');
	});
});

test('backslashes divide and the case of the folders does not matter', async () => {
	const folders = await packageFolders();
	const inner = renamed(
		await zipBytes({'PREREQUISITES/Executor/standalonebpaexecutor.exe': 'program'}),
		'PREREQUISITES/Executor/standalonebpaexecutor.exe',
		'PREREQUISITES\\Executor\\standalonebpaexecutor.exe',
	);
	expect(await extract(folders, {inner})).toBeUndefined();
	expect(await readFile(join(folders.into, 'executor', 'standalonebpaexecutor.exe'), 'utf8')).toBe('program');
});

test('a package without prerequisites makes an empty folder', async () => {
	const folders = await packageFolders();
	expect(await extract(folders, {inner: {'UpdateContent.txt': 'Lock'}})).toBeUndefined();
	expect(await readdir(folders.into)).toEqual([]);
});

test('one escaping name anywhere and nothing is written', async () => {
	for (const [from, to] of [
		['Prerequisites/AA/AA/AA/evil.dll', 'Prerequisites/../../../evil.dll'],
		['Prerequisites/AA/AA/AA/evil.dll', 'Prerequisites\\..\\..\\..\\evil.dll'],
		['Files/AA/AA/AA/evil.dll', 'Files/../../../evil.dll'],
		['Xevil.dll', '/evil.dll'],
		['XXPrerequisites/evil.dll', 'C:Prerequisites/evil.dll'],
		['Prerequisites/aXstream.dll', 'Prerequisites/a:stream.dll'],
	] as const) {
		const folders = await packageFolders();
		const inner = renamed(await zipBytes({...fullContent, [from]: 'x'}), from, to);
		expect([to, await extract(folders, {inner})]).toEqual([to, 'ENTRY_NAME_ESCAPES']);
		expect(await folders.leftovers()).toEqual([]);
	}
});

test('names that Windows does not allow are refused too', async () => {
	const folders = await packageFolders();
	const inner = {...fullContent, 'Prerequisites/con.dll': 'x'};
	expect(await extract(folders, {inner})).toBe('ENTRY_NAME_ESCAPES');
	expect(await folders.leftovers()).toEqual([]);
});

test('the same file twice, or a file as a folder, is refused', async () => {
	for (const name of ['PREREQUISITES/verifyosversion.DLL', 'Prerequisites/VerifyOSVersion.dll/inside.dll']) {
		const folders = await packageFolders();
		expect(await extract(folders, {inner: {...fullContent, [name]: 'x'}})).toBe('UPDATE_ZIP_DAMAGED');
		expect(await folders.leftovers()).toEqual([]);
	}
});

test('a test with a wrong checksum leaves nothing behind, nor folders that were made for it', async () => {
	const folders = await packageFolders();
	const inner = lying(await zipBytes(fullContent), 'Prerequisites/VerifyOSVersion.dll', {crc: 5});
	expect(await extract(folders, {inner})).toBe('UPDATE_ZIP_DAMAGED');
	expect(await folders.leftovers()).toEqual([]);
});

test('a folder that was there stays there, empty', async () => {
	const folders = await packageFolders();
	await mkdir(folders.into);
	const inner = lying(await zipBytes(fullContent), 'Prerequisites/VerifyOSVersion.dll', {crc: 5});
	expect(await extract(folders, {inner})).toBe('UPDATE_ZIP_DAMAGED');
	expect(await folders.leftovers()).toEqual(['into']);
});

test('a folder with something in it is left alone', async () => {
	const folders = await packageFolders();
	await mkdir(folders.into);
	await writeFile(join(folders.into, 'mine.txt'), 'mine');
	await symlink(folders.root, join(folders.into, 'executor'));
	expect(await extract(folders, {})).toBe('PREREQUISITES_NOT_WRITTEN');
	expect((await readdir(folders.into)).sort()).toEqual(['executor', 'mine.txt']);
});

test('a file in the place of the folder is left alone', async () => {
	const folders = await packageFolders();
	await writeFile(folders.into, 'mine');
	expect(await extract(folders, {})).toBe('PREREQUISITES_NOT_WRITTEN');
	expect(await readFile(folders.into, 'utf8')).toBe('mine');
});

test('too many files and too many bytes are refused before anything is written', async () => {
	for (const limits of [{prerequisiteFiles: 2}, {prerequisiteBytes: 5}]) {
		const folders = await packageFolders();
		expect(await extract(folders, {}, {limits})).toBe('PACKAGE_TOO_LARGE');
		expect(await folders.leftovers()).toEqual([]);
	}
});

test('a test that is larger than it claims is given up', async () => {
	const folders = await packageFolders();
	const inner = lying(
		await zipBytes({...fullContent, 'Prerequisites/Bomb.dll': Buffer.alloc(8 * 1024 ** 2)}),
		'Prerequisites/Bomb.dll',
		{size: 100},
	);
	expect(await extract(folders, {inner})).toBe('UPDATE_ZIP_DAMAGED');
	expect(await folders.leftovers()).toEqual([]);
});

test('an abort rejects with its reason and leaves nothing', async () => {
	const folders = await packageFolders();
	const reason = new Error('enough');
	await expect(extract(folders, {}, {signal: AbortSignal.abort(reason)})).rejects.toBe(reason);
	expect(await folders.leftovers()).toEqual([]);
});
