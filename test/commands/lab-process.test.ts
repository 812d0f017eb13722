import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {existsSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {createInterface} from 'node:readline';
import {PassThrough} from 'node:stream';
import {setTimeout as sleep} from 'node:timers/promises';
import {describe, expect, onTestFinished, test} from 'vitest';
import {endAtOnce, listenForEnd, untilUnused} from '../../source/commands/lab-ending.ts';
import {type Inventory, inventorySchema} from '../../source/config/inventory.ts';
import type {LabUse} from '../../source/lab/lab.ts';
import {aStranger, launchUpgrade} from '../support/a-lab.ts';
import {anHttpStranger} from '../support/an-http-stranger.ts';
import {eventually} from '../support/eventually.ts';
import {ManualClock} from '../support/manual-clock.ts';

const starterFile = path.join(import.meta.dirname, '../support/lab-starter.ts');

/** A process that starts a lab and does with it what `task` says. */
async function aStarter(task: 'stay' | 'release' | 'stop', linger: number, ...more: readonly string[]) {
	const child = spawn(
		process.execPath,
		['--experimental-transform-types', '--no-warnings', starterFile, task, String(linger), ...more],
		{stdio: ['pipe', 'pipe', 'inherit']},
	);
	onTestFinished(() => void child.kill('SIGKILL'));
	const closed = once(child, 'close') as Promise<[number | null, string | null]>;
	const [line] = (await once(createInterface({input: child.stdout}), 'line')) as [string];
	const inventory = inventorySchema.parse(JSON.parse(line));
	return {child, closed, inventory, folder: folderOf(inventory)};
}

function folderOf({packages}: Inventory): string {
	return path.dirname(packages!);
}

describe('a practice cluster in a process of its own', () => {
	test('ends at once with its starter where that stops it', async () => {
		const {closed, folder} = await aStarter('stop', 3600);
		expect(await closed).toEqual([0, null]);
		expect(existsSync(folder)).toBe(false);
	});

	test('stays when its starter lets go of it, serves whoever comes, and ends some time after the last one left', async () => {
		const {closed, folder, inventory} = await aStarter('release', 1);
		expect(await closed).toEqual([0, null]);
		const [agent] = inventory.agents;
		const privateKey = readFileSync(agent!.identityFile!);
		const client = await aStranger(agent!);
		await launchUpgrade(
			client,
			path.join(inventory.packages!, 'DataMiner 10.6.0.0-16840 Full Upgrade.dmupgrade'),
		);
		// An upgrade takes longer than the lab would stay unused.
		await eventually(async () => {
			const history = await client.read('/C:/Skyline DataMiner/Upgrades/VersionHistory.txt');
			return history.includes('16840');
		});
		expect(existsSync(folder)).toBe(true);
		client.close();
		await eventually(() => !existsSync(folder));
		await expect(aStranger(agent!, {privateKey})).rejects.toThrow(/ECONNREFUSED/);
	});

	test('has Agents behind HTTP where that was asked for, and counts those who come that way', async () => {
		const {closed, folder, inventory} = await aStarter('release', 1, 'all');
		expect(await closed).toEqual([0, null]);
		const client = await anHttpStranger(inventory.agents[0]!);
		for (let count = 0; count < 8; count += 1) {
			expect((await client.ask('GET', '/v1/status')).status).toBe(200);
			await sleep(250);
		}

		expect(existsSync(folder)).toBe(true);
		client.close();
		await eventually(() => !existsSync(folder));
	});

	test.skipIf(process.platform === 'win32').each(['SIGKILL', 'SIGHUP'] as const)(
		'stays when its starter is ended by %s, and then ends by itself',
		async signal => {
			const {child, closed, folder, inventory} = await aStarter('stay', 1);
			child.kill(signal);
			expect(await closed).toEqual([null, signal]);
			const client = await aStranger(inventory.agents[0]!);
			expect((await client.run('echo here')).stdout).toBe('here\r\n');
			client.close();
			await eventually(() => !existsSync(folder));
		},
	);
});

describe('the end of a practice cluster', () => {
	function ending(stdin?: PassThrough, signal?: AbortSignal) {
		const listening = listenForEnd(signal, stdin);
		onTestFinished(() => listening.forget());
		return listening;
	}

	test('is at once when its starter says so, in however many pieces', async () => {
		const stdin = new PassThrough();
		const {asked, atOnce} = ending(stdin);
		for (const character of endAtOnce) {
			stdin.write(character);
		}

		stdin.end();
		expect(await asked).toBe('at once');
		expect(atOnce.aborted).toBe(true);
	});

	test.each([
		['ends', (stdin: PassThrough) => stdin.end()],
		['breaks', (stdin: PassThrough) => stdin.destroy(new Error('EPIPE'))],
	])('is left to whoever uses it when its standard input %s', async (_, happen) => {
		const stdin = new PassThrough();
		const {asked, atOnce} = ending(stdin);
		happen(stdin);
		expect(await asked).toBe('when unused');
		expect(atOnce.aborted).toBe(false);
	});

	test('can still be asked for at once while nobody uses it', async () => {
		const stdin = new PassThrough();
		const asking = new AbortController();
		const {asked, atOnce} = ending(stdin, asking.signal);
		stdin.end();
		await asked;
		asking.abort();
		expect(atOnce.aborted).toBe(true);
	});
});

describe('a practice cluster that was let go of', () => {
	const seconds = (count: number) => count * 1000;

	/** Lets time pass, a look at a time, and tells after how long the lab ended; undefined where it did not. */
	async function endedAfter(
		use: (passed: number) => LabUse,
		limit: number,
		atOnce: AbortSignal = new AbortController().signal,
	): Promise<number | undefined> {
		const clock = new ManualClock(0);
		let ended: number | undefined;
		void untilUnused(
			() => use(clock.now()),
			{unused: seconds(30), abandoned: seconds(600)},
			clock,
			atOnce,
		).then(() => {
			ended = clock.now();
		});
		while (ended === undefined && clock.now() < limit) {
			await eventually(() => clock.sleeping > 0 || ended !== undefined);
			clock.advance(250);
			await new Promise(setImmediate);
		}

		return ended;
	}

	const nobody: LabUse = {clients: 0, busy: false};

	test('is given time in which its runner can come', async () => {
		expect(await endedAfter(() => nobody, seconds(60))).toBe(seconds(30));
	});

	test('stays as long as somebody is connected, and counts anew from when he left', async () => {
		const use = (now: number) =>
			now > seconds(20) && now <= seconds(90) ? {clients: 1, busy: false} : nobody;
		expect(await endedAfter(use, seconds(300))).toBe(seconds(120));
	});

	test('stays while an Agent restarts, which throws everybody out', async () => {
		const use = (now: number) => (now <= seconds(200) ? {clients: 0, busy: true} : nobody);
		expect(await endedAfter(use, seconds(300))).toBe(seconds(230));
	});

	test('does not stay for ever for something that never ends', async () => {
		expect(await endedAfter(() => ({clients: 0, busy: true}), seconds(1200))).toBe(seconds(600));
	});

	test('ends at once when told to', async () => {
		expect(await endedAfter(() => nobody, seconds(60), AbortSignal.abort())).toBe(0);
	});
});
