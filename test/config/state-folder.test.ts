import {chmod, mkdir, mkdtemp, rm, stat, symlink, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {prepareStateFolder, stateFolder} from '../../source/config/state-folder.ts';
import {asNobody} from '../support/as-nobody.ts';

describe('the state folder', () => {
	test.each<[NodeJS.Platform, Record<string, string>, string, string]>([
		['linux', {}, '/home/edith', '/home/edith/.local/state/dms-upgrade'],
		['linux', {XDG_STATE_HOME: '/var/state'}, '/home/edith', '/var/state/dms-upgrade'],
		['linux', {XDG_STATE_HOME: 'state'}, '/home/edith', '/home/edith/.local/state/dms-upgrade'],
		['linux', {XDG_STATE_HOME: ''}, '/home/edith', '/home/edith/.local/state/dms-upgrade'],
		['freebsd', {}, '/home/edith', '/home/edith/.local/state/dms-upgrade'],
		['darwin', {}, '/Users/edith', '/Users/edith/Library/Application Support/dms-upgrade'],
		['win32', {LOCALAPPDATA: 'D:\\Local'}, 'C:\\Users\\edith', 'D:\\Local\\dms-upgrade'],
		['win32', {}, 'C:\\Users\\edith', 'C:\\Users\\edith\\AppData\\Local\\dms-upgrade'],
		['win32', {LOCALAPPDATA: 'Local'}, 'C:\\Users\\edith', 'C:\\Users\\edith\\AppData\\Local\\dms-upgrade'],
	])('on %s with %j', (platform, environment, home, folder) => {
		expect(stateFolder({platform, environment, home})).toBe(folder);
	});
});

describe.skipIf(process.platform === 'win32')('preparing it', () => {
	let base: string;
	let folder: string;

	beforeEach(async () => {
		base = await mkdtemp(path.join(tmpdir(), 'dms-upgrade-test-'));
		folder = path.join(base, 'state', 'dms-upgrade');
	});

	afterEach(async () => {
		await chmod(base, 0o700);
		await rm(base, {recursive: true, force: true});
	});

	const mode = async () => (await stat(folder)).mode & 0o777;

	test('makes it for its owner alone', async () => {
		await prepareStateFolder(folder);
		expect(await mode()).toBe(0o700);
		await prepareStateFolder(folder);
		expect(await mode()).toBe(0o700);
	});

	test('takes the rights of others away from one that is there', async () => {
		await mkdir(folder, {recursive: true});
		await chmod(folder, 0o755);
		await prepareStateFolder(folder);
		expect(await mode()).toBe(0o700);
	});

	async function expectReason(reason: string): Promise<void> {
		await expect(prepareStateFolder(folder)).rejects.toMatchObject({
			code: 'STATE_FOLDER',
			folder,
			message: expect.stringContaining(reason) as string,
			nextSteps: [expect.stringContaining('XDG_STATE_HOME')],
		});
	}

	test.each<[string, () => Promise<unknown>]>([
		['is in its way', () => writeFile(path.join(base, 'state'), '')],
		[
			'is in its way',
			async () => {
				await mkdir(path.join(base, 'state'));
				await writeFile(folder, '');
			},
		],
		['a link that leads nowhere', () => symlink('nowhere', path.join(base, 'state'))],
		[
			'leads nowhere',
			async () => {
				await mkdir(path.join(base, 'state'));
				await symlink('nowhere', folder);
			},
		],
		['its links lead in a circle', () => symlink('state', path.join(base, 'state'))],
	])('tells why it cannot be used: %s', async (reason, spoil) => {
		await spoil();
		await expectReason(reason);
	});

	test('tells when the right to make it is missing', async () => {
		await chmod(base, 0o555);
		await asNobody(() => expectReason('permission denied'));
	});

	test('tells when it is there and may not be written', async () => {
		await prepareStateFolder(folder);
		for (const each of [base, path.dirname(folder)]) {
			await chmod(each, 0o755);
		}

		await chmod(folder, 0o500);
		if (process.geteuid?.() === 0) {
			await asNobody(() => expectReason('permission denied'));
		} else {
			await prepareStateFolder(folder);
			expect(await mode()).toBe(0o700);
		}
	});
});
