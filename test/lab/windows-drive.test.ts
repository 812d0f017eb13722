import {mkdtemp, mkdir, realpath, rm, symlink, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {BadPathError, WindowsDrive, fromSftpPath} from '../../source/lab/windows-drive.ts';

let folder: string;
let drive: WindowsDrive;

beforeAll(async () => {
	folder = await realpath(await mkdtemp(path.join(tmpdir(), 'lab-drive-')));
	drive = new WindowsDrive(path.join(folder, 'C'), String.raw`C:\Users\Administrator`);
	await mkdir(path.join(folder, 'C', 'Skyline DataMiner'), {recursive: true});
	await writeFile(path.join(folder, 'C', 'Skyline DataMiner', 'DMS.xml'), '<DMS/>');
	await writeFile(path.join(folder, 'secret'), 'outside');
	await symlink(folder, path.join(folder, 'C', 'link'));
	await symlink(path.join(folder, 'secret'), path.join(folder, 'C', 'file-link'));
});

afterAll(async () => rm(folder, {recursive: true}));

describe('a simulated drive', () => {
	test('finds names whatever their case', async () => {
		expect(await drive.resolve(String.raw`c:\SKYLINE dataminer\dms.XML`)).toBe(
			path.join(folder, 'C', 'Skyline DataMiner', 'DMS.xml'),
		);
	});

	test('starts relative paths at home', async () => {
		expect(await drive.resolve('a.txt')).toBe(path.join(folder, 'C', 'Users', 'Administrator', 'a.txt'));
	});

	test.each([
		String.raw`C:\..\secret`,
		String.raw`C:\Skyline DataMiner\..\..\secret`,
		String.raw`D:\x`,
		'C:x',
		String.raw`\\server\share`,
		String.raw`\\?\C:\x`,
		String.raw`\x`,
		String.raw`C:\link\secret`,
		String.raw`C:\LINK\secret`,
		String.raw`C:\file-link`,
		'..',
	])('refuses to leave by %s', async hostile => {
		await expect(drive.resolve(hostile)).rejects.toThrow(BadPathError);
	});

	test.each(['C:\\a|b', 'C:\\a\0b', 'C:\\nul', 'C:\\COM1.txt', 'C:\\dot.', 'C:\\blank ', 'C:\\a\\b:stream'])(
		'refuses a name that Windows has not: %j',
		async name => {
			await expect(drive.resolve(name)).rejects.toThrow(BadPathError);
		},
	);

	test('never answers a path outside its folder, whatever is asked for', async () => {
		const part = fc.constantFrom(
			'..',
			'.',
			'',
			'link',
			'file-link',
			'Skyline DataMiner',
			'a',
			'...',
			'. .',
			'..\0',
			'C:',
			'%2e%2e',
		);
		const separator = fc.constantFrom('/', '\\', '//', '\\\\');
		const hostile = fc
			.tuple(
				fc.constantFrom('', '/', 'C:', '/C:', '/c:', 'D:', '\\\\?\\C:'),
				fc.array(fc.tuple(separator, part)),
			)
			.map(([start, parts]) => start + parts.flat().join(''));
		await fc.assert(
			fc.asyncProperty(fc.oneof(hostile, fc.string(), fc.string({unit: 'binary'})), async text => {
				for (const read of [(raw: string) => raw, fromSftpPath]) {
					const resolved = await Promise.resolve()
						.then(async () => drive.resolve(read(text)))
						.catch((error: unknown) => {
							expect(error).toBeInstanceOf(BadPathError);
							return drive.folder;
						});
					expect(`${resolved}${path.sep}`.startsWith(`${drive.folder}${path.sep}`)).toBe(true);
					expect(resolved.split(path.sep)).not.toContain('..');
					expect(resolved).not.toMatch(/^[^\n]*[\\/]C[\\/](?:file-)?link(?:[\\/]|$)/);
				}
			}),
			{numRuns: 500},
		);
	});
});
