import {createHash, randomBytes} from 'node:crypto';
import {appendFile, mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {basename, join} from 'node:path';
import {afterAll, afterEach, beforeAll, describe, expect, test} from 'vitest';
import {
	type AgentConnection,
	AgentError,
	ConnectionCannotError,
	type FollowedLine,
	type LaunchOrder,
	type LocalPackage,
} from '../../source/agent/connection.ts';
import {ConnectionLostError} from '../../source/agent/machine-errors.ts';
import {UnsafeFileNameError} from '../../source/agent/windows-path.ts';
import type {Inventory, KnownAgent} from '../../source/config/inventory.ts';
import type {LaunchReceipt} from '../../source/domain/run-event.ts';
import {endingOf} from '../../source/domain/upgrade-log.ts';
import {defaultUpgradeOptions} from '../../source/domain/upgrade-options.ts';
import {formatVersion} from '../../source/domain/version.ts';
import {type Lab, type LabOptions, startLab} from '../../source/lab/lab.ts';
import {formatLabTest} from '../../source/lab/lab-test.ts';
import {testAgentLock} from './agent-lock-contract.ts';
import {eventually} from './eventually.ts';

export type Connect = (
	agent: KnownAgent,
	inventory: Inventory,
	lab: Lab,
) => AgentConnection | Promise<AgentConnection>;

export interface ContractOptions extends LabOptions {
	/** Lets the next upload to this Agent break in the middle. By default the lab does. */
	readonly breakUpload?: (agent: string, lab: Lab) => Promise<void>;
	/** False where there is no network between, and nothing that could break. */
	readonly canBreak?: boolean;
}

/** What everybody may expect of an `AgentConnection`, tried on the Agents of a practice cluster. */
export function describeAgentConnection(
	name: string,
	connect: Connect,
	{breakUpload, canBreak = true, ...options}: ContractOptions = {},
): void {
	describe(name, () => {
		let lab: Lab;
		let folder: string;
		let full: LocalPackage;
		const opened: AgentConnection[] = [];
		let runs = 0;

		beforeAll(async () => {
			folder = await mkdtemp(join(tmpdir(), 'dms-upgrade-contract-'));
			lab = await startLab({agents: 4, pairs: 1, speed: 2000, fillerBytes: 2 * 1024 * 1024, ...options});
			full = await aLocalPackage(lab.packages.full);
		});
		afterEach(async () => {
			await Promise.all(opened.splice(0).map(connection => connection.close()));
		});
		afterAll(async () => {
			await lab.stop();
			await rm(folder, {recursive: true, force: true});
		});

		/** `single` and `other` stand alone, `online` and `offline` are a Failover pair. */
		const names = {single: 0, other: 1, online: 2, offline: 3};

		async function agent(which: keyof typeof names): Promise<AgentConnection> {
			const facts = lab.inventory.agents[names[which]];
			const connection = await connect(facts!, lab.inventory, lab);
			opened.push(connection);
			return connection;
		}

		/** Where a file of an Agent is on this computer. */
		const onDisk = (which: keyof typeof names, ...path: string[]) =>
			join(lab.folder, lab.inventory.agents[names[which]]!.name, 'C', ...path);
		const packagesFolder = (which: keyof typeof names) =>
			onDisk(which, 'Skyline DataMiner', 'Upgrades', 'Packages');

		async function order(connection: AgentConnection, file = full): Promise<LaunchOrder> {
			runs += 1;
			const staged = await connection.stagePackage(file, {stallMs: 20_000});
			return {run: `run-${runs}`, staged, options: defaultUpgradeOptions};
		}

		/** The lines up to the one that ends the upgrade. */
		async function follow(
			connection: AgentConnection,
			receipt: LaunchReceipt,
			offset = 0,
		): Promise<FollowedLine[]> {
			const lines: FollowedLine[] = [];
			const enough = new AbortController();
			const {signal} = enough;
			for await (const followed of connection.followProgress(receipt, {offset, pollMs: 16.7, signal})) {
				lines.push(followed);
				if (endingOf(followed.line)) {
					break;
				}
			}

			enough.abort();
			return lines;
		}

		test('knows who answers there', async () => {
			const identity = await (await agent('single')).identify();
			const [first] = lab.inventory.agents;
			expect(identity).toMatchObject({
				dataMinerId: 101,
				name: first!.name,
				clusterName: lab.inventory.cluster,
			});
			expect(new Set(identity.members).size).toBeGreaterThan(0);
			expect(identity.members).toContain(first!.address);
		});

		test('knows how an Agent does', async () => {
			const status = await (await agent('single')).status();
			expect(status.state).toBe('Running');
			expect(status.version && formatVersion(status.version)).toBe('10.5.12 [CU2] (16797)');
			expect(status.versionStamp).toMatch(/;10\.5\.12\.0\(CU2\)-16797-20260112-release$/);
			expect(status.freeBytes).toBeGreaterThan(0);
			expect(status.processId).toBeGreaterThan(0);
			expect(status.role).toBeUndefined();
			expect(status.upgradeInProgress).toBeUndefined();
		});

		test('knows the roles of a Failover pair', async () => {
			expect((await (await agent('online')).status()).role).toBe('online');
			expect((await (await agent('offline')).status()).role).toBe('offline');
		});

		test('looks closely at an Agent, and nothing of what it finds is lost on the way', async () => {
			const softLaunch = onDisk('single', 'Skyline DataMiner', 'SoftLaunchOptions.xml');
			const before = await readFile(softLaunch).catch(() => undefined);
			await writeFile(softLaunch, '<SLNet><LegacyAnnotations>perhaps</LegacyAnnotations></SLNet>');
			const survey = await (await agent('single')).survey();
			await (before ? writeFile(softLaunch, before) : rm(softLaunch));
			expect(survey).toMatchObject({
				hostName: lab.inventory.agents[0]!.name,
				clusterName: lab.inventory.cluster,
				members: expect.arrayContaining([lab.inventory.agents[0]!.address]) as string[],
				softLaunch: {LegacyAnnotations: 'unreadable'},
				windows: {server: true},
				fipsEnforced: false,
				pendingReboot: [],
				maintenance: {defaultUpgradeOptions: false},
				connectionSettings: {changed: false},
				remotingPort: 8004,
				clusterEndpoints: 'complete',
				taskbarUtility: true,
			});
			for (const found of [
				'clock',
				'dotNetFramework',
				'aspNetCore',
				'visualCpp',
				'services',
				'portCheck',
				'ports',
			]) {
				expect(survey).toHaveProperty(found);
			}

			expect((await (await agent('online')).survey()).failoverTag).toBe(true);
		});

		describe('the lock', () => {
			testAgentLock(
				() => agent('other'),
				() => onDisk('other', 'ProgramData', 'dms-upgrade'),
			);
		});

		describe('staging a package', () => {
			const stallMs = 20_000;
			let count = 0;

			async function anotherPackage(): Promise<LocalPackage> {
				count += 1;
				const path = join(folder, `package ${count} (größer).dmupgrade`);
				await writeFile(path, randomBytes(1_500_000));
				return aLocalPackage(path);
			}

			const stagedFolder = (file: LocalPackage) =>
				onDisk('single', 'ProgramData', 'dms-upgrade', 'packages', file.sha256.slice(0, 16));

			test('brings it there once', async () => {
				const connection = await agent('single');
				const file = await anotherPackage();
				const progress: number[] = [];
				const staged = await connection.stagePackage(file, {
					stallMs,
					onProgress: bytes => progress.push(bytes),
				});
				expect(staged.alreadyThere).toBe(false);
				expect(await readdir(stagedFolder(file))).toEqual([file.name]);
				expect(await readFile(join(stagedFolder(file), file.name))).toEqual(await readFile(file.path));
				expect(progress.at(-1)).toBe(file.size);
				expect(progress).toEqual(progress.toSorted((a, b) => a - b));
				expect(await connection.stagePackage(file, {stallMs})).toEqual({
					path: staged.path,
					alreadyThere: true,
				});
			});

			test.skipIf(!canBreak)('goes on where the connection broke', async () => {
				const connection = await agent('single');
				const file = await anotherPackage();
				await (breakUpload
					? breakUpload(connection.agent, lab)
					: lab.inject(`reset-in-upload@${connection.agent}`));
				await expect(connection.stagePackage(file, {stallMs})).rejects.toThrow(ConnectionLostError);
				const progress: number[] = [];
				await connection.stagePackage(file, {stallMs, onProgress: bytes => progress.push(bytes)});
				expect(progress[0]).toBeGreaterThan(0);
				expect(await readFile(join(stagedFolder(file), file.name))).toEqual(await readFile(file.path));
			});

			test('does not keep a beginning that is another file', async () => {
				const connection = await agent('single');
				for (const size of [1000, 1_500_000, 2_000_000]) {
					const file = await anotherPackage();
					await mkdir(stagedFolder(file), {recursive: true});
					await writeFile(join(stagedFolder(file), `${file.name}.partial`), randomBytes(size));
					const progress: number[] = [];
					const onProgress = (bytes: number) => progress.push(bytes);
					expect((await connection.stagePackage(file, {stallMs, onProgress})).alreadyThere).toBe(false);
					expect(await readFile(join(stagedFolder(file), file.name))).toEqual(await readFile(file.path));
					// Nothing was sent behind it before that was found out.
					expect(progress[0]).toBe(0);
					expect(progress).toEqual(progress.toSorted((a, b) => a - b));
				}
			});

			test('does not take a damaged package for the right one', async () => {
				const connection = await agent('single');
				const file = await anotherPackage();
				await mkdir(stagedFolder(file), {recursive: true});
				await writeFile(join(stagedFolder(file), file.name), randomBytes(file.size));
				expect((await connection.stagePackage(file, {stallMs})).alreadyThere).toBe(false);
				expect(await readFile(join(stagedFolder(file), file.name))).toEqual(await readFile(file.path));
			});

			test('refuses what arrives differently from what was said', async () => {
				const connection = await agent('single');
				const file = {...(await anotherPackage()), sha256: 'ab'.repeat(32)};
				await expect(connection.stagePackage(file, {stallMs})).rejects.toMatchObject({code: 'SHA_MISMATCH'});
				expect(await readdir(stagedFolder(file))).toEqual([]);
			});

			test('can be given up', async () => {
				const connection = await agent('single');
				const file = await anotherPackage();
				const stop = new AbortController();
				const staging = connection.stagePackage(file, {
					stallMs,
					signal: stop.signal,
					onProgress: () => stop.abort(new Error('enough')),
				});
				await expect(staging).rejects.toThrow('enough');
			});

			test('takes plain file names only', async () => {
				const connection = await agent('single');
				const file = {...(await anotherPackage()), name: '..\\..\\evil.exe'};
				await expect(connection.stagePackage(file, {stallMs})).rejects.toThrow(UnsafeFileNameError);
			});
		});

		describe('prerequisites', () => {
			async function someTests(executor: boolean) {
				runs += 1;
				const tests = join(folder, `tests ${runs}`);
				await mkdir(join(tests, 'executor'), {recursive: true});
				await writeFile(
					join(tests, 'VerifyGood.dll'),
					formatLabTest({outcome: 'NoIssues', message: 'All is well.'}),
				);
				await writeFile(
					join(tests, 'VerifyBad.dll'),
					formatLabTest({outcome: 'IssuesDetected', message: 'Port 443 is closed.'}),
				);
				await writeFile(
					join(tests, 'VerifyBroken.dll'),
					formatLabTest({outcome: 'Error', message: 'No access.'}),
				);
				if (executor) {
					await writeFile(join(tests, 'executor', 'StandaloneBpaExecutor.exe'), 'stands for the executor');
				}

				return {
					folder: tests,
					checks: ['VerifyGood', 'VerifyBad', 'VerifyBroken'],
					executor,
					packageSha256: createHash('sha256').update(tests).digest('hex'),
				};
			}

			const expected = [
				{check: 'VerifyGood', outcome: 'passed'},
				{check: 'VerifyBad', outcome: 'failed', message: 'Port 443 is closed.'},
				{check: 'VerifyBroken', outcome: 'could not run'},
			];

			test.each([true, false])('run one after the other; the package has an executor: %s', async executor => {
				const connection = await agent('single');
				const tests = await someTests(executor);
				const heard: unknown[] = [];
				const results = await connection.runPrerequisites(tests, {
					timeoutMs: 30_000,
					onResult: result => heard.push(result),
				});
				expect(results).toMatchObject(expected);
				expect(heard).toEqual(results);
				expect(await connection.runPrerequisites(tests, {timeoutMs: 30_000})).toEqual(results);
			});

			test('cannot run without any executor', async () => {
				const connection = await agent('single');
				const installed = onDisk('single', 'Skyline DataMiner', 'Tools', 'StandaloneBpaExecutor');
				const executor = await readFile(join(installed, 'StandaloneBpaExecutor.exe'));
				await rm(installed, {recursive: true});
				const running = connection.runPrerequisites(await someTests(false), {timeoutMs: 30_000});
				await expect(running).rejects.toMatchObject({code: 'EXECUTOR_MISSING'});
				await mkdir(installed);
				await writeFile(join(installed, 'StandaloneBpaExecutor.exe'), executor);
			});
		});

		describe('launching', () => {
			test('upgrades this Agent once, and its log can be followed to the end', async () => {
				const connection = await agent('single');
				const before = await connection.status();
				const folders = await readdir(packagesFolder('single'));
				const launch = await order(connection);
				const receipt = await connection.launch(launch);
				const lines = await follow(connection, receipt);
				expect(lines.length).toBeGreaterThan(5);
				expect(endingOf(lines.at(-1)!.line)).toEqual({ended: 'well'});

				// Whoever comes back gets the lines that are missing, and those only.
				const half = Math.floor(lines.length / 2);
				expect(await follow(connection, receipt, lines[half - 1]!.nextOffset)).toEqual(lines.slice(half));

				// Launched again, it is the same upgrade.
				const again = await connection.launch(launch);
				expect(await follow(connection, again)).toEqual(lines);
				expect(await readdir(packagesFolder('single'))).toHaveLength(folders.length + 1);

				await eventually(async () => (await connection.status()).state === 'Running');
				const after = await connection.status();
				expect(after.version && formatVersion(after.version)).toBe('10.6.0 (16840)');
				expect(after.versionStamp).not.toBe(before.versionStamp);
				expect(after.processId).not.toBe(before.processId);
				expect((await (await agent('other')).status()).versionStamp).toBe(before.versionStamp);

				await connection.forgetLaunch(receipt);
				await connection.forgetLaunch(receipt);
				expect(await readdir(onDisk('single', 'ProgramData', 'dms-upgrade', 'launches'))).toEqual([]);
				expect(await follow(connection, receipt)).toEqual(lines);
			});

			test('outlives the connection, and shows while it goes on', async () => {
				const connection = await agent('other');
				const receipt = await connection.launch(await order(connection));
				await connection.close();
				const later = await agent('other');
				await eventually(async () => (await later.status()).upgradeInProgress !== undefined);
				const lines = await follow(later, receipt);
				expect(endingOf(lines.at(-1)!.line)).toEqual({ended: 'well'});
				await eventually(async () => (await later.status()).upgradeInProgress === undefined);
				await later.forgetLaunch(receipt);
			});

			test('says so when an upgrade fails', async () => {
				const connection = await agent('other');
				await lab.inject(`upgrade-fails@${connection.agent}`);
				const receipt = await connection.launch(await order(connection));
				const lines = await follow(connection, receipt);
				expect(endingOf(lines.at(-1)!.line)).toMatchObject({ended: 'badly'});
			});

			test('says so when no upgrade begins', async () => {
				const connection = await agent('other');
				const launch = await order(connection);
				await rm(onDisk('other', ...launch.staged.path.split('\\').slice(1)));
				const receipt = await connection.launch(launch);
				const following = follow(connection, receipt);
				await expect(following).rejects.toThrow(AgentError);
				await expect(following).rejects.toMatchObject({code: 'LAUNCH_FAILED'});
				await connection.forgetLaunch(receipt);
			});

			test('is followed however its log is written', async () => {
				const connection = await agent('single');
				const receipt = await connection.expectUpgrade('followed.dmupgrade');
				const folder = join(packagesFolder('single'), `followed.dmupgrade-${'f'.repeat(32)}`);
				const log = join(folder, 'progress.log');
				const stop = new AbortController();
				const heard: FollowedLine[] = [];
				const following = (async () => {
					const options = {offset: 0, pollMs: 10, signal: stop.signal};
					for await (const followed of connection.followProgress(receipt, options)) {
						heard.push(followed);
					}
				})();
				const until = (count: number) => eventually(() => heard.length >= count);
				const line = (text: string) => `10.0.0.1|2026-01-15 00:00:00|${text}\r\n`;
				await mkdir(folder);

				// Written in two parts, the first of which ends in the middle of a character.
				const gossip = Buffer.from(line('Gossip|容量'));
				await writeFile(log, line('step|one') + line('step|two'));
				await until(2);
				await appendFile(log, gossip.subarray(0, -4));
				await appendFile(log, gossip.subarray(-4));
				await appendFile(log, 'no line of the kind \u001B[31m\r\nerror|without a time\r\n');
				await until(5);
				const {length} = await readFile(log);
				const longer = Array.from({length: 60}, (_, index) => line(`notice|anew ${index}`)).join('');
				expect(longer.length).toBeGreaterThan(length);
				await writeFile(`${log}.new`, longer);
				await rename(`${log}.new`, log);
				await until(65);
				await writeFile(log, line('step|emptied'));
				await until(66);
				stop.abort();
				await following;

				const time = '2026-01-15 00:00:00';
				expect(heard.map(followed => followed.line)).toEqual([
					{time, type: 'step', message: 'one'},
					{time, type: 'step', message: 'two'},
					{time, type: 'gossip', message: '容量'},
					{type: 'information', message: 'no line of the kind \\x1b[31m'},
					{type: 'error', message: 'without a time'},
					...Array.from({length: 60}, (_, index) => ({time, type: 'notice', message: `anew ${index}`})),
					{time, type: 'step', message: 'emptied'},
				]);
				expect(heard[4]?.nextOffset).toBe(length);
				expect(heard[64]?.nextOffset).toBe(longer.length);
				await rm(folder, {recursive: true});
			});

			test('is waited for until nobody wants to know any more', async () => {
				const connection = await agent('single');
				const receipt = {
					reference: JSON.stringify({
						run: 'none',
						task: 'dms-upgrade none',
						package: 'none.dmupgrade',
						foldersBefore: [],
					}),
				};
				const stop = new AbortController();
				const options = {offset: 0, pollMs: 10, signal: stop.signal};
				const lines = connection.followProgress(receipt, options)[Symbol.asyncIterator]();
				const next = lines.next();
				stop.abort();
				expect(await next).toEqual({done: true, value: undefined});
			});

			test('a receipt that is none is an error', async () => {
				const connection = await agent('single');
				const lines = follow(connection, {reference: 'nonsense'});
				await expect(lines).rejects.toMatchObject({code: 'RECEIPT_UNREADABLE'});
			});
		});

		test('stops, starts and restarts DataMiner', async () => {
			const connection = await agent('single');
			const is = async (state: string) => (await connection.status()).state === state;
			await eventually(async () => is('Running'));
			const before = await connection.status();
			await connection.stop();
			await eventually(async () => is('Not running'));
			expect((await connection.status()).processId).toBeUndefined();
			await connection.start();
			await eventually(async () => is('Running'));
			const between = await connection.status();
			expect(between.processId).not.toBe(before.processId);
			await connection.restart();
			await eventually(async () => {
				const {state, processId} = await connection.status();
				return state === 'Running' && processId !== between.processId;
			});
		});

		test('switches a pair over', async () => {
			const [online, offline] = [await agent('online'), await agent('offline')];
			expect(offline.canSwitchOver).toBe(true);
			await offline.switchOver();
			await eventually(async () => {
				const roles = [(await online.status()).role, (await offline.status()).role];
				return roles[0] === 'offline' && roles[1] === 'online';
			});
		});

		test('says why a switch-over fails', async () => {
			const connection = await agent('online');
			await (await agent('offline')).stop();
			await eventually(async () => (await (await agent('offline')).status()).state === 'Not running');
			await expect(connection.switchOver()).rejects.toMatchObject({code: 'SWITCH_OVER_FAILED'});
		});

		test('cannot switch an Agent over that names no way to', async () => {
			const connection = await agent('single');
			expect(connection.canSwitchOver).toBe(false);
			await expect(connection.switchOver()).rejects.toThrow(ConnectionCannotError);
		});
	});
}

async function aLocalPackage(path: string): Promise<LocalPackage> {
	const bytes = await readFile(path);
	return {
		path,
		name: basename(path),
		size: bytes.length,
		sha256: createHash('sha256').update(bytes).digest('hex'),
	};
}
