import {writeFile} from 'node:fs/promises';
import path from 'node:path';
import {describe, expect, test} from 'vitest';
import {DataMinerAgent} from '../../source/agent/dataminer-agent.ts';
import {ConnectionLostError, FileOperationError} from '../../source/agent/machine-errors.ts';
import type {FileChunk} from '../../source/agent/machine.ts';
import {systemClock} from '../../source/commands/system-clock.ts';
import type {Lab, LabOptions} from '../../source/lab/lab.ts';
import {SimulatedMachine} from '../../source/lab/simulated-machine.ts';
import {aLab, eventsOn, untilEvent} from '../support/a-lab.ts';
import {describeAgentConnection} from '../support/agent-connection-contract.ts';

describeAgentConnection(
	'DataMinerAgent on the simulated machine itself',
	({name, partner, switchOver}, {speed}, lab) =>
		new DataMinerAgent({
			agent: name,
			machine: new SimulatedMachine(lab.agents.find(agent => agent.name === name)!),
			clock: systemClock,
			settings: {
				speed,
				failover: partner !== undefined,
				...(switchOver && {switchOver: switchOver as [string, ...string[]]}),
			},
		}),
	{canBreak: false},
);

async function aMachine(options: LabOptions = {}): Promise<{lab: Lab; machine: SimulatedMachine}> {
	const lab = await aLab(options);
	return {lab, machine: new SimulatedMachine(lab.agents[0]!)};
}

const folder = String.raw`C:\ProgramData\test`;
const file = String.raw`${folder}\größe.txt`;

describe('files of a simulated machine', () => {
	test('are written, read, listed, renamed and removed', async () => {
		const {lab, machine} = await aMachine();
		expect(await machine.list(folder)).toBeUndefined();
		expect(await machine.readFile(file)).toBeUndefined();
		expect(await machine.stat(file)).toBeUndefined();
		await machine.makeFolder(folder);
		await machine.makeFolder(folder);
		expect(await machine.writeFile(file, 'one', 'exclusive')).toBe(true);
		expect(await machine.writeFile(file, 'two', 'exclusive')).toBe(false);
		expect((await machine.readFile(file))?.toString()).toBe('one');
		await machine.writeFile(file, 'three', 'replace');
		expect(await machine.list(folder)).toEqual(['größe.txt']);
		expect(await machine.stat(file)).toMatchObject({size: 5, folder: false});
		expect(await machine.stat(folder)).toMatchObject({folder: true});
		await machine.writeFile(`${folder}\\other.txt`, 'four', 'replace');
		await machine.rename(file, `${folder}\\other.txt`);
		expect((await machine.readFile(`${folder}\\OTHER.TXT`))?.toString()).toBe('three');
		await machine.remove(folder);
		await machine.remove(folder);
		expect(await machine.stat(folder)).toBeUndefined();
		expect(eventsOn(lab, 'DMA-01')).toContain(`file-renamed ${file}`);
	});

	test('have times by the clock of the Agent', async () => {
		const {machine} = await aMachine({faults: ['clock-is-fast@DMA-01']});
		await machine.writeFile('C:\\now.txt', '', 'replace');
		const {modifiedAt} = (await machine.stat('C:\\now.txt'))!;
		expect(Math.abs(modifiedAt - Date.now() - 7 * 3_600_000)).toBeLessThan(60_000);
	});

	test.each<[string, (machine: SimulatedMachine) => Promise<unknown>, FileOperationError['code']]>([
		['too large to be read', machine => machine.readFile(file, {maxBytes: 2}), 'FILE_TOO_LARGE'],
		['on another drive', machine => machine.readFile('D:\\x'), 'FILE_DENIED'],
		['outside of the drive', machine => machine.readFile('C:\\..\\x'), 'FILE_DENIED'],
		['named as no file can be', machine => machine.writeFile('C:\\a?b', '', 'replace'), 'FILE_FAILED'],
		[
			'in a folder that is not there',
			machine => machine.writeFile('C:\\no\\x', '', 'exclusive'),
			'FILE_FAILED',
		],
		['a folder', machine => machine.readFile(folder), 'FILE_FAILED'],
		['renamed from nowhere', machine => machine.rename('C:\\no', 'C:\\yes'), 'FILE_FAILED'],
	])('that are %s are refused', async (_, act, code) => {
		const {machine} = await aMachine();
		await machine.makeFolder(folder);
		await machine.writeFile(file, 'three', 'replace');
		await expect(act(machine)).rejects.toThrow(FileOperationError);
		await expect(act(machine)).rejects.toMatchObject({code});
	});

	test('are uploaded from where they end, and never with a hole', async () => {
		const {lab, machine} = await aMachine();
		const local = path.join(lab.folder, 'local');
		await writeFile(local, 'abcdef');
		await machine.writeFile(file.replace(`${folder}\\`, 'C:\\'), 'abcXYZ', 'replace');
		const progress: number[] = [];
		const options = {stallMs: 1000, onProgress: (bytes: number) => progress.push(bytes)};
		await machine.upload(local, 'C:\\größe.txt', {...options, from: 3});
		expect((await machine.readFile('C:\\größe.txt'))?.toString()).toBe('abcdef');
		expect(progress).toEqual([6]);
		await expect(machine.upload(local, 'C:\\größe.txt', {...options, from: 7})).rejects.toMatchObject({
			code: 'FILE_FAILED',
		});
		await expect(machine.upload(`${local}?`, 'C:\\x', options)).rejects.toMatchObject({
			code: 'LOCAL_FILE_UNREADABLE',
		});
	});

	test('are followed as they grow and where they begin anew', async () => {
		const {machine} = await aMachine();
		const enough = new AbortController();
		const chunks = machine
			.follow('C:\\log', {offset: 2, pollMs: 5, signal: enough.signal})
			[Symbol.asyncIterator]();
		const first = chunks.next();
		await machine.writeFile('C:\\log', 'abcd', 'replace');
		const shown = async (next: Promise<IteratorResult<FileChunk, unknown>>) => {
			const {value} = (await next) as IteratorYieldResult<FileChunk>;
			return [value.offset, value.bytes.toString(), value.restarted];
		};
		expect(await shown(first)).toEqual([2, 'cd', false]);
		await machine.writeFile('C:\\log', 'x', 'replace');
		expect(await shown(chunks.next())).toEqual([0, 'x', true]);
		const last = chunks.next();
		enough.abort();
		expect(await last).toEqual({done: true, value: undefined});
	});
});

describe('programs of a simulated machine', () => {
	test('get their arguments as they are, with no shell between', async () => {
		const {lab, machine} = await aMachine();
		const args = ['/create', '/tn', 'a "b" %PATH% ^&| ', '/xml', 'C:\\no such file', ''];
		expect(await machine.run({program: 'schtasks.exe', args})).toEqual({
			exitCode: 1,
			stdout: '',
			stderr: 'ERROR: The system cannot find the file specified.\r\n',
		});
		expect(lab.events.find(({detail}) => detail['program'] === 'schtasks.exe')?.detail['arguments']).toBe(
			args.join(' '),
		);
	});

	test('that are not there end badly', async () => {
		const {machine} = await aMachine();
		expect(await machine.run({program: 'nothing.exe', args: []})).toMatchObject({exitCode: 1});
	});

	test('lose what the console of that Windows cannot write', async () => {
		const {machine} = await aMachine({software: {'DMA-01': {codePage: 437}}});
		const {stderr} = await machine.run({
			program: 'C:\\Program Files\\Skyline Communications\\Skyline Taskbar Utility\\SLTaskbarUtility.exe',
			args: ['größe Ω 漢'],
		});
		expect(stderr).toBe('Unknown command: größe Ω ?\r\n');
	});

	const restart = {
		program: 'C:\\Program Files\\Skyline Communications\\Skyline Taskbar Utility\\SLTaskbarUtility.exe',
		args: ['-stop'],
	};

	test('can be given up, and are ended then', async () => {
		const {lab, machine} = await aMachine({speed: 1});
		const stop = new AbortController();
		const running = machine.run(restart, {signal: stop.signal});
		await untilEvent(lab, 'program-started SLTaskbarUtility.exe');
		stop.abort(new Error('enough'));
		await expect(running).rejects.toThrow('enough');
		await untilEvent(lab, 'program-ended SLTaskbarUtility.exe');
		await expect(machine.run(restart, {timeoutMs: 20})).rejects.toMatchObject({code: 'PROGRAM_TIMED_OUT'});
	});

	test('and everything else end with a reboot, and do not come back with it', async () => {
		const {lab, machine} = await aMachine({speed: 200});
		const enough = new AbortController();
		const following = machine.follow('C:\\log', {pollMs: 5, signal: enough.signal})[Symbol.asyncIterator]();
		const waiting = [machine.run(restart), following.next()].map(each =>
			expect(each).rejects.toThrow(ConnectionLostError),
		);
		await untilEvent(lab, 'program-started SLTaskbarUtility.exe');
		await lab.agents[0]!.reboot();
		await Promise.all(waiting);
		await expect(machine.stat('C:\\')).rejects.toThrow('its process was killed');
		await expect(machine.run({program: 'hostname.exe', args: []})).rejects.toThrow(ConnectionLostError);
		const again = new SimulatedMachine(lab.agents[0]!);
		expect(await again.run({program: 'hostname.exe', args: []})).toMatchObject({stdout: 'DMA-01\r\n'});
	});
});
