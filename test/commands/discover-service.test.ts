import {cp, mkdtemp, readFile, rm} from 'node:fs/promises';
import {type Server, connect, createServer} from 'node:net';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {describe, expect, onTestFinished, test} from 'vitest';
import {agentsCommand} from '../../source/commands/agents.ts';
import {parseArguments} from '../../source/commands/arguments.ts';
import {checkCluster} from '../../source/commands/check.ts';
import {runDiscovery} from '../../source/commands/discover.ts';
import {discover} from '../../source/commands/discover-members.ts';
import {startFrom} from '../../source/commands/discovery-start.ts';
import {serveOnLabAgent} from '../../source/commands/lab-service.ts';
import {inspectPackage} from '../../source/commands/run-package.ts';
import {SshAccess} from '../../source/commands/ssh-access.ts';
import {parseClusterFile} from '../../source/config/cluster-file.ts';
import type {KnownAgent} from '../../source/config/inventory.ts';
import {agentPaths} from '../../source/lab/agent-paths.ts';
import type {Lab} from '../../source/lab/lab.ts';
import {aLab} from '../support/a-lab.ts';

const {signal: never} = new AbortController();

/** Somebody who trusts every certificate, and has no password. */
function somebody(): SshAccess {
	return new SshAccess({
		prompts: {askHostKey: () => Promise.resolve(true), askSecret: () => Promise.resolve(undefined)},
	});
}

/** What comes to `address` goes to another place; answers whether the port was free there. */
async function leads(address: string, port: number, to: {address: string; port: number}): Promise<boolean> {
	const server: Server = createServer(client => {
		const inside = connect({host: to.address, port: to.port});
		client.pipe(inside).pipe(client);
		for (const [end, other] of [
			[client, inside],
			[inside, client],
		] as const) {
			end.on('error', () => other.destroy());
			end.on('close', () => other.destroy());
		}
	});
	const listens = await new Promise<boolean>(resolve => {
		server.once('error', () => resolve(false));
		server.listen(port, address, () => resolve(true));
	});
	if (listens) {
		onTestFinished(() => void server.close());
	}

	return listens;
}

async function freePort(address: string, to: {address: string; port: number}): Promise<number> {
	for (let port = 20_443; port < 30_000; port += 1) {
		if (await leads(address, port, to)) {
			return port;
		}
	}

	throw new Error(`no port is free on ${address}`);
}

/** As it is on servers: every service has the same port, and one token is good for all of them. Answers the port. */
async function asOnServers({agents}: Lab): Promise<number> {
	const folders = await Promise.all(agents.map(({drive}) => drive.resolve(agentPaths.service)));
	await Promise.all(
		folders
			.slice(1)
			.map(folder => cp(path.join(folders[0]!, 'tokens'), path.join(folder, 'tokens'), {recursive: true})),
	);
	for (let port = 20_443; port < 30_000; port += 1) {
		const free = await Promise.all(
			agents.map(({address, service}) => leads(address, port, {address, port: service!.port})),
		);
		if (free.every(Boolean)) {
			return port;
		}
	}

	throw new Error('no port is free on all of them');
}

async function aFolder(): Promise<string> {
	const folder = await mkdtemp(path.join(tmpdir(), 'dms-upgrade-test-'));
	onTestFinished(() => rm(folder, {recursive: true}));
	return folder;
}

/** Whom this program trusts already is no matter of other tests. */
async function ownConfiguration(): Promise<void> {
	const before = process.env['XDG_CONFIG_HOME'];
	process.env['XDG_CONFIG_HOME'] = await aFolder();
	onTestFinished(() => {
		if (before === undefined) {
			delete process.env['XDG_CONFIG_HOME'];
		} else {
			process.env['XDG_CONFIG_HOME'] = before;
		}
	});
}

const serving = {agents: 'all', serve: serveOnLabAgent} as const;

describe('discovery through the service of one Agent', () => {
	test('writes a file by which all of them are reached over HTTPS at once', async () => {
		await ownConfiguration();
		const lab = await aLab({agents: 3, pairs: 0, http: serving});
		const port = await asOnServers(lab);
		const file = path.join(await aFolder(), 'clusters.yaml');
		const [{tokenFile}, {address}] = lab.inventory.agents as [KnownAgent, KnownAgent];
		const args = ['--discover', `https://${address}:${port}`, '--token-file', tokenFile!, '--write', file];
		const access = somebody();
		expect(
			await runDiscovery(parseArguments(['agents', ...args]).flags, never, () => undefined, access),
		).toBe(0);
		const [inventory] = parseClusterFile(await readFile(file, 'utf8'), file);
		const service = {port, plain: false, switchOver: false};
		expect(inventory).toEqual({
			cluster: 'Practice',
			speed: 1,
			agents: lab.inventory.agents.map(({name, address: own}) => ({name, address: own, service, tokenFile})),
		});
		let text = '';
		const over = {json: false, write: (written: string) => void (text += written), access};
		expect(await agentsCommand(inventory!, over)).toBe(0);
		expect(text.match(/ HTTPS /g)).toHaveLength(3);
		const {full} = lab.packages;
		const check = {...over, prerequisites: false};
		expect(await checkCluster(inventory!, full, await inspectPackage(full), check)).toBe(0);
	});

	test('keeps to itself what only one Agent is known by, and tells which others could not be asked', async () => {
		await ownConfiguration();
		const lab = await aLab({agents: 2, pairs: 0, http: serving});
		const [{address, service, tokenFile}] = lab.inventory.agents as [KnownAgent];
		const start = startFrom(`https://${address}:${service!.port}`, [], {tokenFile: tokenFile!});
		const pinned = {...start.agent, service: service!};
		const {inventory, remarks} = await discover({...start, agent: pinned}, [], {access: somebody()});
		expect(inventory.agents[0]).toEqual({name: 'DMA-01', address, service, tokenFile});
		expect(inventory.agents[1]?.service).toEqual({port: service!.port, plain: false, switchOver: false});
		expect(remarks.agents?.get('DMA-102')?.[1]).toMatch(/^It could not be asked/);
	});

	test('needs an address of a service', () => {
		for (const odd of ['https://', 'https://me@x', 'https://x/y', 'http://x y']) {
			expect(() => startFrom(odd, [], {})).toThrow('is no service of an Agent');
		}
	});
});

describe('an address by which another Agent answers', () => {
	/** What is meant for DMA-02 is taken to DMA-01, as the offline Agent of a pair takes it to the online one. */
	async function misled(over: 'SSH' | 'HTTPS') {
		await ownConfiguration();
		const lab = await aLab({agents: 3, pairs: 0, ...(over === 'HTTPS' && {http: serving})});
		const [first, second, third] = lab.inventory.agents as [KnownAgent, KnownAgent, KnownAgent];
		const {address, port: sshPort, service} = first;
		const port = await freePort(second.address, {address, port: service?.port ?? sshPort});
		const {name, address: meant} = second;
		const there = {...first, name, address: meant, port, ...(service && {service: {...service, port}})};
		return [{...lab.inventory, agents: [first, there, third]}];
	}

	test.each(['SSH', 'HTTPS'] as const)('over %s is not taken for that Agent', async over => {
		const known = await misled(over);
		const {inventory, remarks} = await discover(startFrom('DMA-03', known, {}), known, {access: somebody()});
		expect(inventory.agents.map(({name}) => name)).toEqual(['DMA-01', 'DMA-02', 'DMA-03']);
		expect(remarks.agents?.get('DMA-02')?.[1]).toMatch(
			/answers at 127\.10\.0\.12 is the Agent with DataMiner ID 101, and DMS.xml means 102/,
		);
		expect(remarks.agents?.get('DMA-01')).toEqual(['DataMiner ID 101']);
	});

	test('nor where it is the first that is asked: who answered is found at its own address', async () => {
		const known = await misled('HTTPS');
		const {inventory, remarks} = await discover(startFrom('DMA-02', known, {}), known, {access: somebody()});
		expect(inventory.agents.map(({name, address}) => `${name} ${address}`)).toEqual([
			'DMA-01 127.10.0.11',
			'DMA-02 127.10.0.12',
			'DMA-03 127.10.0.13',
		]);
		expect(remarks.above?.[0]).toBe('Read from DMS.xml of DMA-01, who answers for DMA-02.');
		expect(remarks.agents?.get('DMA-02')?.[1]).toContain('is the Agent with DataMiner ID 101');
		expect(remarks.agents?.get('DMA-01')).toEqual(['DataMiner ID 101']);
	});
});
