import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, expect, test} from 'vitest';
import type {RunEvent} from '../../source/domain/run-event.ts';
import {type Lab, startLab} from '../../source/lab/lab.ts';
import {runProgram} from '../support/run-program.ts';
import {TestTerminal, program} from '../support/terminal.ts';

let folder: string;
let inventory: string;
let lab: Lab;

beforeEach(async () => {
	folder = await mkdtemp(path.join(tmpdir(), 'dms-upgrade-test-'));
	inventory = path.join(folder, 'inventory.json');
	lab = await startLab({
		agents: 2,
		pairs: 1,
		speed: 300,
		fillerBytes: 64 * 1024,
		faults: ['prerequisite-fails@DMA-01A'],
	});
	await writeFile(inventory, JSON.stringify(lab.inventory));
});

afterEach(async () => {
	await lab.stop();
	await rm(folder, {recursive: true, force: true, maxRetries: 5});
});

const environment = () => ({XDG_STATE_HOME: folder});
const run = (...args: string[]) => runProgram(args, {environment: environment()});

function eventsOf(stdout: string): RunEvent[] {
	return stdout
		.trim()
		.split('\n')
		.map(line => JSON.parse(line) as RunEvent);
}

/** From now on both Agents of the pair say that they are online. */
async function bothComeOnline(): Promise<void> {
	for (const {drive} of lab.agents) {
		await drive.writeFile(
			'C:\\Skyline DataMiner\\Logging\\SLFailover.txt',
			'2026/01/02 14:49:56.886|SLNet.exe|UpdateFailoverSwitchStatus|CRU|0|67|Failover Status => Online\r\n',
		);
	}
}

test('a warning that nobody was told of ends the run; retry asks for it, and writes down who took it', async () => {
	const first = await run('upload', lab.packages.full, '--config', inventory, '--yes', '--json');
	expect(first.exitCode).toBe(2);
	expect(eventsOf(first.stdout).at(-1)).toMatchObject({failure: {code: 'PREREQUISITES_FAILED'}});
	const [started] = eventsOf(first.stdout);
	const id = started?.type === 'run.started' ? started.run : '';

	await lab.clear('prerequisite-fails@DMA-01A');
	await bothComeOnline();
	const met = await run('retry', id, '--json');
	expect(met.exitCode).toBe(2);
	expect(eventsOf(met.stdout).at(-1)).toMatchObject({failure: {code: 'WARNINGS_NOT_ACKNOWLEDGED'}});

	const unasked = await run('retry', id);
	expect(unasked.exitCode).toBe(1);
	expect(unasked.stderr).toContain('and so is its partner');
	expect(unasked.stderr).toContain('Add --yes');

	const taken = await run('retry', id, '--yes', '--json');
	expect(JSON.parse(taken.stderr)).toMatchObject({warnings: [{check: 'failover'}, {check: 'failover'}]});
	expect(eventsOf(taken.stdout)[0]).toMatchObject({
		type: 'run.retried',
		acknowledged: [
			{check: 'failover', agents: ['DMA-01A']},
			{check: 'failover', agents: ['DMA-01B']},
		],
	});
	expect(taken.exitCode).toBe(0);
}, 60_000);

test('on a terminal warnings are asked about before the name of the cluster; no is no', async () => {
	const args = [program, 'upload', lab.packages.full, '--config', inventory];
	const terminal = new TestTerminal(process.execPath, args, {environment: environment(), rows: 50});
	try {
		await terminal.until(/Do you take responsibility for 2 warnings\? \[y\/N\]/);
		expect(terminal.screen).toContain('ki.grpc-prerequisite');
		terminal.type('y\r');
		await terminal.until('Type the name of the cluster (Practice)');
		terminal.type('\r');
		expect(await terminal.exit()).toBe(4);
		expect(terminal.screen).toContain('Nothing was done.');
		expect((await run('runs', '--json')).stdout).toBe('');
	} finally {
		await terminal.dispose();
	}
}, 30_000);
