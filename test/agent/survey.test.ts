import {describe, expect, test} from 'vitest';
import {DataMinerAgent} from '../../source/agent/dataminer-agent.ts';
import {
	ConnectionLostError,
	FileOperationError,
	ProgramTimedOutError,
} from '../../source/agent/machine-errors.ts';
import type {ProgramCall, ProgramResult} from '../../source/agent/machine.ts';
import {openCluster} from '../../source/commands/cluster-session.ts';
import type {ShellName} from '../../source/lab/windows-shell.ts';
import {aLab} from '../support/a-lab.ts';
import {ScriptedMachine} from '../support/scripted-machine.ts';

const now = Date.UTC(2026, 2, 6);

function agentOn(machine: ScriptedMachine): DataMinerAgent {
	let time = now;
	return new DataMinerAgent({
		agent: 'DMA-01',
		machine,
		// Each look at the clock takes a second.
		clock: {now: () => (time += 1000), sleep: () => Promise.resolve()},
	});
}

const survey = (programs?: (call: ProgramCall) => Partial<ProgramResult> | undefined) =>
	agentOn(new ScriptedMachine(programs)).survey();

describe('a look at an Agent', () => {
	test.each<ShellName>(['cmd', 'powershell'])('finds everything out, over SSH with %s', async shell => {
		const lab = await aLab({
			agents: 2,
			shell,
			software: {'DMA-01': {pendingReboot: ['updates', 'files'], clockAhead: 90, computerName: 'SRV-7'}},
		});
		const session = await openCluster(lab.inventory);
		try {
			const found = await session.connections.get('DMA-01')!.survey();
			expect(found).toMatchObject({
				hostName: 'SRV-7',
				clusterName: 'Practice',
				windows: {name: 'Windows Server 2022 Standard', build: 20_348, server: true},
				dotNetFramework: 528_449,
				aspNetCore: expect.arrayContaining(['8.0.22', '10.0.1']) as string[],
				visualCpp: {x64: {version: '14.44.35211.0'}, x86: {version: '14.44.35211.0'}},
				pendingReboot: ['updates', 'files'],
				fipsEnforced: false,
				maintenance: {brokerGateway: true, maxUploadSize: 4000},
				softLaunch: {BrokerGateway: true},
				connectionSettings: {changed: false},
				remotingPort: 8004,
				redirects: [],
				clusterEndpoints: 'complete',
				legacyReports: false,
				srmXmlFiles: [],
				expiredUsers: false,
				portCheck: {passed: true},
				taskbarUtility: true,
			});
			expect(found.services).toContainEqual({name: 'nats-server', displayName: 'nats-server', running: true});
			expect(found.ports?.filter(({port}) => port !== 9090).map(({answer}) => answer)).toEqual(
				Array(3).fill('open'),
			);
			const {aheadMs = 0, uncertaintyMs = 0} = found.clock ?? {};
			expect(Math.abs(aheadMs - 90_000)).toBeLessThanOrEqual(uncertaintyMs + 5);
		} finally {
			await session.close();
		}
	});

	test('leaves out what could not be found out, and never says no instead', async () => {
		const found = await survey(() => ({exitCode: 5, stdout: 'Access is denied.'}));
		// Files are read without programs: the machine has none of DataMiner's.
		expect(Object.keys(found).toSorted()).toEqual([
			'aspNetCore',
			'clusterEndpoints',
			'connectionSettings',
			'legacyReports',
			'maintenance',
			'portCheck',
			'ports',
			'softLaunch',
			'srmXmlFiles',
			'taskbarUtility',
			'visualCpp',
		]);
		expect(found.visualCpp).toEqual({});
		expect(found.portCheck).toBe('never');
	});

	test('takes a missing key for what is not installed only where the registry can be read', async () => {
		const readable = await survey(({program, args}) =>
			program !== 'reg.exe'
				? undefined
				: args[1]?.endsWith('Windows NT\\CurrentVersion')
					? {stdout: '\r\nHKEY_LOCAL_MACHINE\\X\r\n    CurrentBuildNumber    REG_SZ    20348\r\n'}
					: {exitCode: 1},
		);
		expect(readable.visualCpp).toEqual({x64: 'missing', x86: 'missing'});
		expect(readable.fipsEnforced).toBe(false);
		const closed = await survey(({program}) => (program === 'reg.exe' ? {exitCode: 1} : undefined));
		expect(closed.visualCpp).toEqual({});
		expect(closed.fipsEnforced).toBeUndefined();
	});

	test.each([
		['0x0', false],
		['0x1', true],
		['0x2', true],
		['yes', undefined],
	])('takes %j of the FIPS policy for %j', async (data, expected) => {
		const found = await survey(({program, args}) =>
			program === 'reg.exe' && args[1]?.endsWith('FipsAlgorithmPolicy')
				? {stdout: `\r\nHKEY_LOCAL_MACHINE\\X\r\n    Enabled    REG_DWORD    ${data}\r\n`}
				: undefined,
		);
		expect(found.fipsEnforced).toBe(expected);
	});

	test('a file that may not be read and a program that does not end leave open what they would say', async () => {
		const machine = new ScriptedMachine();
		machine.readFile = path => Promise.reject(new FileOperationError('a', path, 'FILE_DENIED', 'no'));
		machine.run = ({program}) => Promise.reject(new ProgramTimedOutError('a', program, 1));
		const found = await agentOn(machine).survey();
		expect(found.maintenance).toBeUndefined();
		expect(found.portCheck).toBeUndefined();
		expect(found.services).toBeUndefined();
		expect(found.clock).toBeUndefined();
	});

	test('a connection that is lost is an error, and no answer', async () => {
		const machine = new ScriptedMachine();
		machine.run = () => Promise.reject(new ConnectionLostError('a', 'running reg.exe'));
		await expect(agentOn(machine).survey()).rejects.toThrow('was lost');
	});

	test('says by how much the time may be wrong that asking took', async () => {
		const found = await survey(({args}) =>
			args.at(-1)?.includes('UtcNow') ? {stdout: `${new Date(now + 61_500).toISOString()}\r\n`} : undefined,
		);
		expect(found.clock).toEqual({aheadMs: 60_000, uncertaintyMs: 500});
	});

	test('asks only: no program is run that changes anything', async () => {
		const machine = new ScriptedMachine();
		await agentOn(machine).survey();
		const programs = new Set(machine.calls.map(call => call.split(' ').slice(0, 2).join(' ')));
		expect([...programs].toSorted()).toEqual([
			'hostname.exe',
			'powershell.exe -NoProfile',
			'reg.exe query',
			'sc.exe query',
		]);
	});
});
