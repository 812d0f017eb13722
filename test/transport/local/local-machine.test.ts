import {randomBytes} from 'node:crypto';
import {chmod, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, afterEach, beforeAll, describe, expect, test} from 'vitest';
import {ConnectionLostError, FileOperationError} from '../../../source/agent/machine-errors.ts';
import {LocalMachine} from '../../../source/transport/local/local-machine.ts';
import {practiceWire} from '../../../source/transport/local/local-wire.ts';
import {eventually} from '../../support/eventually.ts';
import {describeMachine} from '../../support/machine-contract.ts';

describe('LocalMachine', () => {
	let folder: string;
	let drive: string;
	const machines: LocalMachine[] = [];

	beforeAll(async () => {
		folder = await mkdtemp(join(tmpdir(), 'dms-upgrade-local-'));
		drive = join(folder, 'C');
		await mkdir(drive);
		await mkdir(join(folder, 'programs'));
		await symlink('/bin/sh', join(folder, 'programs', 'sh'));
	});
	afterEach(async () => {
		await Promise.all(machines.splice(0).map(machine => machine.close()));
	});
	afterAll(async () => {
		await rm(folder, {recursive: true, force: true});
	});

	function aMachine(settledFolder?: string): LocalMachine {
		const wire = practiceWire(folder, process.env);
		const machine = new LocalMachine({
			address: 'this server',
			wire,
			...(settledFolder !== undefined && {settledFolder}),
		});
		machines.push(machine);
		return machine;
	}

	const sh = (script: string) => ({program: 'sh', args: ['-c', script]});

	describeMachine({aMachine: () => aMachine(), drive: () => drive});

	describe('running programs', () => {
		test('one that is not there is an answer, as in a shell', async () => {
			const {exitCode, stderr} = await aMachine().run({program: 'C:\\none\\Nothing.exe', args: []});
			expect([exitCode, stderr]).toEqual([1, 'Nothing.exe is not there.']);
		});

		test('one that may not be run is an error', async () => {
			await writeFile(join(folder, 'programs', 'text.exe'), 'no program', {mode: 0o644});
			const running = aMachine().run({program: 'text.exe', args: []});
			await expect(running).rejects.toMatchObject({code: 'FILE_DENIED'});
		});

		test('keeps no more output than 4 MiB', async () => {
			const {stdout, exitCode} = await aMachine().run(sh('head -c 9000000 /dev/zero'));
			expect([stdout.length, exitCode]).toEqual([4 * 1024 * 1024, 0]);
		});

		test('arguments arrive as they are', async () => {
			const args = ['a b', '"', '$HOME', '%PATH%', '', 'ö', '&|<>^'];
			const {stdout} = await aMachine().run({
				program: 'sh',
				args: ['-c', 'printf "%s\\n" "$@"', 'sh', ...args],
			});
			expect(stdout.split('\n').slice(0, -1)).toEqual(args);
		});

		test('is not held up by what a program leaves running', async () => {
			const {stdout, exitCode} = await aMachine().run(sh('sleep 30 & echo started'));
			expect([stdout, exitCode]).toEqual(['started\n', 0]);
		});

		test('reads what is not ASCII by the code page that chcp.com tells, asked once', async () => {
			const asked = join(folder, 'asked');
			await writeFile(
				join(folder, 'programs', 'chcp.com'),
				`#!/bin/sh\necho x >> ${asked}\necho 'Aktive Codepage: 850.'\n`,
			);
			await chmod(join(folder, 'programs', 'chcp.com'), 0o755);
			const machine = aMachine();
			await machine.run(sh('echo plain'));
			const written = sh(String.raw`printf 'gr\224\341e'; printf '\201' >&2`);
			expect(await machine.run(written)).toMatchObject({stdout: 'größe', stderr: 'ü'});
			await machine.run(written);
			expect(await readFile(asked, 'utf8')).toBe('x\n');
			await rm(join(folder, 'programs', 'chcp.com'));
		});
	});

	describe('paths', () => {
		test('lead nowhere but to drive C:', async () => {
			await writeFile(join(folder, 'outside'), 'secret');
			const machine = aMachine();
			for (const path of [
				'C:\\..\\outside',
				'C:\\a\\..\\..\\outside',
				'C:/../outside',
				'..\\outside',
				'/etc/passwd',
				'D:\\x',
				'\\\\server\\share\\x',
				'C:\\a\0b',
			]) {
				await expect(machine.readFile(path), path).rejects.toThrow(FileOperationError);
				await expect(machine.remove(path), path).rejects.toMatchObject({code: 'FILE_DENIED'});
			}

			expect(await readFile(join(folder, 'outside'), 'utf8')).toBe('secret');
		});

		test('do not care for capital letters', async () => {
			await mkdir(join(drive, 'Skyline DataMiner', 'WebPages'), {recursive: true});
			await writeFile(join(drive, 'Skyline DataMiner', 'WebPages', 'ConnectionSettings.txt'), 'found');
			const found = await aMachine().readFile('c:\\skyline dataminer\\Webpages\\connectionsettings.TXT');
			expect(String(found)).toBe('found');
		});

		test('of this computer are in no message', async () => {
			await symlink('/dev/full', join(drive, 'full'));
			const error: unknown = await aMachine()
				.upload(join(folder, 'outside'), 'C:\\full', {stallMs: 1000})
				.catch((caught: unknown) => caught);
			expect(error).toMatchObject({code: 'DISK_FULL', path: 'C:\\full'});
			expect(String(error)).not.toContain(folder);
		});
	});

	describe('an upload of a file that nobody writes to any more', () => {
		test('takes no space and no time: it is the same file', async () => {
			const settled = join(folder, 'settled');
			await mkdir(settled, {recursive: true});
			const content = randomBytes(3 * 1024 * 1024);
			await writeFile(join(settled, 'package'), content);
			const progress: number[] = [];
			await aMachine(settled).upload(join(settled, 'package'), 'C:\\linked', {
				stallMs: 1000,
				onProgress: bytes => progress.push(bytes),
			});
			const [there, here] = await Promise.all([stat(join(settled, 'package')), stat(join(drive, 'linked'))]);
			expect(here.ino).toBe(there.ino);
			expect(progress).toEqual([content.length]);
			await rm(join(settled, 'package'));
			expect((await readFile(join(drive, 'linked'))).equals(content)).toBe(true);
		});

		test('is a copy for any other file', async () => {
			await writeFile(join(folder, 'other'), 'content');
			const machine = aMachine(join(folder, 'settled'));
			await machine.upload(join(folder, 'settled', '..', 'other'), 'C:\\copied', {stallMs: 1000});
			await writeFile(join(folder, 'other'), 'changed');
			expect(await readFile(join(drive, 'copied'), 'utf8')).toBe('content');
		});
	});

	test('a closed machine stays closed, and its programs are killed', async () => {
		const machine = aMachine();
		let pid = 0;
		const running = machine.run(sh('echo $$; exec sleep 300'), {onOutput: text => (pid = Number(text))});
		const outcome = expect(running).rejects.toThrow(ConnectionLostError);
		await eventually(() => pid > 0);
		await machine.close();
		await outcome;
		await eventually(() => {
			try {
				process.kill(pid, 0);
				return false;
			} catch {
				return true;
			}
		});
		await expect(machine.stat('C:\\')).rejects.toThrow(ConnectionLostError);
		await machine.close();
	});
});
