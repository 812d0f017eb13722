import {mkdtemp, readFile, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {describe, expect, onTestFinished, test} from 'vitest';
import type {SecretQuestion} from '../../source/agent/prompts.ts';
import {agentsCommand} from '../../source/commands/agents.ts';
import {parseArguments} from '../../source/commands/arguments.ts';
import {runDiscovery} from '../../source/commands/discover.ts';
import {discoverOnWeb} from '../../source/commands/discover-web.ts';
import {type Listing, listedCluster} from '../../source/commands/listed-cluster.ts';
import {SshAccess} from '../../source/commands/ssh-access.ts';
import {parseClusterFile} from '../../source/config/cluster-file.ts';
import {clusterFileText} from '../../source/config/cluster-file-text.ts';
import type {Inventory} from '../../source/config/inventory.ts';
import type {Failure} from '../../source/domain/user-error.ts';
import type {LabOptions} from '../../source/lab/lab.ts';
import {webApiLogin} from '../../source/lab/web-api-site.ts';
import type {ListedAgent} from '../../source/transport/http/web-api/web-answers.ts';
import {aLab} from '../support/a-lab.ts';

const {signal: never} = new AbortController();

/** Somebody who answers every question for a secret like this. */
function somebody(answer: string | undefined = webApiLogin.password) {
	const questions: SecretQuestion[] = [];
	const told: Failure[] = [];
	const access = new SshAccess({
		prompts: {
			askHostKey: () => Promise.resolve(true),
			askSecret(question) {
				questions.push(question);
				return Promise.resolve(answer);
			},
		},
		notice: failure => void told.push(failure),
	});
	return {access, questions, told};
}

/** Three Agents, of which no one is in a pair, and a pair: DMA-04A, which is online, and DMA-04B. */
async function aCluster(options: LabOptions = {}) {
	const lab = await aLab({agents: 5, pairs: 1, webApi: 'all', ...options});
	const urlOf = (name: string) => {
		const agent = lab.agents.find(each => each.name === name);
		return `http://${agent?.address}:${agent?.webApi?.port}`;
	};
	const discover = (url: string, known: readonly Inventory[] = [], access = somebody().access) =>
		discoverOnWeb(url, known, access, never);
	const asked = () =>
		lab.events.flatMap(({agent, event, detail}) =>
			event === 'web-api-asked' ? [`${agent} ${detail['call']}`] : [],
		);
	return {lab, urlOf, discover, asked};
}

const session = ['ConnectApp', 'GetDataMinerAgentsInfo', 'LogOut'];

describe('the web API of DataMiner', () => {
	test('tells of the cluster, and is left logged out', async () => {
		const {lab, urlOf, asked} = await aCluster();
		const {access, questions} = somebody();
		const {inventory, remarks} = await discoverOnWeb(urlOf('DMA-02'), [], access, never);
		expect(inventory).toEqual({
			cluster: 'Practice',
			speed: 1,
			agents: lab.inventory.agents.slice(0, 3).map(({name, address}) => ({name, address})),
		});
		expect(parseClusterFile(clusterFileText([inventory]), 'x')).toEqual([inventory]);
		expect(remarks.agents?.get('DMA-01')).toEqual(['DataMiner ID 101, Running']);
		expect(remarks.above?.[0]).toContain('knows SLNet 10.5.12.0(CU2)');
		expect(remarks.above?.[1]).toBe(`${lab.agents[1]?.address} is DMA-02, by its address.`);
		expect(asked()).toEqual(session.map(method => `DMA-02 ${method}`));
		expect(questions).toMatchObject([{kind: 'password', user: 'Administrator', echo: false, goodOnce: true}]);
		// It is of no use to a runner, which never asks there.
		expect(access.handover).toBeUndefined();
	});

	test('of an Agent that is offline answers for the one that is online, as does that of the virtual address: nobody is taken for who was asked', async () => {
		const {lab, urlOf, discover, asked} = await aCluster({
			software: {'DMA-04A': {version: '10.5.11.0-16600-x'}},
		});
		const online = lab.agents.find(({name}) => name === 'DMA-04A')!;
		const virtual = `http://${online.address.replace('127.10.', '127.11.')}:${online.webApi?.port}`;
		for (const url of [urlOf('DMA-04B'), virtual, urlOf('DMA-04A')]) {
			const {inventory, remarks, notAdded} = await discover(url);
			const above = remarks.above?.join('\n');
			expect(inventory.agents.map(({name}) => name)).toEqual(['DMA-01', 'DMA-02', 'DMA-03']);
			// The version is that of whoever answered, and is not said to be anybody's.
			expect(above).toContain('knows SLNet 10.5.11.0.');
			expect(above).toContain(`Who answers at ${URL.parse(url)?.hostname} is not told`);
			expect(notAdded).toEqual([
				expect.stringMatching(
					/^DMA-04A with DataMiner ID 104: it is a Failover pair, and 127\.11\.\S+ may be its virtual address/,
				),
			]);
		}

		expect(
			lab.events.flatMap(({event, detail}) => (event === 'web-api-asked' ? [detail['answers']] : [])),
		).toEqual(Array.from({length: 9}, () => 'DMA-04A'));
		expect(asked().slice(0, 3)).toEqual(session.map(method => `DMA-04B ${method}`));
		// After a switch-over it is the other one that answers.
		expect(await lab.agents.find(({name}) => name === 'DMA-04B')?.failover?.switchOver()).toBeUndefined();
		const {notAdded} = await discover(virtual);
		expect(notAdded[0]).toContain('DMA-04B with DataMiner ID 105');
	});

	test('of a cluster of pairs only names nobody who could be reached, and says what to do', async () => {
		const {urlOf, discover} = await aCluster({agents: 2, webApi: ['DMA-01A']});
		await expect(discover(urlOf('DMA-01A'))).rejects.toMatchObject({
			code: 'NOTHING_TO_REACH',
			exitCode: 3,
			nextSteps: [
				expect.stringContaining('Not added: DMA-01A with DataMiner ID 101: it is a Failover pair'),
				expect.stringContaining('--discover HOST'),
			],
		});
	});

	test('that refuses the password, or is not told one', async () => {
		const {urlOf, discover, asked} = await aCluster();
		await expect(discover(urlOf('DMA-01'), [], somebody('wrong').access)).rejects.toMatchObject({
			code: 'WEB_API_REFUSED',
			exitCode: 5,
		});
		for (const access of [new SshAccess(), somebody('').access]) {
			await expect(discover(urlOf('DMA-01'), [], access)).rejects.toMatchObject({
				code: 'PASSWORD_MISSING',
				exitCode: 5,
			});
		}

		expect(asked()).toEqual(['DMA-01 ConnectApp']);
	});

	test('that forgets a login is asked again; that is not there, or answers with a page, is told', async () => {
		const {lab, urlOf, discover, asked} = await aCluster();
		await lab.inject('iis-recycles@DMA-01');
		const {inventory} = await discover(urlOf('DMA-01'));
		expect(inventory.agents).toHaveLength(3);
		expect(asked()).toEqual([...session, ...session].map(method => `DMA-01 ${method}`));
		await lab.inject('iis-error-page@DMA-01');
		await expect(discover(urlOf('DMA-01'))).rejects.toMatchObject({code: 'NO_WEB_API', exitCode: 5});
		await lab.inject('iis-is-down@DMA-01');
		const {access, questions} = somebody();
		await expect(discover(urlOf('DMA-01'), [], access)).rejects.toMatchObject({
			code: 'UNREACHABLE',
			exitCode: 5,
		});
		expect(questions).toEqual([]);
		await lab.clear('iis-error-page@DMA-01');
		await lab.clear('iis-is-down@DMA-01');
		await expect(discover(urlOf('DMA-01'))).resolves.toMatchObject({inventory: {cluster: 'Practice'}});
	});

	test('without APIGateway tells of the cluster all the same', async () => {
		const {urlOf, discover} = await aCluster({
			software: {'DMA-01': {services: {'DataMiner APIGateway': 'stopped'}}},
		});
		const {remarks} = await discover(urlOf('DMA-01'));
		expect(remarks.above?.[0]).toContain('APIGateway does not run there');
	});

	test('is asked at an address that makes sense, by a user whose password stands nowhere', async () => {
		const {access, questions} = somebody();
		for (const url of [
			'10.0.0.1',
			'ftp://x',
			'http://',
			'https://x/y',
			'https://x?y',
			'https://@x',
			'https://me:secret@x',
			'https://me:@x',
		]) {
			await expect(discoverOnWeb(url, [], access, never)).rejects.toMatchObject({exitCode: 1});
		}

		await expect(discoverOnWeb('https://me:secret@x', [], access, never)).rejects.not.toThrow('secret');
		await expect(discoverOnWeb('http://192.0.2.1', [], access, never)).rejects.toMatchObject({
			code: 'PLAIN_HTTP_REFUSED',
		});
		const {urlOf} = await aCluster({agents: 1, pairs: 0});
		for (const user of ['CORP\\edith', 'CORP%5Cedith', 'edith@corp.example', '100%']) {
			const url = urlOf('DMA-01').replace('http://', `http://${user}@`);
			await expect(discoverOnWeb(url, [], access, never)).rejects.toMatchObject({code: 'WEB_API_REFUSED'});
		}

		expect(questions.map(({user}) => user)).toEqual([
			'CORP\\edith',
			'CORP\\edith',
			'edith@corp.example',
			'100%',
		]);
	});
});

test('what is written works: how Agents of the file are reached is kept, and who is missing is told', async () => {
	const {lab, urlOf} = await aCluster();
	const folder = await mkdtemp(path.join(tmpdir(), 'dms-upgrade-test-'));
	onTestFinished(() => rm(folder, {recursive: true}));
	const before = path.join(folder, 'before.yaml');
	await addAll(before, [lab.inventory]);
	const file = path.join(folder, 'after.yaml');
	const {access, told} = somebody();
	const args = ['agents', '--discover-web', urlOf('DMA-01'), '--config', before, '--write', file, '--json'];
	let text = '';
	const run = runDiscovery(parseArguments(args).flags, never, written => (text += written), access);
	expect(await run).toBe(0);
	expect(JSON.parse(text)).toEqual({file, cluster: 'Practice'});
	expect(told).toMatchObject([{code: 'NOT_ALL_ADDED', nextSteps: [expect.stringContaining('DMA-04A')]}]);
	const [inventory] = parseClusterFile(await readFile(file, 'utf8'), file);
	expect(inventory).toEqual({...lab.inventory, agents: lab.inventory.agents.slice(0, 3)});
	expect(await agentsCommand(inventory!, {json: true, write: () => undefined})).toBe(0);
	const odd = parseArguments([...args, '--token-file', 'x']).flags;
	await expect(runDiscovery(odd, never, () => undefined, access)).rejects.toMatchObject({code: 'WRONG_USE'});
});

async function addAll(file: string, inventories: readonly Inventory[]): Promise<void> {
	const {addToClusterFile} = await import('../../source/config/write-cluster-file.ts');
	for (const inventory of inventories) {
		await addToClusterFile(file, inventory);
	}
}

describe('an entry of the list', () => {
	const entry = (more: Partial<ListedAgent>): ListedAgent => ({
		dataMinerId: 1,
		name: 'A',
		primaryAddress: '10.0.0.1',
		cluster: '',
		status: 'Running',
		failover: false,
		...more,
	});
	const clusterOf = (agents: readonly ListedAgent[], more: Partial<Listing> = {}) =>
		listedCluster({asked: '10.0.0.1', listed: {agents, unread: 0}, said: 'Nothing else', known: [], ...more});

	test.each<[string, Partial<ListedAgent>, string]>([
		['is a pair, or half of one', {failover: true}, 'is a Failover pair'],
		['does not tell whether it is one', {failover: undefined}, 'whether it is a Failover pair is not told'],
		['has the address of another one', {primaryAddress: '10.0.0.1'}, 'has the same address'],
		['has no address', {primaryAddress: ''}, 'no address that could be one'],
		[
			'has one that would be an option of ssh',
			{primaryAddress: '-oProxyCommand=x'},
			'no address that could be one',
		],
	])('that %s is not added', (_, odd, reason) => {
		const agents = [
			entry({}),
			entry({dataMinerId: 2, name: 'B', primaryAddress: '10.0.0.2', ...odd}),
			entry({dataMinerId: 3, name: 'C', primaryAddress: '10.0.0.3'}),
		];
		const {inventory, notAdded} = clusterOf(agents);
		expect(inventory.agents.map(({name}) => name)).not.toContain('B');
		expect(inventory.agents.map(({name}) => name)).toContain('C');
		expect(notAdded.join('\n')).toContain(`B with DataMiner ID 2: `);
		expect(notAdded.join('\n')).toContain(reason);
	});

	test('without a name, or with that of another one, gets one by its DataMiner ID', () => {
		const {inventory} = clusterOf([
			entry({}),
			entry({dataMinerId: 2, primaryAddress: '10.0.0.2'}),
			entry({dataMinerId: 3, name: '', primaryAddress: '10.0.0.3'}),
		]);
		expect(inventory.agents.map(({name}) => name)).toEqual(['A', 'A-2', 'DMA-3']);
		expect(inventory.cluster).toBe('A');
	});

	test('that cannot be read is counted, and a name too long for a file is cut', () => {
		const {inventory, remarks} = clusterOf([], {
			listed: {agents: [entry({cluster: 'x'.repeat(300), name: 'y'.repeat(300)})], unread: 2},
		});
		expect(parseClusterFile(clusterFileText([inventory]), 'x')).toEqual([inventory]);
		expect(remarks.above?.join('\n')).toContain('2 of the entries: they could not be understood');
	});
});
