import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {describe, expect, onTestFinished, test} from 'vitest';
import {agentsCommand} from '../../source/commands/agents.ts';
import {discover} from '../../source/commands/discover-members.ts';
import {startFrom} from '../../source/commands/discovery-start.ts';
import {parseClusterFile} from '../../source/config/cluster-file.ts';
import {clusterEntry, indented} from '../../source/config/cluster-file-text.ts';
import {inventorySchema} from '../../source/config/inventory.ts';
import type {Lab} from '../../source/lab/lab.ts';
import {aLab} from '../support/a-lab.ts';

async function agents(lab: Lab, json = false) {
	let text = '';
	const told: string[] = [];
	const exitCode = await agentsCommand(lab.inventory, {
		json,
		write: written => (text += written),
		progress: line => told.push(line),
	});
	return {exitCode, text, told};
}

describe('asking the Agents of a cluster', () => {
	test('names them with their addresses, states, versions, roles and partners', async () => {
		const lab = await aLab({agents: 3, pairs: 1});
		const {exitCode, text, told} = await agents(lab);
		expect(exitCode).toBe(0);
		expect(text.split('\n')).toEqual([
			'Practice, 3 Agents',
			'',
			'AGENT    ADDRESS      OVER  STATE    VERSION                ROLE     PARTNER',
			'DMA-01   127.10.0.11  SSH   Running  10.5.12 [CU2] (16797)  -        -',
			'DMA-02A  127.10.0.12  SSH   Running  10.5.12 [CU2] (16797)  online   DMA-02B',
			'DMA-02B  127.10.0.13  SSH   Running  10.5.12 [CU2] (16797)  offline  DMA-02A',
			'',
		]);
		expect(told[0]).toBe('Asking the Agents: 0 of 3');
		expect(told.at(-1)).toBe('');
	});

	test('says which one does not answer and why, and what the others said', async () => {
		const lab = await aLab({agents: 2});
		await lab.agents[1]?.stop();
		const {exitCode, text} = await agents(lab, true);
		expect(exitCode).toBe(5);
		const report = JSON.parse(text) as {agents: object[]; problems: object[]};
		expect(report.agents).toMatchObject([
			{name: 'DMA-01', state: 'Running', dataMinerId: 101, failure: null},
			{name: 'DMA-02', state: 'Disconnected', version: null, failure: {code: 'UNREACHABLE'}},
		]);
		expect(report.problems).toMatchObject([{agents: ['DMA-02']}]);
	});

	test('says that versions differ, and that an Agent of the cluster is not named', async () => {
		const lab = await aLab({agents: 3, software: {'DMA-02': {version: '10.5.11.0-16500-20251212-release'}}});
		const named = {...lab.inventory, agents: lab.inventory.agents.slice(0, 2)};
		const {exitCode, text} = await agents({...lab, inventory: named});
		expect(exitCode).toBe(0);
		expect(text.replaceAll(/\s+/g, ' ')).toContain('The Agents run different versions:');
		expect(text.replaceAll(/\s+/g, ' ')).toContain('lists 127.10.0.13, which is missing among these Agents.');
	});

	test('where the SSH configuration cannot be followed, asks nobody and says which line it is', async () => {
		const folder = await mkdtemp(path.join(tmpdir(), 'dms-upgrade-test-'));
		onTestFinished(() => rm(folder, {recursive: true}));
		const sshConfig = path.join(folder, 'config');
		await writeFile(sshConfig, 'Host a.example\n ProxyCommand nc %h %p\n');
		const inventory = inventorySchema.parse({
			cluster: 'C',
			sshConfig,
			agents: [{name: 'A', address: 'a.example', user: 'edith'}],
		});
		await expect(agentsCommand(inventory, {json: false, write: () => undefined})).rejects.toMatchObject({
			code: 'SSH_CONFIG_UNSUPPORTED',
			message: expect.stringContaining(`${sshConfig}:2: ProxyCommand`) as string,
		});
	});
});

describe('one Agent tells who the others are', () => {
	test('what a file knows already is kept, and what is printed is a file again', async () => {
		const lab = await aLab({agents: 4, pairs: 1});
		const known = [lab.inventory];
		const {inventory, remarks} = await discover(startFrom('DMA-02', known, {}), known);
		expect(inventory).toEqual(lab.inventory);
		const text = `clusters:\n${indented(clusterEntry(inventory, remarks), 2)}`;
		expect(parseClusterFile(text, 'printed')).toEqual([inventory]);
		expect(text).toContain('# Read from DMS.xml of DMA-02.');
		expect(text).toContain('# DataMiner ID 104');
	});

	test('without a file: names by DataMiner ID where an Agent cannot be asked, and what is not known is said', async () => {
		const lab = await aLab({agents: 3, pairs: 1});
		const {address, port, user, identityFile, hostKey} = lab.inventory.agents[1]!;
		const start = startFrom(`${user}@${address}:${port}`, [], {identityFile, hostKey});
		const {inventory, remarks} = await discover(start, []);
		expect(inventory).toEqual({
			cluster: 'Practice',
			speed: 1,
			agents: [
				{name: 'DMA-101', address: '127.10.0.11', user, port, identityFile},
				{name: 'DMA-02A', address, user, port, identityFile, hostKey},
				{name: 'DMA-103', address: '127.10.0.13', user, port, identityFile},
			],
		});
		expect(remarks.above?.join(' ')).toContain('Failover partner could not be told');
		expect(remarks.agents?.get('DMA-02A')).toEqual(['DataMiner ID 102', 'In a Failover pair']);
		expect(remarks.agents?.get('DMA-101')?.[1]).toMatch(
			/^It could not be asked, so that its name is made up: /,
		);
	});

	test('the only two Agents that are in a pair are partners', async () => {
		const lab = await aLab({agents: 4, pairs: 1});
		const alone = {
			...lab.inventory,
			agents: lab.inventory.agents.map(({name, address, port, user, identityFile, hostKey}) => ({
				name,
				address,
				port,
				user,
				identityFile,
				hostKey,
			})),
		};
		const {inventory, remarks} = await discover(startFrom('DMA-01', [alone], {}), [alone]);
		expect(inventory.agents.map(({partner}) => partner)).toEqual([
			undefined,
			undefined,
			'DMA-03B',
			'DMA-03A',
		]);
		expect(remarks.above?.join(' ')).not.toContain('could not be told');
	});

	test('an Agent that does not answer tells nothing', async () => {
		const lab = await aLab();
		await lab.agents[0]?.stop();
		const known = [lab.inventory];
		await expect(discover(startFrom('DMA-01', known, {}), known)).rejects.toMatchObject({
			exitCode: 5,
		});
	});

	test('a computer that is no Agent is told', async () => {
		const lab = await aLab();
		await rm(path.join(lab.folder, 'DMA-01', 'C', 'Skyline DataMiner', 'DMS.xml'));
		const known = [lab.inventory];
		await expect(discover(startFrom('DMA-01', known, {}), known)).rejects.toMatchObject({code: 'NO_MEMBERS'});
	});

	test('a file that an Agent was made to lie with is still only a list of addresses', async () => {
		const lab = await aLab();
		const [agent] = lab.inventory.agents;
		await writeFile(
			path.join(lab.folder, 'DMA-01', 'C', 'Skyline DataMiner', 'DMS.xml'),
			`<DMS><Cluster name="x&#27;[2J: {a: b} # y"/><DMA ip="${agent!.address}" timestamp=""/><DMA ip="-oProxyCommand=x" id="1"/><DMA ip="10.0.0.1" id="7"/><Failover a="10.0.0.1"/></DMS>`,
		);
		const known = [lab.inventory];
		const {inventory, remarks} = await discover(startFrom('DMA-01', known, {}), known, {
			signal: AbortSignal.timeout(60_000),
		});
		expect(inventory.agents.map(({address}) => address)).toEqual([agent!.address, '10.0.0.1']);
		const text = `clusters:\n${indented(clusterEntry(inventory, remarks), 2)}`;
		expect(parseClusterFile(text, 'printed')).toEqual([inventory]);
	});
});

describe('where to begin', () => {
	test.each([
		['10.4.2.92', {name: '10.4.2.92', address: '10.4.2.92'}],
		['edith@dma.example:2222', {name: 'dma.example', address: 'dma.example', user: 'edith', port: 2222}],
		['[fe80::1]:22', {name: 'fe80-1', address: 'fe80::1', port: 22}],
		['fe80::1', {name: 'fe80-1', address: 'fe80::1'}],
		['CORP\\edith@dma', {name: 'dma', address: 'dma', user: 'CORP\\edith'}],
	])('%s', (host, agent) => {
		expect(startFrom(host, [], {})).toEqual({agent, speed: 1});
	});

	test.each(['', '@', 'a b', 'dma:0', 'dma:70000', '-oProxyCommand=x', 'a@b@c', 'a/b'])(
		'%j is no Agent',
		host => {
			expect(() => startFrom(host, [], {})).toThrow('names no Agent');
		},
	);

	test('an Agent that stands in several clusters is asked about', () => {
		const cluster = (name: string) =>
			inventorySchema.parse({cluster: name, agents: [{name: 'A', address: 'a'}]});
		expect(() => startFrom('A', [cluster('X'), cluster('Y')], {})).toThrow('an Agent of several clusters');
	});
});

test('the command writes the file and never a second cluster of that name', async () => {
	const {runDiscovery} = await import('../../source/commands/discover.ts');
	const {parseArguments} = await import('../../source/commands/arguments.ts');
	const lab = await aLab({agents: 2});
	const folder = await mkdtemp(path.join(tmpdir(), 'dms-upgrade-test-'));
	onTestFinished(() => rm(folder, {recursive: true, force: true}));
	const config = path.join(folder, 'lab.json');
	const file = path.join(folder, 'own', 'clusters.yaml');
	await writeFile(config, JSON.stringify(lab.inventory));
	const {flags} = parseArguments(['agents', '--discover', 'DMA-01', '--config', config, '--write', file]);
	const {signal} = new AbortController();
	let text = '';
	const write = (written: string) => (text += written);
	expect(await runDiscovery(flags, signal, write)).toBe(0);
	expect(text).toContain(`Practice with 2 Agents stands in ${file} now.`);
	expect(parseClusterFile(await readFile(file, 'utf8'), file)).toEqual([lab.inventory]);
	await expect(runDiscovery(flags, signal, write)).rejects.toMatchObject({code: 'CLUSTER_EXISTS'});
});
