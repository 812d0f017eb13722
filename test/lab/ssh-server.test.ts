import {execFile} from 'node:child_process';
import {existsSync} from 'node:fs';
import {mkdtemp, readFile, rm, stat, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {promisify} from 'node:util';
import {createHash} from 'node:crypto';
import type ssh2 from 'ssh2';
import {describe, expect, onTestFinished, test} from 'vitest';
import {generateKeyPair} from '../../source/lab/ssh-keys.ts';
import type {KnownAgent} from '../../source/config/inventory.ts';
import {aLab, aStranger, eventsOn, untilEvent} from '../support/a-lab.ts';

const run = promisify(execFile);
const openSsh =
	existsSync('/usr/bin/ssh') && existsSync('/usr/bin/sftp') && existsSync('/usr/bin/ssh-keyscan');

describe('logging in', () => {
	test('lets the key of the inventory in and shows the host key of the inventory', async () => {
		const lab = await aLab();
		let offered = '';
		const stranger = await aStranger(lab.inventory.agents[0]!, {
			hostVerifier: (key: Buffer) => {
				offered = `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
				return true;
			},
		});
		expect((await stranger.run('echo hi')).stdout).toBe('hi\r\n');
		expect(offered).toBe(lab.inventory.agents[0]!.hostKey);
	});

	test('refuses another key, another user and passwords', async () => {
		const lab = await aLab();
		const [agent] = lab.inventory.agents;
		const other = generateKeyPair('a stranger');
		await expect(aStranger(agent!, {privateKey: other.privateKey})).rejects.toThrow(/authentication/i);
		await expect(aStranger(agent!, {username: 'root'})).rejects.toThrow(/authentication/i);
		const withPassword = {password: 'x', privateKey: undefined} as unknown as ssh2.ConnectConfig;
		await expect(aStranger(agent!, withPassword)).rejects.toThrow(/authentication/i);
		expect(eventsOn(lab, 'DMA-01')).toEqual(['login-refused Administrator', 'login-refused root']);
	});

	test('keeps the client key to its owner', async () => {
		const lab = await aLab();
		expect((await stat(lab.inventory.agents[0]!.identityFile)).mode & 0o777).toBe(0o600);
		expect((await stat(lab.folder)).mode & 0o777).toBe(0o700);
	});

	test('gives every Agent a key and an address of its own', async () => {
		const lab = await aLab({agents: 3});
		const doors = lab.inventory.agents.map(agent => `${agent.address}:${agent.port}`);
		expect(new Set(lab.inventory.agents.map(agent => agent.hostKey)).size).toBe(3);
		expect(new Set(doors).size).toBe(3);
	});
});

describe('running programs', () => {
	test('has many commands on one connection, also at once', async () => {
		const lab = await aLab();
		const stranger = await aStranger(lab.inventory.agents[0]!);
		const answers = await Promise.all(
			Array.from({length: 20}, async (_, index) => stranger.run(`echo number ${index}`)),
		);
		expect(answers.map(answer => answer.stdout)).toEqual(
			Array.from({length: 20}, (_, index) => `number ${index}\r\n`),
		);
	});

	test('kills a program with its connection', async () => {
		const lab = await aLab({speed: 1});
		const stranger = await aStranger(lab.inventory.agents[0]!);
		void stranger.run(
			String.raw`"C:\Program Files\Skyline Communications\Skyline Taskbar Utility\SLTaskbarUtility.exe" -stop`,
		);
		await untilEvent(lab, 'service-stopping');
		stranger.close();
		await untilEvent(lab, 'program-ended');
		expect(lab.events.at(-1)).toMatchObject({event: 'program-ended', detail: {exitCode: 0xc0_00_01_3a}});
	});

	test('says what Windows says of a program that is not there', async () => {
		const lab = await aLab();
		const stranger = await aStranger(lab.inventory.agents[0]!);
		const unknown = await stranger.run('rm -rf /');
		expect(unknown).toMatchObject({exitCode: 1, stdout: ''});
		expect(unknown.stderr).toContain("'rm' is not recognized as an internal or external command");
		const missing = await stranger.run(
			String.raw`"C:\Program Files (x86)\Skyline Communications\Skyline Taskbar Utility\SLTaskbarUtility.exe" -help`,
		);
		expect(missing).toMatchObject({exitCode: 1, stderr: 'The system cannot find the path specified.\r\n'});
	});
});

describe('PowerShell as the shell', () => {
	test('runs a called program and tells its exit code only when asked to', async () => {
		const lab = await aLab({shell: 'powershell'});
		const stranger = await aStranger(lab.inventory.agents[0]!);
		expect((await stranger.run('echo %ComSpec%')).stdout).toBe('%ComSpec%\r\n');
		expect((await stranger.run("& 'sc.exe' 'queryex' 'SLNet'")).stdout).toContain(
			'STATE              : 4  RUNNING',
		);
		expect((await stranger.run("& 'sc.exe' 'queryex' 'Nothing'")).exitCode).toBe(1);
		expect((await stranger.run("& 'sc.exe' 'queryex' 'Nothing'; exit $LASTEXITCODE")).exitCode).toBe(1060);
		const path = String.raw`C:\Skyline DataMiner\DMS.xml`;
		const hash = await stranger.run(`& 'certutil.exe' '-hashfile' '${path}' 'SHA256'`);
		expect(hash.stdout).toMatch(/^[0-9a-f]{64}\r$/m);
	});
});

describe.skipIf(!openSsh)("OpenSSH's own clients", () => {
	async function openSshOptions(agent: KnownAgent): Promise<readonly string[]> {
		const folder = await mkdtemp(path.join(tmpdir(), 'lab-ssh-'));
		onTestFinished(async () => rm(folder, {recursive: true}));
		const known = path.join(folder, 'known_hosts');
		const scanned = await run('ssh-keyscan', ['-p', String(agent.port), '-t', 'ed25519', agent.address]);
		await writeFile(known, scanned.stdout);
		const options = [
			'BatchMode=yes',
			`UserKnownHostsFile=${known}`,
			'StrictHostKeyChecking=yes',
			'IdentitiesOnly=yes',
		];
		return ['-F', 'none', '-i', agent.identityFile, ...options.flatMap(option => ['-o', option])];
	}

	test('ssh runs a program and gets its output and exit code', async () => {
		const lab = await aLab();
		const [agent] = lab.inventory.agents;
		const options = [
			...(await openSshOptions(agent!)),
			'-p',
			String(agent!.port),
			`${agent!.user}@${agent!.address}`,
		];
		const {stdout} = await run('ssh', ['-n', ...options, 'sc.exe queryex SLDataMiner']);
		expect(stdout).toMatch(/STATE {14}: 4 {2}RUNNING[\s\S]+PID {16}: \d+/);
		await expect(run('ssh', ['-n', ...options, 'nothing'])).rejects.toMatchObject({code: 1});
	});

	test('sftp uploads, resumes, renames, lists and downloads', async () => {
		const lab = await aLab();
		const [agent] = lab.inventory.agents;
		const folder = await mkdtemp(path.join(tmpdir(), 'lab-sftp-'));
		onTestFinished(async () => rm(folder, {recursive: true}));
		const content = Buffer.alloc(700_000, 'dataminer ');
		await writeFile(path.join(folder, 'package'), content);
		await writeFile(path.join(folder, 'first'), content.subarray(0, 100_000));
		const batch = path.join(folder, 'batch');
		await writeFile(
			batch,
			[
				'mkdir "/C:/Staging area"',
				'cd "/C:/Staging area"',
				`put ${folder}/first package.partial`,
				`reput ${folder}/package package.partial`,
				'rename package.partial package',
				`get package ${folder}/back`,
				'ls -l "/C:/Skyline DataMiner"',
				'rm package',
				'rmdir "/C:/Staging area"',
			].join('\n'),
		);
		const options = [...(await openSshOptions(agent!)), '-P', String(agent!.port), '-b', batch];
		const {stdout} = await run('sftp', [...options, `${agent!.user}@${agent!.address}`]);
		expect(stdout).toContain('DataMiner.xml');
		expect(content.equals(await readFile(path.join(folder, 'back')))).toBe(true);
	});
});
