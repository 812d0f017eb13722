import {describe, expect, test} from 'vitest';
import type {AgentSettings} from '../../source/agent/agent-settings.ts';
import {type FollowedLine, provesNothingLaunched} from '../../source/agent/connection.ts';
import {DataMinerAgent} from '../../source/agent/dataminer-agent.ts';
import {ConnectionLostError} from '../../source/agent/machine-errors.ts';
import type {ProgramResult} from '../../source/agent/machine.ts';
import {defaultUpgradeOptions} from '../../source/domain/upgrade-options.ts';
import {ScriptedMachine} from '../support/scripted-machine.ts';

const utility = 'C:\\Program Files\\Skyline Communications\\Skyline Taskbar Utility\\SLTaskbarUtility.exe';
const packages = 'C:\\Skyline DataMiner\\Upgrades\\Packages';
const launches = 'C:\\ProgramData\\dms-upgrade\\launches';
const logOf = (digit: string) => `${packages}\\x.dmupgrade-${digit.repeat(32)}\\progress.log`;

const order = {
	run: 'run-1',
	staged: {path: 'C:\\ProgramData\\dms-upgrade\\packages\\x\\x.dmupgrade', alreadyThere: true},
	options: defaultUpgradeOptions,
};

function anAgent(machine: ScriptedMachine, settings: Partial<AgentSettings> = {}): DataMinerAgent {
	return new DataMinerAgent({
		agent: 'DMA-01',
		machine,
		clock: {now: () => 0, sleep: () => Promise.resolve()},
		settings,
	});
}

function dmsXml(...addresses: readonly string[]): string {
	const [own = '', ...others] = addresses;
	return `<DMS xmlns="http://www.skyline.be/config/dms"><Cluster name="pluto"/><DMA ip="${own}" timestamp=""/>${others.map(ip => `<DMA ip="${ip}" id="2" timestamp="2026-01-05 01:24:38"/>`).join('')}</DMS>`;
}

/** A machine whose management service answers these, and whose processes of ours are so many. */
function managed(answers: {create?: Partial<ProgramResult>; running: number}): ScriptedMachine & {
	readonly scripts: string[];
} {
	const scripts: string[] = [];
	const machine = new ScriptedMachine(({program, args}) => {
		if (program !== 'powershell.exe') {
			return undefined;
		}

		const script = Buffer.from(args.at(-1)!, 'base64').toString('utf16le');
		scripts.push(script);
		if (script.includes('Invoke-CimMethod')) {
			answers.running = 1;
			return answers.create ?? {stdout: '0\r\n'};
		}

		return {stdout: `${answers.running}\r\n`};
	});
	machine.put(utility, '');
	return Object.assign(machine, {scripts});
}

const starts = (machine: {readonly scripts: readonly string[]}) =>
	machine.scripts.filter(script => script.includes('Invoke-CimMethod'));

describe('launching without a task', () => {
	const direct = {launch: 'direct'} as const;

	test('starts one process beside the session, however often it is asked for', async () => {
		const answers = {running: 0};
		const machine = managed(answers);
		const agent = anAgent(machine, direct);
		const receipt = await agent.launch(order);
		expect(await agent.launch(order)).toEqual(receipt);
		answers.running = 0;
		machine.put(logOf('c'), '');
		expect(await agent.launch(order)).toEqual(receipt);
		expect(starts(machine)).toHaveLength(1);
		expect(starts(machine)[0]).toContain(
			`CommandLine = '"${utility}" -upgrade ${order.staged.path} ${launches}\\run-1\\UpgradeInfo.xml'`,
		);
		expect(machine.calls.some(call => call.startsWith('schtasks.exe'))).toBe(false);
	});

	test('starts it again where an earlier attempt left a receipt, and nothing runs nor was begun', async () => {
		const answers = {running: 0};
		const machine = managed(answers);
		await anAgent(machine, direct).launch(order);
		answers.running = 0;
		await anAgent(machine, direct).launch(order);
		expect(starts(machine)).toHaveLength(2);
	});

	test.each([
		['2\r\n', true],
		['Something else', false],
		['', false],
	])('tells what Windows answered: %j', async (stdout, nothingStarted) => {
		const launching = anAgent(managed({running: 0, create: {stdout}}), direct).launch(order);
		await launching.catch((error: unknown) => expect(provesNothingLaunched(error)).toBe(nothingStarted));
		await expect(launching).rejects.toThrow('did not say that it started');
	});

	test('is uncertain where PowerShell fails', async () => {
		const machine = managed({running: 0, create: {exitCode: 1, stderr: 'Access denied'}});
		await expect(anAgent(machine, direct).launch(order)).rejects.toMatchObject({code: 'LAUNCH_UNCERTAIN'});
	});

	test('leaves nothing behind, and no result, when it is forgotten', async () => {
		const machine = managed({running: 0});
		const agent = anAgent(machine, direct);
		expect(await agent.forgetLaunch(await agent.launch(order))).toBeUndefined();
		expect([...machine.files.keys()].filter(path => path.startsWith(launches))).toEqual([]);
	});

	test('goes on as it was begun when the setting is another one by now', async () => {
		const machine = managed({running: 0});
		const receipt = await anAgent(machine, direct).launch(order);
		expect(await anAgent(machine, {launch: 'task'}).launch(order)).toEqual(receipt);
		expect(machine.calls.some(call => call.startsWith('schtasks.exe'))).toBe(false);
	});

	test('shows as an upgrade that goes on while the process runs', async () => {
		const answers = {running: 0};
		const machine = managed(answers);
		const agent = anAgent(machine, direct);
		await agent.launch(order);
		expect((await agent.status()).upgradeInProgress).toBe('dms-upgrade');
		answers.running = 0;
		expect((await agent.status()).upgradeInProgress).toBeUndefined();
	});
});

describe('launching by a task', () => {
	/** A machine whose Task Scheduler refuses these. */
	function scheduling(refused: {readonly create?: true; readonly run?: true; readonly delete?: true}) {
		let there = false;
		const machine = new ScriptedMachine(({program, args: [verb = '']}) => {
			const refusal = {exitCode: 1, stderr: 'ERROR: Access is denied.'};
			if (program !== 'schtasks.exe' || refused[verb.slice(1) as keyof typeof refused]) {
				return refusal;
			}

			if (verb === '/query') {
				return there ? {stdout: '"SRV","\\dms-upgrade run-1","N/A","Ready","","","267011"\r\n'} : refusal;
			}

			there = verb !== '/delete';
			return {};
		});
		machine.put(utility, '');
		return machine;
	}

	const left = (machine: ScriptedMachine) =>
		[...machine.files.keys()].filter(path => path.startsWith(launches));
	const deletions = (machine: ScriptedMachine) =>
		machine.calls.filter(call => call === 'schtasks.exe /delete /tn dms-upgrade run-1 /f');

	test.each([{create: true}, {run: true}] as const)(
		'that Windows refuses leaves neither task nor files: %o',
		async refused => {
			const machine = scheduling(refused);
			const launching = anAgent(machine).launch(order);
			await expect(launching).rejects.toMatchObject({code: 'LAUNCH_FAILED'});
			expect(deletions(machine)).toHaveLength(1);
			expect(left(machine)).toEqual([]);
		},
	);

	test('says what is left where even that is refused', async () => {
		const launching = anAgent(scheduling({run: true, delete: true})).launch(order);
		await expect(launching).rejects.toThrow(/did not start the upgrade.*still there.*could not be deleted/);
		await expect(launching).rejects.toMatchObject({
			code: 'LAUNCH_FAILED',
			nextSteps: [
				'Look at the task in Task Scheduler on this Agent, then launch again.',
				'Delete it in Task Scheduler on this Agent once its upgrade is over.',
			],
		});
	});

	test('whose answer never came leaves everything, for whoever asks again', async () => {
		const machine = scheduling({});
		const run = machine.run.bind(machine);
		machine.run = call =>
			call.args[0] === '/run'
				? Promise.reject(new ConnectionLostError('agent.example', 'launching'))
				: run(call);
		await expect(anAgent(machine).launch(order)).rejects.toThrow(ConnectionLostError);
		expect(deletions(machine)).toEqual([]);
		expect(left(machine)).toHaveLength(3);
		machine.run = run;
		const receipt = await anAgent(machine).launch(order);
		await anAgent(machine).forgetLaunch(receipt);
		expect(deletions(machine)).toHaveLength(1);
		expect(left(machine)).toEqual([]);
	});
});

describe('telling one Agent to upgrade the cluster', () => {
	const cluster = {addresses: ['host-2', 'host-3'], policy: 'BackupFirst'} as const;
	const info = (machine: ScriptedMachine) =>
		machine.files.get(`${launches}\\run-1\\UpgradeInfo.xml`)!.content.toString();

	test('names the others as DataMiner itself knows them, and the order that it is to keep', async () => {
		const machine = managed({running: 0});
		machine.put('C:\\Skyline DataMiner\\DMS.xml', dmsXml('10.0.0.1', '10.0.0.2', '10.0.0.3'));
		await anAgent(machine, {launch: 'direct'}).launch({...order, cluster});
		expect([...info(machine).matchAll(/<IP>(.*)<\/IP>/g)].map(([, ip]) => ip)).toEqual([
			'localhost',
			'10.0.0.2',
			'10.0.0.3',
		]);
		expect(info(machine)).toContain('<IsCluster>true</IsCluster>');
		expect(info(machine)).toContain('<FailoverPolicy>BackupFirst</FailoverPolicy>');
	});

	test('names them as the inventory does where DataMiner does not tell', async () => {
		const machine = managed({running: 0});
		await anAgent(machine, {launch: 'direct'}).launch({...order, cluster});
		expect([...info(machine).matchAll(/<IP>(.*)<\/IP>/g)].map(([, ip]) => ip)).toEqual([
			'localhost',
			'host-2',
			'host-3',
		]);
	});
});

describe('an upgrade that another Agent starts', () => {
	const line = (address: string, type: string, message: string) =>
		`${address}|2026-01-15 00:00:00|${type}|${message}\r\n`;

	test('is expected without anything being changed, and found by what is new', async () => {
		const machine = new ScriptedMachine();
		machine.put(logOf('a'), line('10.0.0.2', 'finished', 'Last year.'));
		const before = [...machine.files.keys()];
		const agent = anAgent(machine);
		const receipt = await agent.expectUpgrade('x.dmupgrade');
		expect([...machine.files.keys()]).toEqual(before);
		expect(machine.calls).toEqual([]);
		machine.put(logOf('b'), line('10.0.0.2', 'progress', 'Today.'));
		const stop = new AbortController();
		const heard: FollowedLine[] = [];
		for await (const followed of agent.followProgress(receipt, {offset: 0, pollMs: 1, signal: stop.signal})) {
			heard.push(followed);
			stop.abort();
		}

		expect(heard.map(({line: {message}}) => message)).toEqual(['Today.']);
		expect(await agent.forgetLaunch(receipt)).toBeUndefined();
		expect(machine.calls).toEqual([]);
	});

	test('does not end with the upgrade of another Agent, which its leader writes down too', async () => {
		const log =
			line('10.0.0.1', 'information', 'Starting.') +
			line('10.0.0.2', 'error', 'Upgrade failed: not mine') +
			'    with a line that belongs to it\r\n' +
			line('10.0.0.2', 'finished', 'Nor this.') +
			line('10.0.0.1', 'progress', 'Upgrading: 50%');
		const machine = new ScriptedMachine();
		machine.put('C:\\Skyline DataMiner\\DMS.xml', dmsXml('10.0.0.1', '10.0.0.2'));
		const agent = anAgent(machine);
		const receipt = await agent.expectUpgrade('x.dmupgrade');
		machine.put(logOf('b'), log);
		const stop = new AbortController();
		const heard: FollowedLine[] = [];
		for await (const followed of agent.followProgress(receipt, {offset: 0, pollMs: 1, signal: stop.signal})) {
			heard.push(followed);
			if (heard.length === 2) {
				stop.abort();
			}
		}

		expect(heard.map(({line: {message}}) => message)).toEqual(['Starting.', 'Upgrading: 50%']);
		expect(heard.at(-1)?.nextOffset).toBe(log.length);
		// Nor is it over for whoever asks what goes on there.
		expect((await agent.status()).upgradeInProgress).toBe('x.dmupgrade');
	});
});
