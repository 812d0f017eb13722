import {once} from 'node:events';
import {type RequestListener, createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {describe, expect, onTestFinished, test} from 'vitest';
import {discoverOnWeb} from '../../source/commands/discover-web.ts';
import {discover, startFrom} from '../../source/commands/discover.ts';
import {SshAccess} from '../../source/commands/ssh-access.ts';
import {parseClusterFile} from '../../source/config/cluster-file.ts';
import {clusterFileText} from '../../source/config/cluster-file-text.ts';
import {webApiLogin} from '../../source/lab/web-api-site.ts';
import {ServiceTrust} from '../../source/transport/http/client/certificate-trust.ts';
import {KnownCertificates} from '../../source/transport/http/client/known-certificates.ts';
import {ServiceSockets} from '../../source/transport/http/client/service-sockets.ts';
import {WebServices} from '../../source/transport/http/web-api/web-services.ts';
import {serveOnLabAgent} from '../../source/commands/lab-service.ts';
import {aLab} from '../support/a-lab.ts';

const never = new AbortController().signal;

/** Somebody who answers every question for a secret like this. */
function somebody(answer: string | undefined = webApiLogin.password): SshAccess {
	return new SshAccess({
		prompts: {askHostKey: () => Promise.resolve(true), askSecret: () => Promise.resolve(answer)},
	});
}

async function aCluster() {
	const lab = await aLab({agents: 5, pairs: 1, webApi: 'all'});
	const urlOf = (name: string) => {
		const agent = lab.agents.find(each => each.name === name);
		return `http://${agent?.address}:${agent?.webApi?.port}`;
	};
	const asked = () =>
		lab.events.flatMap(({agent, event, detail}) =>
			event === 'web-api-asked' ? [`${agent} ${detail['call']}`] : [],
		);
	return {lab, urlOf, asked};
}

describe('the web API of DataMiner', () => {
	test('tells of the cluster, and is left logged out', async () => {
		const {lab, urlOf, asked} = await aCluster();
		const {inventory, remarks} = await discoverOnWeb(urlOf('DMA-02'), somebody(), never);
		expect(inventory).toEqual({
			cluster: 'Practice',
			speed: 1,
			agents: lab.inventory.agents.slice(0, 3).map(({name, address}) => ({name, address})),
		});
		expect(parseClusterFile(clusterFileText([inventory]), 'x')).toEqual([inventory]);
		expect(remarks.agents?.get('DMA-01')).toEqual(['DataMiner ID 101, Running']);
		expect(asked()).toEqual(['DMA-02 ConnectApp', 'DMA-02 GetDataMinerAgentsInfo', 'DMA-02 LogOut']);
	});

	test('of an Agent that is offline answers for the one that is online: nobody is taken for who was asked', async () => {
		const {lab, urlOf} = await aCluster();
		const offline = lab.agents.find(({failover}) => failover?.role === 'offline')!;
		const {inventory, remarks} = await discoverOnWeb(urlOf(offline.name), somebody(), never);
		expect(inventory.agents.map(({address}) => address)).not.toContain(offline.address);
		expect(inventory.agents.map(({name}) => name)).toEqual(['DMA-01', 'DMA-02', 'DMA-03']);
		// The pair is one entry, at an address that is nobody's own.
		expect(remarks.above?.join('\n')).toContain('Not added: DMA-04A, DataMiner ID 104, is a Failover pair');
		expect(remarks.above?.join('\n')).toContain('Which Agent answered there is not told');
	});

	test('of a cluster of pairs only names nobody who could be reached, and says what to do', async () => {
		const lab = await aLab({agents: 2, pairs: 1, webApi: ['DMA-01A']});
		const [{address, webApi}] = lab.agents as [(typeof lab.agents)[0]];
		const found = discoverOnWeb(`http://${address}:${webApi?.port}`, somebody(), never);
		await expect(found).rejects.toMatchObject({code: 'NOTHING_TO_REACH', exitCode: 3});
	});

	test('that refuses, is asked in vain, or is not told a password', async () => {
		const {urlOf, asked} = await aCluster();
		await expect(discoverOnWeb(urlOf('DMA-01'), somebody('wrong'), never)).rejects.toMatchObject({
			code: 'WEB_API_REFUSED',
			exitCode: 5,
		});
		await expect(discoverOnWeb(urlOf('DMA-01'), new SshAccess(), never)).rejects.toMatchObject({
			code: 'PASSWORD_MISSING',
			exitCode: 5,
		});
		expect(asked()).toEqual(['DMA-01 ConnectApp']);
		for (const url of ['10.0.0.1', 'ftp://x', 'http://', 'https://x/y', 'https://me:secret@x']) {
			await expect(discoverOnWeb(url, somebody(), never)).rejects.toMatchObject({exitCode: 1});
		}

		await expect(discoverOnWeb('http://192.0.2.1', somebody(), never)).rejects.toMatchObject({
			code: 'PLAIN_HTTP_REFUSED',
		});
	});
});

test('the service of this program tells of the cluster as an Agent over SSH does', async () => {
	const lab = await aLab({agents: 3, pairs: 0, http: {agents: 'all', serve: serveOnLabAgent}});
	const [{address, service, tokenFile}] = lab.inventory.agents as [(typeof lab.inventory.agents)[0]];
	const start = startFrom(`https://${address}:${service!.port}`, [], {tokenFile: tokenFile!});
	expect(start.agent).toMatchObject({address, service: {port: service!.port, plain: false}, tokenFile});
	const {inventory} = await discover(start, [], {access: somebody()});
	expect(inventory.agents[0]).toMatchObject({
		name: 'DMA-01',
		address,
		service: {port: service!.port},
		tokenFile,
	});
	// Nothing else being known, the others are taken to have the service, too.
	expect(inventory.agents.slice(1).map(agent => agent.service?.port)).toEqual([service!.port, service!.port]);
	expect(parseClusterFile(clusterFileText([inventory]), 'x')).toEqual([inventory]);
	for (const odd of ['https://', 'https://me@x', 'https://x/y', 'http://x y']) {
		expect(() => startFrom(odd, [], {})).toThrow('is no service of an Agent');
	}
});

describe('what answers in another way', () => {
	async function servicesAt(handler: RequestListener, limitMs = 1000): Promise<WebServices> {
		const server = createServer(handler).listen(0, '127.0.0.1');
		onTestFinished(() => {
			server.closeAllConnections();
			server.close();
		});
		await once(server, 'listening');
		const place = {address: '127.0.0.1', port: (server.address() as AddressInfo).port, plain: true};
		const trust = new ServiceTrust({known: new KnownCertificates('/nowhere/services.json')});
		const sockets = new ServiceSockets(place, trust);
		onTestFinished(() => sockets.destroy());
		return new WebServices({place, sockets, version: '0', limitMs});
	}

	test.each<[string, RequestListener, string]>([
		[
			'sends us elsewhere',
			(_, response) => void response.writeHead(302, {location: 'http://127.0.0.1:9/'}).end(),
			'a password is not taken there',
		],
		['has no such thing', (_, response) => void response.writeHead(404).end(), 'nothing at API/v1/Json.asmx'],
		['is no JSON', (_, response) => void response.end('<html>\u001b[31m</html>'), 'answered 200, in a way'],
		['has another shape', (_, response) => void response.end('{"d": {"a": 1}}'), 'answered 200, in a way'],
		['has no end', (_, response) => void response.end('x'.repeat(5 * 1024 * 1024)), 'has no end'],
		['never comes', () => undefined, 'nothing came within 0.3 s'],
		['breaks off', request => void request.socket.destroy(), 'the connection was lost'],
	])('%s: it is said, and nobody waits for ever', async (_, handler, message) => {
		const services = await servicesAt(handler, 300);
		const listing = services.agents('me', 'secret', never);
		await expect(listing).rejects.toThrow(message);
		await listing.catch((error: unknown) => expect(String(error)).not.toContain('\u001b'));
	});

	test('with a failure after the login, the login is given back all the same', async () => {
		const asked: (string | undefined)[] = [];
		const services = await servicesAt((request, response) => {
			asked.push(request.url?.split('/').at(-1));
			if (request.url?.endsWith('GetDataMinerAgentsInfo')) {
				response.writeHead(500).end('{"Message": "No.\\u001b[2J"}');
			} else {
				response.end('{"d": "connection"}');
			}
		});
		await expect(services.agents('me', 'secret', never)).rejects.toThrow('refused: No.');
		expect(asked).toEqual(['ConnectApp', 'GetDataMinerAgentsInfo', 'LogOut']);
	});

	test('tells no version of SLNet where APIGateway is down or names none', async () => {
		const versionOf = async (status: number, body: string) =>
			(await servicesAt((_, response) => void response.writeHead(status).end(body))).slNetVersion();
		expect(await versionOf(404, '')).toBeUndefined();
		expect(await versionOf(200, '[{"Name": "SLNet", "Version": null}]')).toBeUndefined();
		expect(await versionOf(200, '{"a": 1}')).toBeUndefined();
		expect(await versionOf(200, '[{"Name": "SLNet", "Version": "10.5.12"}]')).toBe('10.5.12');
	});
});
