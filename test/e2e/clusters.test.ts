import {mkdir, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, onTestFinished, test} from 'vitest';
import {parseClusterFile} from '../../source/config/cluster-file.ts';
import {clusterFileText} from '../../source/config/cluster-file-text.ts';
import {type Lab, startLab} from '../../source/lab/lab.ts';
import {runProgram} from '../support/run-program.ts';
import {TestTerminal, program} from '../support/terminal.ts';

let folder: string;
let lab: Lab;
let environment: Record<string, string>;

beforeAll(async () => {
	folder = await mkdtemp(path.join(tmpdir(), 'dms-upgrade-test-'));
	lab = await startLab({agents: 3, pairs: 1, speed: 1000, fillerBytes: 64 * 1024});
	environment = {XDG_CONFIG_HOME: path.join(folder, 'config'), XDG_STATE_HOME: path.join(folder, 'state')};
	await mkdir(path.join(folder, 'config', 'dms-upgrade'), {recursive: true});
	const incomplete = {
		cluster: 'Other site',
		speed: 1,
		sshConfig: path.join(folder, 'ssh_config'),
		agents: [{name: 'X', address: 'x.example'}],
	};
	await writeFile(
		path.join(folder, 'config', 'dms-upgrade', 'clusters.yaml'),
		clusterFileText([lab.inventory, incomplete]),
	);
	await writeFile(path.join(folder, 'lab.json'), JSON.stringify(lab.inventory));
});

afterAll(async () => {
	await lab.stop();
	await rm(folder, {recursive: true, force: true});
});

const run = (...args: string[]) => runProgram(args, {environment});

function onTerminal(...args: string[]): TestTerminal {
	const terminal = new TestTerminal(process.execPath, [program, ...args], {environment});
	onTestFinished(() => terminal.kill('SIGKILL'));
	return terminal;
}

describe.skipIf(process.platform !== 'linux')('with several clusters of one’s own', () => {
	test('a menu asks which one the dashboard opens on', async () => {
		const terminal = onTerminal();
		await terminal.until('Which cluster?');
		terminal.type('jk\r');
		await terminal.until(/DMA-01 +Running/);
		expect(terminal.lines[0]).toContain('Practice');
		terminal.type('q');
		expect(await terminal.exit()).toBe(0);
		expect(terminal.inAlternateScreen).toBe(false);
	});

	test('one that is named is opened without asking', async () => {
		const terminal = onTerminal('--cluster', 'Practice');
		await terminal.until(/DMA-01 +Running/);
		terminal.type('q');
		expect(await terminal.exit()).toBe(0);
	});

	test('leaving the menu leaves the terminal as it was', async () => {
		const terminal = onTerminal();
		await terminal.until('Which cluster?');
		terminal.type('q');
		expect(await terminal.exit()).toBe(0);
		expect(terminal.inAlternateScreen).toBe(false);
	});

	test('why the chosen one cannot be opened is said on the terminal', async () => {
		const terminal = onTerminal();
		await terminal.until('Which cluster?');
		terminal.type('j\r');
		expect(await terminal.exit()).toBe(1);
		expect(terminal.raw).toContain('ssh_config does not exist');
		expect(terminal.inAlternateScreen).toBe(false);
	});

	test('a command on a terminal asks by number or name', async () => {
		const terminal = onTerminal('agents');
		await terminal.until('Number or name (1-2):');
		terminal.type('nobody\r');
		await terminal.until(screen => screen.split('Number or name').length === 3);
		terminal.type('1\r');
		await terminal.until('DMA-02B');
		expect(await terminal.exit()).toBe(0);
	});

	test('without a terminal the names are told', async () => {
		const {exitCode, stdout, stderr} = await run('agents', '--json');
		expect({exitCode, stdout}).toEqual({exitCode: 1, stdout: ''});
		expect(JSON.parse(stderr)).toMatchObject({
			code: 'WRONG_USE',
			nextSteps: ['Name one with --cluster NAME: Practice, Other site.'],
		});
	});

	test('the Agents of the named one are told, as one JSON object', async () => {
		const {exitCode, stdout, stderr} = await run('agents', '--cluster', 'Practice', '--json');
		expect({exitCode, stderr}).toEqual({exitCode: 0, stderr: ''});
		expect(JSON.parse(stdout)).toMatchObject({
			cluster: 'Practice',
			agents: [{name: 'DMA-01'}, {name: 'DMA-02A', role: 'online'}, {name: 'DMA-02B', role: 'offline'}],
			problems: [],
		});
	});

	test('check and upgrade go by the same file', async () => {
		const check = await run('check', lab.packages.full, '--cluster', 'Practice', '--json');
		expect(JSON.parse(check.stdout)).toMatchObject({cluster: 'Practice'});
		const plan = await run('upgrade', lab.packages.full, '--cluster', 'Practice', '--plan', '--json');
		expect(JSON.parse(plan.stdout)).toMatchObject({cluster: 'Practice'});
	});
});

test('without any cluster the file that is missing is named, and what to write into it', async () => {
	const empty = {XDG_CONFIG_HOME: path.join(folder, 'empty')};
	const {exitCode, stderr} = await runProgram(['agents'], {environment: empty});
	expect(exitCode).toBe(1);
	if (process.platform === 'linux') {
		expect(stderr).toContain(path.join(folder, 'empty', 'dms-upgrade', 'clusters.yaml'));
	}

	expect(stderr).toContain('--lab');
	const [example] = /clusters: \{.*\}/.exec(stderr) ?? [''];
	expect(parseClusterFile(example, 'example')).toHaveLength(1);
});

test('one Agent tells who the others are; what is printed and what is written is read again', async () => {
	const config = path.join(folder, 'lab.json');
	const printed = await run('agents', '--discover', 'DMA-01', '--config', config);
	expect(printed).toMatchObject({exitCode: 0, stderr: ''});
	expect(parseClusterFile(printed.stdout, 'printed')).toEqual([lab.inventory]);
	const file = path.join(folder, 'new', 'clusters.yaml');
	expect(await run('agents', '--discover', 'DMA-01', '--config', config, '--write', file)).toMatchObject({
		exitCode: 0,
	});
	expect(await readFile(file, 'utf8')).toBe(printed.stdout);
	expect(await run('agents', '--config', file)).toMatchObject({exitCode: 0, stderr: ''});
	const again = await run('agents', '--discover', 'DMA-01', '--config', config, `--write=${file}`, '--json');
	expect(again.exitCode).toBe(1);
	expect(JSON.parse(again.stderr)).toMatchObject({code: 'CLUSTER_EXISTS'});
});

describe('where nothing can switch a Failover pair over', () => {
	const upgrade = async (...args: string[]) => {
		const file = path.join(folder, 'no-switch.json');
		const agents = lab.inventory.agents.map(agent => ({...agent, switchOver: undefined}));
		await writeFile(file, JSON.stringify({...lab.inventory, agents}));
		return run('upgrade', lab.packages.full, '--config', file, '--failover-policy=BackupFirst', ...args);
	};

	test('backup first is refused in the plan, with exit code 2, and no Agent is touched', async () => {
		const before = lab.events.length;
		const {exitCode, stdout, stderr} = await upgrade('--yes', '--json');
		expect({exitCode, stdout}).toEqual({exitCode: 2, stdout: ''});
		const {message, nextSteps} = JSON.parse(stderr) as {message: string; nextSteps: string[]};
		expect(message).toContain('no way to switch DMA-02A, DMA-02B over');
		expect(nextSteps.join('\n')).toContain('--launch cluster');
		const touched = lab.events.slice(before).filter(({event}) => /^(?:file|task|service|role)-/.test(event));
		expect(touched).toEqual([]);
		expect(await run('runs', '--json')).toMatchObject({exitCode: 0, stdout: ''});
	});

	test('it can be asked of an Agent that upgrades the cluster by itself', async () => {
		const {exitCode, stdout} = await upgrade('--launch=cluster', '--plan', '--json');
		expect(exitCode).toBe(0);
		expect(JSON.parse(stdout)).toMatchObject({policy: 'BackupFirst', launch: {by: 'cluster'}});
	});
});
