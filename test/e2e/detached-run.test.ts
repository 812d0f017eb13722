import {execFile} from 'node:child_process';
import {mkdir, mkdtemp, readFile, readdir, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {promisify} from 'node:util';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import type {RunEvent} from '../../source/domain/run-event.ts';
import type {RunSummary} from '../../source/journal/run-journal.ts';
import {type Lab, type LabOptions, startLab} from '../../source/lab/lab.ts';
import {eventually} from '../support/eventually.ts';
import {type ProgramRun, runProgram} from '../support/run-program.ts';
import {TestTerminal, program} from '../support/terminal.ts';

let lab: Lab;
let folder: string;
let inventory: string;

beforeEach(async () => {
	folder = await mkdtemp(path.join(tmpdir(), 'dms-upgrade-test-'));
	inventory = path.join(folder, 'inventory.json');
});

afterEach(async () => {
	for (const pid of await runners()) {
		process.kill(pid, 'SIGKILL');
	}

	await lab.stop();
	await rm(folder, {recursive: true, force: true, maxRetries: 5});
});

async function practise(options: LabOptions = {}): Promise<void> {
	lab = await startLab({agents: 3, pairs: 1, speed: 300, fillerBytes: 256 * 1024, ...options});
	await writeFile(inventory, JSON.stringify(lab.inventory));
}

function run(...args: string[]): Promise<ProgramRun> {
	return runProgram(args, {environment: {XDG_STATE_HOME: folder}});
}

/** With a journal of its own, as somebody on another computer. */
async function runElsewhere(...args: string[]): Promise<ProgramRun> {
	const elsewhere = path.join(folder, 'elsewhere');
	await mkdir(elsewhere, {recursive: true});
	return runProgram(args, {environment: {XDG_STATE_HOME: elsewhere}});
}

const begin = (...args: string[]) => ['upgrade', lab.packages.full, '--config', inventory, '--yes', ...args];

async function detach(...args: string[]): Promise<string> {
	const {stdout, stderr, exitCode} = await run(...begin('--detach', '--json', ...args));
	expect(exitCode).toBe(0);
	// Whoever says --yes is told of what he takes responsibility for.
	expect(JSON.parse(stderr)).toMatchObject({code: 'WARNINGS', acknowledged: true});
	return (JSON.parse(stdout) as {run: string}).run;
}

function eventsOf({stdout}: ProgramRun): RunEvent[] {
	return stdout
		.trim()
		.split('\n')
		.filter(line => line !== '')
		.map(line => JSON.parse(line) as RunEvent);
}

async function history(): Promise<RunSummary[]> {
	return eventsOf(await run('runs', '--json')) as unknown as RunSummary[];
}

/** Of the runners of this test, by what the system lists. */
async function runners(): Promise<number[]> {
	const {stdout} = await promisify(execFile)('ps', ['-eo', 'pid=,args=']);
	const log = await readdir(path.join(folder, 'dms-upgrade')).catch(() => []);
	const runs = log.flatMap(name => /^runner-(.+)\.log$/.exec(name)?.[1] ?? []);
	return stdout
		.split('\n')
		.filter(line => runs.some(id => line.includes(` runner ${id}`)))
		.map(line => Number.parseInt(line, 10));
}

function upgradesStarted(): string[] {
	return lab.events.filter(({event}) => event === 'upgrade-started').map(({agent}) => agent);
}

describe('a run in its own process', () => {
	test('--detach answers with its id at once; attach shows every event from the first to the last', async () => {
		await practise();
		const id = await detach();
		expect(await runners()).toHaveLength(1);
		const attached = await run('attach', id, '--json');
		expect(attached.exitCode).toBe(0);
		const events = eventsOf(attached);
		expect(events.map(({sequence}) => sequence)).toEqual(events.map((_, index) => index + 1));
		expect(events[0]).toMatchObject({type: 'run.started', run: id});
		expect(events.at(-1)).toMatchObject({type: 'run.finished', outcome: 'done'});
		expect(await history()).toMatchObject([{run: id, outcome: 'done', standing: 'over'}]);
		expect(eventsOf(await run('attach', id, '--json'))).toEqual(events);
	});

	test('two that look on see the same', async () => {
		await practise();
		const id = await detach();
		const [one, other] = await Promise.all([
			run('attach', id, '--json'),
			run('attach', id.slice(0, 20), '--json'),
		]);
		expect(one.stdout).toBe(other.stdout);
		expect(eventsOf(one).at(-1)?.type).toBe('run.finished');
	});

	test('ctrl-c leaves it: what goes on and how to come back is told, and it ends well without anybody', async () => {
		await practise();
		let asked = false;
		const left = await runProgram(begin('--json'), {
			environment: {XDG_STATE_HOME: folder},
			onOutput(text, kill) {
				if (!asked && text.includes('launch.finished')) {
					asked = true;
					kill('SIGINT');
				}
			},
		});
		expect(left.exitCode).toBe(6);
		expect(JSON.parse(left.stderr.trim().split('\n').at(-1) ?? '')).toMatchObject({code: 'RUN_GOES_ON'});
		const [summary] = await history();
		expect(left.stderr).toContain(`attach ${summary?.run}`);
		expect((await run('attach', '--json')).exitCode).toBe(0);
	});

	test('stop before the launch leaves every Agent as it was', async () => {
		await practise({speed: 30});
		const id = await detach();
		await eventually(() => lab.events.some(({event}) => event === 'prerequisite-run'));
		expect((await run('stop', id)).exitCode).toBe(0);
		const attached = await run('attach', id, '--json');
		expect(attached.exitCode).toBe(4);
		expect(eventsOf(attached).find(({type}) => type === 'stop.requested')).toMatchObject({goOn: []});
		expect(upgradesStarted()).toEqual([]);
	});

	test('no second run is begun on the cluster meanwhile, and it is said whose the first one is', async () => {
		await practise({speed: 30});
		const id = await detach();
		const second = await run(...begin('--json'));
		expect(second.exitCode).toBe(2);
		expect(JSON.parse(second.stderr)).toMatchObject({code: 'RUN_OPEN'});
		expect(second.stderr).toContain(id);
		await run('stop', id);
		await run('attach', id);
	});

	test('of two that begin at the same moment, one does', async () => {
		await practise({speed: 30});
		const both = await Promise.all([
			run(...begin('--detach', '--json')),
			run(...begin('--detach', '--json')),
		]);
		const [one, other] = both.toSorted((a, b) => Number(a.exitCode) - Number(b.exitCode));
		expect([one?.exitCode, other?.exitCode]).toEqual([0, 2]);
		expect(other?.stderr).toContain('RUN_OPEN');
		expect(await history()).toHaveLength(1);
		await run('stop');
		await run('attach');
	});

	test('somebody on another computer is kept away by the Agents themselves, and told whose run is there', async () => {
		await practise({speed: 20});
		const id = await detach();
		await eventually(() => lab.events.some(({event}) => event === 'prerequisite-run'));
		const second = await runElsewhere(...begin('--json'));
		expect(second.exitCode).toBe(2);
		const {failure} = eventsOf(second).at(-1) as Extract<RunEvent, {type: 'run.finished'}>;
		// The latter when the first run has launched meanwhile.
		expect(['AGENT_LOCKED', 'AGENTS_NOT_READY']).toContain(failure?.code);
		expect(second.stdout).toContain(id);
		expect(upgradesStarted().length).toBeLessThanOrEqual(3);
	});

	test('a package that was used in a completed upgrade is refused', async () => {
		await practise();
		const first = await run(...begin('--json'));
		expect(first.exitCode).toBe(0);
		const second = await run(...begin('--json'));
		expect(second.exitCode).toBe(2);
		expect(JSON.parse(second.stderr)).toMatchObject({code: 'PACKAGE_COMPLETED'});
		expect(upgradesStarted()).toHaveLength(3);
	});

	test('neither the journal nor the list of processes holds the key, nor does anybody else may read the journal', async () => {
		await practise();
		const id = await detach();
		const {stdout} = await promisify(execFile)('ps', ['-eo', 'args=']);
		await run('attach', id);
		const key = await readFile(lab.inventory.agents[0]!.identityFile, 'utf8');
		const secret = key.split('\n')[2]!;
		const state = path.join(folder, 'dms-upgrade');
		for (const name of await readdir(state)) {
			expect([name, (await readFile(path.join(state, name), 'latin1')).includes(secret)]).toEqual([
				name,
				false,
			]);
		}

		expect(stdout).not.toContain(secret);
	});
});

describe('a runner that dies', () => {
	test('is noticed within 15 s; retry goes on where it stood, and no Agent is upgraded twice', async () => {
		await practise({speed: 60});
		const id = await detach();
		await eventually(() => upgradesStarted().length === 3, {limitMs: 30_000});
		for (const pid of await runners()) {
			process.kill(pid, 'SIGKILL');
		}

		const killedAt = Date.now();
		const attached = await run('attach', id, '--json');
		expect(Date.now() - killedAt).toBeLessThan(15_000);
		expect(attached.exitCode).toBe(6);
		expect(JSON.parse(attached.stderr)).toMatchObject({code: 'RUNNER_GONE'});
		expect(await history()).toMatchObject([{run: id, standing: 'interrupted'}]);

		const retried = await run('retry', id, '--json');
		expect([retried.exitCode, retried.stderr]).toEqual([0, '']);
		expect(eventsOf(retried)[0]).toMatchObject({type: 'run.resumed'});
		expect(upgradesStarted().toSorted()).toEqual(['DMA-01', 'DMA-02A', 'DMA-02B']);
	});

	test('end gives its run up: locks are given back, and another run may be begun', async () => {
		await practise({speed: 30});
		const id = await detach();
		await eventually(() => lab.events.some(({event}) => event === 'prerequisite-run'));
		expect(JSON.parse((await run('end', id, '--json')).stderr)).toMatchObject({code: 'RUN_OPEN'});
		for (const pid of await runners()) {
			process.kill(pid, 'SIGKILL');
		}

		expect((await run('attach', id)).exitCode).toBe(6);
		expect((await run('end', id)).exitCode).toBe(0);
		expect(await history()).toMatchObject([{run: id, standing: 'over', outcome: 'stopped'}]);
		const next = await detach();
		expect(next).not.toBe(id);
		await run('stop', next);
		expect((await run('attach', next)).exitCode).toBe(4);
	});
});

describe('a run that went wrong', () => {
	test('waits to be retried: only the Agents that failed are tried again', async () => {
		await practise({faults: ['upgrade-fails@DMA-01']});
		const first = await run(...begin('--json'));
		expect(first.exitCode).toBe(3);
		const [{run: id, standing} = {run: ''}] = await history();
		expect(standing).toBe('paused');
		const another = await run('upgrade', lab.packages.web, '--config', inventory, '--yes', '--json');
		expect(JSON.parse(another.stderr)).toMatchObject({code: 'RUN_OPEN'});

		const retried = await run('retry', id, '--json');
		expect([retried.exitCode, retried.stderr]).toEqual([0, '']);
		expect(eventsOf(retried)[0]).toMatchObject({type: 'run.retried', agents: ['DMA-01']});
		expect(upgradesStarted().toSorted()).toEqual(['DMA-01', 'DMA-01', 'DMA-02A', 'DMA-02B']);
		expect(await history()).toMatchObject([{run: id, standing: 'over', outcome: 'done'}]);
	});

	test('may be given up; it is not taken up again then', async () => {
		await practise({faults: ['upgrade-fails@DMA-01']});
		await run(...begin());
		expect((await run('end')).exitCode).toBe(0);
		const [{run: id, standing} = {run: ''}] = await history();
		expect(standing).toBe('over');
		const retried = await run('retry', id, '--json');
		expect(retried.exitCode).toBe(1);
		expect(JSON.parse(retried.stderr)).toMatchObject({code: 'RUN_OVER'});
	});

	test('with another file in the place of its package nothing is sent', async () => {
		await practise({faults: ['prerequisite-fails@DMA-01']});
		const own = path.join(folder, path.basename(lab.packages.full));
		await writeFile(own, await readFile(lab.packages.full));
		expect((await run('upgrade', own, '--config', inventory, '--yes')).exitCode).toBe(2);
		await writeFile(own, await readFile(lab.packages.web));
		const retried = await run('retry', '--json');
		expect([retried.exitCode, retried.stderr]).toEqual([2, '']);
		expect(eventsOf(retried).at(-1)).toMatchObject({outcome: 'blocked', failure: {code: 'PACKAGE_CHANGED'}});
	});
});

test('the terminal is killed in the middle of an upgrade: in a new one the run is seen to its end, by two at once', async () => {
	await practise({speed: 60});
	const environment = {XDG_STATE_HOME: folder};
	const first = new TestTerminal(process.execPath, [program, ...begin()], {environment});
	await first.until('Launching upgrade');
	await first.dispose();
	const [runner] = await runners();
	expect(runner).toBeDefined();
	// As a shell tells its children, those of other sessions too, when it goes.
	process.kill(runner!, 'SIGHUP');

	const viewers = [1, 2].map(
		() => new TestTerminal(process.execPath, [program, 'attach'], {environment, columns: 120, rows: 40}),
	);
	try {
		await Promise.all(viewers.map(viewer => viewer.until(/Done/)));
		const [one, other] = viewers.map(({screen}) => screen.replaceAll(/\d+:\d\d/g, ''));
		expect(one).toBe(other);
	} finally {
		await Promise.all(viewers.map(viewer => viewer.dispose()));
	}

	expect(await history()).toMatchObject([{standing: 'over', outcome: 'done'}]);
});
