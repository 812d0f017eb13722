import {mkdir, mkdtemp, rm, symlink, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {browseFolder, listPackages} from '../../source/package/package-folder.ts';

let folder: string;

beforeEach(async () => {
	folder = await mkdtemp(path.join(tmpdir(), 'dms-upgrade-test-'));
});

afterEach(async () => {
	await rm(folder, {recursive: true, force: true});
});

test('folders come first, then packages by name; other files, hidden ones and dead links are left out', async () => {
	for (const name of ['b10.dmupgrade', 'b9.DMUPGRADE', 'notes.txt', '.hidden.dmupgrade', 'app.dmapp']) {
		await writeFile(path.join(folder, name), 'x');
	}

	await mkdir(path.join(folder, 'zone'));
	await mkdir(path.join(folder, 'folder.dmupgrade'));
	await symlink(path.join(folder, 'nowhere'), path.join(folder, 'dead.dmupgrade'));
	await symlink(path.join(folder, 'zone'), path.join(folder, 'link'));
	const {entries, parent} = await browseFolder(folder);
	expect(entries.map(({name, folder: isFolder}) => [name, isFolder])).toEqual([
		['folder.dmupgrade', true],
		['link', true],
		['zone', true],
		['app.dmapp', false],
		['b9.DMUPGRADE', false],
		['b10.dmupgrade', false],
	]);
	expect(parent).toBe(path.dirname(folder));
	expect((await listPackages(folder)).map(({file, size}) => [file, size])).toEqual([
		['app.dmapp', 1],
		['b9.DMUPGRADE', 1],
		['b10.dmupgrade', 1],
	]);
});

test('the top has no folder above', async () => {
	expect((await browseFolder(path.parse(folder).root)).parent).toBeUndefined();
});

test.each([
	['that is not there', 'missing', 'there is no such folder'],
	['that is a file', 'file', 'it is no folder'],
])('a folder %s is told with its reason', async (_, name, reason) => {
	await writeFile(path.join(folder, 'file'), '');
	await expect(browseFolder(path.join(folder, name))).rejects.toMatchObject({
		code: 'FOLDER_UNREADABLE',
		message: expect.stringContaining(reason) as string,
	});
});
