import {mkdir, mkdtemp, readFile, readdir, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import type {RunEvent} from '../../source/domain/run-event.ts';
import {type LabPackages, generateLabPackages} from '../../source/lab/packages.ts';
import {runProgram} from '../support/run-program.ts';

let folder: string;
let packages: LabPackages;

beforeAll(async () => {
	folder = await mkdtemp(path.join(tmpdir(), 'dms-upgrade-test-'));
	packages = await generateLabPackages(path.join(folder, 'packages'), {fillerBytes: 256 * 1024});
});

afterAll(async () => {
	await rm(folder, {recursive: true, force: true});
});

const quick = ['--lab=3', '--speed=1000', '--yes', '--json'];

function eventsOf(stdout: string): RunEvent[] {
	return stdout
		.trim()
		.split('\n')
		.map(line => JSON.parse(line) as RunEvent);
}

describe('an upgrade without a terminal', () => {
	test('writes one event a line, the last one the outcome, and exits with 0', async () => {
		const {exitCode, stdout, stderr} = await runProgram(['upgrade', packages.full, ...quick]);
		const events = eventsOf(stdout);
		expect(exitCode).toBe(0);
		// What whoever says --yes takes responsibility for is told, and kept.
		const told = JSON.parse(stderr) as {readonly code: string; readonly warnings: {readonly check: string}[]};
		expect(told).toMatchObject({code: 'WARNINGS', acknowledged: true});
		expect(events[0]).toMatchObject({
			type: 'run.started',
			acknowledged: told.warnings.map(({check}) => ({check, severity: 'warn'})),
		});
		expect(events.at(-1)).toMatchObject({type: 'run.finished', outcome: 'done'});
		expect(events.filter(({type}) => type === 'agent.verified')).toHaveLength(3);
	});

	test('tells people what happens in lines', async () => {
		const {exitCode, stdout} = await runProgram([
			'upload',
			packages.full,
			'--lab=1',
			'--speed=1000',
			'--yes',
		]);
		expect(exitCode).toBe(0);
		expect(stdout).toMatch(/^Cluster +Practice$/m);
		expect(stdout).toMatch(/DMA-01 +Success +The package was uploaded; its SHA-256 is right\.$/m);
		expect(stdout.trimEnd()).toMatch(/\nDone\.$/);
	});

	test('leaves no process and no temporary file behind', async () => {
		const own = path.join(folder, 'temporary');
		await rm(own, {recursive: true, force: true});
		await mkdir(own);
		await runProgram(['upload', packages.full, ...quick], {environment: {TMPDIR: own, TEMP: own, TMP: own}});
		// Node keeps compiled code of its own accord, for the next start.
		expect((await readdir(own)).filter(name => name !== 'node-compile-cache')).toEqual([]);
	});

	test.each<[string, string[], number]>([
		['a prerequisite that fails', ['--fault', 'prerequisite-fails@DMA-02B'], 2],
		['an upgrade that fails on one Agent', ['--fault', 'upgrade-fails@DMA-01'], 3],
		['an outcome that nobody knows', ['--option', 'AutomaticStartServices=false'], 6],
	])('%s decides the exit code', async (_, args, code) => {
		const {exitCode, stdout} = await runProgram(['upgrade', packages.full, ...quick, ...args]);
		expect(exitCode).toBe(code);
		expect(eventsOf(stdout).at(-1)?.type).toBe('run.finished');
	});

	test.each<[string, string[], number, string]>([
		['an Agent that cannot be reached', ['--fault', 'unreachable@DMA-01'], 5, 'AGENTS_UNREACHABLE'],
		['a backup-first policy for a new major', ['--failover-policy', 'BackupFirst'], 2, 'AGENTS_NOT_READY'],
	])('%s is refused before a run is created', async (_, args, code, failure) => {
		const environment = {XDG_STATE_HOME: await mkdtemp(path.join(folder, 'state-'))};
		const {exitCode, stdout, stderr} = await runProgram(['upgrade', packages.full, ...quick, ...args], {
			environment,
		});
		expect(exitCode).toBe(code);
		expect(stdout).toBe('');
		expect(JSON.parse(stderr)).toMatchObject({code: failure});
		expect((await runProgram(['runs', '--json'], {environment})).stdout).toBe('');
	});

	test.each<[string, NodeJS.Signals]>([
		['ctrl-c', 'SIGINT'],
		['a terminal that goes away', 'SIGHUP'],
	])('%s stops nothing: the run and its practice cluster go on', async (_, signal) => {
		let asked = false;
		const left = await runProgram(['upgrade', packages.full, ...quick], {
			onOutput(text, kill) {
				if (!asked && text.includes('launch.finished')) {
					asked = true;
					kill(signal);
				}
			},
		});
		expect(left.exitCode).toBe(6);
		expect(JSON.parse(left.stderr.trim().split('\n').at(-1) ?? '')).toMatchObject({code: 'RUN_GOES_ON'});
		const [started] = eventsOf(left.stdout);
		const run = started?.type === 'run.started' ? started.run : '';
		expect(left.stderr).toContain(`dms-upgrade attach ${run}`);
		const attached = await runProgram(['attach', run, '--json']);
		expect(attached.exitCode).toBe(0);
		expect(eventsOf(attached.stdout).at(-1)).toMatchObject({type: 'run.finished', outcome: 'done'});
	});

	test('--plan shows what would be done and does nothing', async () => {
		const {exitCode, stdout} = await runProgram([
			'upgrade',
			packages.full,
			'--lab=5',
			'--plan',
			'--failover-policy',
			'BackupFirst',
		]);
		expect(exitCode).toBe(0);
		expect(stdout).toMatch(/^Step 2 +switch over: DMA-04A → DMA-04B$/m);
		expect(stdout).not.toContain('Uploading');
	});
});

describe('wrong use ends with what, why and what to do', () => {
	test.each<[string, (own: string) => string[], string, number]>([
		['no cluster', own => ['upgrade', own, '--yes'], '--lab', 1],
		['no package', () => ['upgrade', '--lab'], 'PACKAGE', 1],
		['an unknown command', () => ['upgrad', 'x'], 'no command', 1],
		['an unknown flag', () => ['inspect', 'x', '--verfy'], '--verfy', 1],
		[
			'an option that does not exist',
			own => ['upgrade', own, ...quick, '--option', 'Fast=true'],
			'ExtractAllFiles',
			1,
		],
		['an option without a value', own => ['upgrade', own, ...quick, '--option', 'StopSNMP'], 'NAME=true', 1],
		[
			'a policy that does not exist',
			own => ['upgrade', own, ...quick, '--failover-policy', 'Main'],
			'BackupFirst',
			1,
		],
		['an Agent that does not exist', own => ['upgrade', own, ...quick, '--agent', 'DMA-99'], 'DMA-01', 1],
		['half a pair', own => ['upgrade', own, ...quick, '--agent', 'DMA-02A'], 'DMA-02B', 1],
		[
			'a fault that does not exist',
			own => ['upgrade', own, ...quick, '--fault', 'meteor@DMA-01'],
			'unreachable',
			1,
		],
		['too many Agents', own => ['upgrade', own, '--lab=9999', '--yes'], '200', 1],
		['nobody to ask', own => ['upgrade', own, '--lab=1', '--speed=1000'], '--yes', 1],
		['the dashboard without a terminal', () => ['--lab'], 'upgrade', 1],
	])('%s', async (_, args, hint, code) => {
		const {exitCode, stderr} = await runProgram(args(packages.full));
		expect(exitCode).toBe(code);
		expect(stderr).toContain(hint);
		expect(stderr).not.toMatch(/^\s+at /m);
	});

	test('with --json an error is one object with a stable code', async () => {
		const {exitCode, stdout, stderr} = await runProgram([
			'upgrade',
			path.join(folder, 'missing.dmupgrade'),
			...quick,
		]);
		expect(exitCode).toBe(1);
		expect(stdout).toBe('');
		expect(JSON.parse(stderr)).toMatchObject({
			code: expect.stringMatching(/^[A-Z_]+$/) as string,
			nextSteps: expect.any(Array) as string[],
		});
	});

	test('a file that is no package, and a package that was cut off, are refused before anything is started', async () => {
		const text = path.join(folder, 'text.dmupgrade');
		await writeFile(text, 'not a zip');
		for (const command of ['inspect', 'upgrade', 'upload']) {
			const {exitCode, stderr} = await runProgram([command, text, '--lab', '--yes']);
			expect([command, exitCode]).toEqual([command, 1]);
			expect(stderr).toContain('→');
		}
	});
});

describe('inspect', () => {
	test('prints what is in a package as one JSON object', async () => {
		const {exitCode, stdout} = await runProgram(['inspect', packages.full, '--json']);
		expect(exitCode).toBe(0);
		expect(JSON.parse(stdout)).toMatchObject({
			file: 'DataMiner 10.6.0.0-16840 Full Upgrade.dmupgrade',
			kind: 'full',
			version: '10.6.0.0',
			build: 16_840,
			label: 'release',
			executor: true,
			restarts: 'agent',
			problems: [],
		});
	});
});

test('inspect --verify says that every checksum is right, or names what is damaged and exits with 2', async () => {
	const sound = await runProgram(['inspect', packages.web, '--verify', '--json']);
	expect(sound.exitCode).toBe(0);
	expect(JSON.parse(sound.stdout)).toMatchObject({
		verified: {sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string},
		problems: [],
	});

	const damaged = path.join(folder, path.basename(packages.web));
	const bytes = await readFile(packages.web);
	const middle = Math.floor(bytes.length / 2);
	bytes.writeUInt8(bytes.readUInt8(middle) ^ 1, middle);
	await writeFile(damaged, bytes);
	const {exitCode, stdout} = await runProgram(['inspect', damaged, '--verify']);
	expect(exitCode).toBe(2);
	expect(stdout).toContain('ENTRY_DAMAGED');
});

describe('path', () => {
	test('names the steps on the way, as JSON', async () => {
		const {exitCode, stdout} = await runProgram(['path', '10.4.12', '10.6.2', '--json']);
		expect(exitCode).toBe(2);
		const {verdict, steps} = JSON.parse(stdout) as {
			verdict: string;
			steps: {kind: string; version?: string}[];
		};
		expect(verdict).toBe('block');
		expect(steps.map(({kind}) => kind)).toEqual(['upgrade', 'action', 'upgrade']);
		expect(steps.at(-1)?.version).toBe('10.6.2');
	});

	test.each([[['path']], [['path', '10.5.0']], [['path', 'ten', '10.5.0']], [['path', '1.2', '3', '4']]])(
		'%j is wrong use',
		async args => {
			const {exitCode, stderr} = await runProgram(args);
			expect(exitCode).toBe(1);
			expect(stderr).toContain('→');
		},
	);
});
