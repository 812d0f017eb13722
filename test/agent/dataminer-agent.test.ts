import {createHash, randomBytes} from 'node:crypto';
import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import type {AgentSettings} from '../../source/agent/agent-settings.ts';
import {DataMinerAgent} from '../../source/agent/dataminer-agent.ts';
import {ConnectionLostError, FileOperationError} from '../../source/agent/machine-errors.ts';
import type {ProgramCall, ProgramResult} from '../../source/agent/machine.ts';
import {stateOf} from '../../source/agent/status.ts';
import {defaultUpgradeOptions} from '../../source/domain/upgrade-options.ts';
import {ScriptedMachine} from '../support/scripted-machine.ts';

const now = Date.UTC(2026, 0, 15);
const minutes = 60_000;

function anAgent(machine: ScriptedMachine, settings: Partial<AgentSettings> = {}): DataMinerAgent {
	return new DataMinerAgent({
		agent: 'DMA-01',
		machine,
		clock: {now: () => now, sleep: () => Promise.resolve()},
		settings,
	});
}

type Programs = (call: ProgramCall) => Partial<ProgramResult> | undefined;

const service = (state: number, pid: number) => ({
	stdout: `\r\nSERVICE_NAME: x\r\n        TYPE : 10\r\n        STATE : ${state}  X\r\n        A : 0\r\n        B : 0\r\n        C : 0x0\r\n        D : 0x0\r\n        PID : ${pid}\r\n`,
});
const healthy: Programs = ({program}) =>
	program === 'sc.exe'
		? service(4, 42)
		: program === 'fsutil.exe'
			? {stdout: 'Total free bytes : 1,000\r\n'}
			: undefined;

const packages = 'C:\\Skyline DataMiner\\Upgrades\\Packages';
const logOf = (name: string, digit: string) => `${packages}\\${name}-${digit.repeat(32)}\\progress.log`;

describe('status', () => {
	test.each([
		[['running', 'running'], undefined, 'Running'],
		[['running', 'starting'], undefined, 'Starting'],
		[['stopping', 'starting'], undefined, 'Stopping'],
		[['stopped', 'running'], undefined, 'Not running'],
		[['running', undefined], undefined, 'Unknown'],
		[['running', 'running'], {role: 'unknown', switching: true}, 'Switching'],
		[['stopped', 'stopped'], {role: 'unknown', switching: true}, 'Not running'],
		[['running', 'running'], {role: 'online', switching: false}, 'Running'],
	] as const)('of services %j and a Failover log that says %j is %s', (services, failover, state) => {
		expect(stateOf(services, failover)).toBe(state);
	});

	test('of services that do not exist is Not running', async () => {
		const machine = new ScriptedMachine(() => ({exitCode: 1060}));
		expect((await anAgent(machine).status()).state).toBe('Not running');
	});

	test('is not guessed where Windows does not tell', async () => {
		const machine = new ScriptedMachine(() => ({exitCode: 5, stdout: 'Access is denied.'}));
		expect(await anAgent(machine, {failover: true}).status()).toEqual({state: 'Unknown', role: 'unknown'});
	});

	test('shows an upgrade whose log goes on, and none that has ended or was left behind', async () => {
		const line = (type: string, message: string) => `10.0.0.1|2026-01-15 00:00:00|${type}|${message}\r\n`;
		const machine = new ScriptedMachine(healthy);
		machine.put(logOf('old.dmupgrade', 'a'), line('progress', 'Copying'), now - 61 * minutes);
		machine.put(logOf('good.dmupgrade', 'b'), line('progress', 'x') + line('finished', 'Finished.'), now);
		machine.put(logOf('bad.dmupgrade', 'c'), line('error', 'Upgrade failed: x'), now);
		machine.put(`${packages}\\other\\progress.log`, line('progress', 'x'), now);
		expect((await anAgent(machine).status()).upgradeInProgress).toBeUndefined();
		machine.put(logOf('now (rc).dmupgrade', 'd'), line('error', 'Could not remove x'), now - 59 * minutes);
		expect((await anAgent(machine).status()).upgradeInProgress).toBe('now (rc).dmupgrade');
	});

	test('shows a launched task that runs before there is a log', async () => {
		const machine = new ScriptedMachine(call =>
			call.program === 'schtasks.exe'
				? {
						stdout: `"S","\\${call.args[2]!}","N/A","x","x","x","${call.args[2]!.endsWith('2') ? 267_009 : 0}"\r\n`,
					}
				: healthy(call),
		);
		machine.put('C:\\ProgramData\\dms-upgrade\\launches\\run-1\\task.xml', '');
		expect((await anAgent(machine).status()).upgradeInProgress).toBeUndefined();
		machine.put('C:\\ProgramData\\dms-upgrade\\launches\\run-2\\task.xml', '');
		expect((await anAgent(machine).status()).upgradeInProgress).toBe('dms-upgrade run-2');
	});
});

describe('a failing upload', () => {
	const file = {path: '/tmp/x', name: 'x.dmupgrade', size: 1_000_000, sha256: 'ab'.repeat(32)};
	const partial = `C:\\ProgramData\\dms-upgrade\\packages\\${'ab'.repeat(8)}\\x.dmupgrade.partial`;

	function failing(free: number): ScriptedMachine {
		const machine = new ScriptedMachine(({program}) =>
			program === 'fsutil.exe' ? {stdout: `Total free bytes : ${free}`} : undefined,
		);
		machine.onUpload = path => {
			machine.put(path, Buffer.alloc(400_000));
			throw new FileOperationError(machine.address, path, 'FILE_FAILED', 'Failure');
		};
		return machine;
	}

	test('is a full disk where the rest of the package does not fit', async () => {
		const staging = anAgent(failing(599_999)).stagePackage(file, {stallMs: 1000});
		await expect(staging).rejects.toMatchObject({code: 'DISK_FULL'});
		await expect(staging).rejects.toThrow(partial);
		await expect(staging).rejects.toThrow('400000 of 1000000 bytes');
	});

	test('is what the server says where there is room', async () => {
		const staging = anAgent(failing(600_000)).stagePackage(file, {stallMs: 1000});
		await expect(staging).rejects.toMatchObject({code: 'FILE_FAILED'});
	});

	test('is what the server says where nothing more can be found out', async () => {
		const machine = failing(0);
		machine.run = () => Promise.reject(new ConnectionLostError(machine.address, 'fsutil.exe was run'));
		const staging = anAgent(machine).stagePackage(file, {stallMs: 1000});
		await expect(staging).rejects.toMatchObject({code: 'FILE_FAILED'});
	});

	test('says so when the hash cannot be had', async () => {
		const machine = new ScriptedMachine(() => ({exitCode: 1, stdout: 'CertUtil: Access is denied.\r\n'}));
		const staging = anAgent(machine).stagePackage(file, {stallMs: 1000});
		await expect(staging).rejects.toMatchObject({code: 'HASH_FAILED'});
		await expect(staging).rejects.toThrow('CertUtil: Access is denied.');
	});
});

describe('an upload that is taken up again', () => {
	const content = randomBytes(200_000);
	const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
	const folder = `C:\\ProgramData\\dms-upgrade\\packages\\${sha256(content).slice(0, 16)}`;
	const path = `${folder}\\x.dmupgrade`;
	const partial = `${path}.partial`;
	let local: string;

	beforeAll(async () => {
		local = join(await mkdtemp(join(tmpdir(), 'dms-upgrade-staging-')), 'x.dmupgrade');
		await writeFile(local, content);
	});
	afterAll(() => rm(dirname(local), {recursive: true}));

	/** A machine with a part of the package, whose certutil fails so often at first; `sent`: from where on each upload went. */
	function machineWith(part: Buffer, failures = 0) {
		const sent: number[] = [];
		const machine: ScriptedMachine = new ScriptedMachine(({program, args}) => {
			const there = machine.files.get(args[1] ?? '')?.content;
			if (program !== 'certutil.exe' || !there || failures-- > 0) {
				return {exitCode: 1, stdout: 'CertUtil: The process cannot access the file.'};
			}

			return {stdout: `SHA256 hash of x:\r\n${sha256(there)}\r\nCertUtil: done.\r\n`};
		});
		machine.put(partial, part);
		machine.onUpload = (to, {from = 0}) => {
			sent.push(from);
			machine.put(
				to,
				Buffer.concat([
					machine.files.get(to)?.content.subarray(0, from) ?? Buffer.alloc(0),
					content.subarray(from),
				]),
			);
			return Promise.resolve();
		};
		return {machine, sent};
	}

	const stage = (machine: ScriptedMachine) =>
		anAgent(machine).stagePackage(
			{path: local, name: 'x.dmupgrade', size: content.length, sha256: sha256(content)},
			{stallMs: 1000},
		);

	test.each<[string, Buffer, readonly number[]]>([
		['goes on behind a part that is the beginning of the package', content.subarray(0, 77_777), [77_777]],
		[
			'begins anew where one byte of the part differs',
			Buffer.concat([content.subarray(0, 77_776), Buffer.from([~content[77_776]! & 255])]),
			[0],
		],
		['begins anew where there is more than the package', Buffer.concat([content, content]), [0]],
		['begins anew where there is an empty file', Buffer.alloc(0), [0]],
		['sends nothing where all of it is there', content, []],
		['begins anew where as much is there, and is something else', Buffer.alloc(content.length), [0]],
	])('%s', async (_, part, expected) => {
		const {machine, sent} = machineWith(part);
		expect(await stage(machine)).toEqual({path, alreadyThere: false});
		expect(sent).toEqual(expected);
		expect(machine.files.get(path)?.content.equals(content)).toBe(true);
		expect(machine.files.has(partial)).toBe(false);
	});

	test('waits for a part that the connection before still holds open', async () => {
		const {machine, sent} = machineWith(content.subarray(0, 1000), 3);
		await stage(machine);
		expect(sent).toEqual([1000]);
	});

	test('looks again at a part that grew while it was looked at', async () => {
		const {machine, sent} = machineWith(content.subarray(0, 1000));
		const sizes = [2000, 3000];
		const run = machine.run.bind(machine);
		machine.run = async call => {
			const size = call.program === 'certutil.exe' ? sizes.shift() : undefined;
			if (size !== undefined) {
				machine.put(partial, content.subarray(0, size));
			}

			return run(call);
		};
		await stage(machine);
		expect(sent).toEqual([3000]);
		expect(machine.files.get(path)?.content.equals(content)).toBe(true);
	});

	test('says so where nobody ever lets go of it, and keeps it', async () => {
		const {machine, sent} = machineWith(content.subarray(0, 1000), Infinity);
		await expect(stage(machine)).rejects.toMatchObject({code: 'HASH_FAILED'});
		expect(sent).toEqual([]);
		expect(machine.files.has(partial)).toBe(true);
	});

	test('and whose package is not there any more says that', async () => {
		const {machine} = machineWith(content.subarray(0, 1000));
		const staging = anAgent(machine).stagePackage(
			{path: `${local}.gone`, name: 'x.dmupgrade', size: content.length, sha256: sha256(content)},
			{stallMs: 1000},
		);
		await expect(staging).rejects.toMatchObject({code: 'LOCAL_FILE_UNREADABLE'});
	});
});

describe('launching', () => {
	const order = {
		run: 'run-1',
		staged: {path: 'C:\\ProgramData\\dms-upgrade\\packages\\x\\x.dmupgrade', alreadyThere: true},
		options: defaultUpgradeOptions,
	};

	/** A machine with a Task Scheduler of one task. */
	function scheduling(task: {result?: number; output?: string}): ScriptedMachine {
		const machine = new ScriptedMachine(({program, args}) => {
			if (program !== 'schtasks.exe') {
				return undefined;
			}

			switch (args[0]) {
				case '/query': {
					return task.output === undefined && task.result === undefined
						? undefined
						: {stdout: task.output ?? `"S","\\t","N/A","x","x","x","${task.result!}"\r\n`};
				}

				case '/create': {
					task.result = 267_011;
					return {};
				}

				case '/run': {
					task.result = 267_009;
					return {};
				}

				default: {
					return {};
				}
			}
		});
		machine.put(
			'C:\\Program Files (x86)\\Skyline Communications\\Skyline Taskbar Utility\\SLTaskbarUtility.exe',
			'',
		);
		return machine;
	}

	const started = (machine: ScriptedMachine) => machine.calls.filter(call => call.includes('/run')).length;

	test('starts one upgrade, however often it is asked for', async () => {
		const task: {result?: number} = {};
		const machine = scheduling(task);
		machine.put(logOf('x.dmupgrade', 'a'), '');
		machine.put(logOf('y.dmupgrade', 'b'), '');
		const receipt = await anAgent(machine).launch(order);
		machine.put(logOf('x.dmupgrade', 'c'), '');
		expect(await anAgent(machine).launch(order)).toEqual(receipt);
		task.result = 1;
		expect(await anAgent(machine).launch(order)).toEqual(receipt);
		expect(started(machine)).toBe(1);
		expect(JSON.parse(receipt.reference)).toEqual({
			run: 'run-1',
			task: 'dms-upgrade run-1',
			package: 'x.dmupgrade',
			foldersBefore: [`x.dmupgrade-${'a'.repeat(32)}`],
		});
	});

	test('starts a task that was made and never started, with the folders from before', async () => {
		const task: {result?: number} = {};
		const machine = scheduling(task);
		const receipt = await anAgent(machine).launch(order);
		task.result = 267_011;
		machine.put(logOf('x.dmupgrade', 'c'), '');
		expect(await anAgent(machine).launch(order)).toEqual(receipt);
		expect(machine.calls.filter(call => call.includes('/create'))).toHaveLength(1);
	});

	test('does not start what may be running', async () => {
		const machine = scheduling({output: 'Fehler'});
		await expect(anAgent(machine).launch(order)).rejects.toMatchObject({code: 'TASK_UNREADABLE'});
		expect(started(machine)).toBe(0);
	});

	test('says so when what was started cannot be told any more', async () => {
		const machine = scheduling({result: 0});
		await expect(anAgent(machine).launch(order)).rejects.toMatchObject({code: 'LAUNCH_UNCLEAR'});
		expect(started(machine)).toBe(0);
	});

	test('needs the Taskbar Utility', async () => {
		const machine = scheduling({});
		machine.files.clear();
		await expect(anAgent(machine).launch(order)).rejects.toMatchObject({code: 'TASKBAR_UTILITY_MISSING'});
	});

	test('takes no run name that is a path', async () => {
		const launching = anAgent(scheduling({})).launch({...order, run: '..\\..\\x'});
		await expect(launching).rejects.toMatchObject({code: 'UNSAFE_FILE_NAME'});
	});
});

test('the end of a large log is enough to tell the role', async () => {
	const machine = new ScriptedMachine(healthy);
	const line = (status: string) =>
		`2026/01/01 00:00:00.000|SLNet.exe|x|CRU|0|67|Failover Status => ${status}\r\n`;
	const log = line('Offline').repeat(20_000) + line('Online');
	for (const content of [Buffer.from(log), Buffer.from(`\uFEFF${log}`, 'utf16le')]) {
		machine.put('C:\\Skyline DataMiner\\Logging\\SLFailover.txt', content);
		expect((await anAgent(machine, {failover: true}).status()).role).toBe('online');
	}
});
