import {describe, expect, test} from 'vitest';
import type {LabOptions} from '../../source/lab/lab.ts';
import {webApiLogin} from '../../source/lab/web-api-site.ts';
import {aLab} from '../support/a-lab.ts';

/** A client that knows nothing of dms-upgrade. */
async function aLabOnWeb(options: LabOptions = {}) {
	const lab = await aLab({agents: 3, pairs: 1, webApi: 'all', ...options});
	const post = async (base: string, method: string, body: object) => {
		const response = await fetch(`${base}/API/v1/Json.asmx/${method}`, {
			method: 'POST',
			headers: {'content-type': 'application/json'},
			body: JSON.stringify(body),
		});
		return {status: response.status, body: (await response.json()) as {d?: unknown; Message?: string}};
	};
	const connect = async (base: string) => String((await post(base, 'ConnectApp', webApiLogin)).body.d);
	const urlOf = (name: string) => {
		const {address, webApi} = lab.agents.find(agent => agent.name === name)!;
		return `http://${address}:${webApi!.port}`;
	};
	return {lab, post, connect, urlOf};
}

const gone = {status: 500, body: {Message: 'No connection available'}};

describe('the web API of a simulated Agent', () => {
	test('takes a connection for as long as it is used, and none that expired or was given back', async () => {
		const {lab, post, connect, urlOf} = await aLabOnWeb();
		const base = urlOf('DMA-01');
		const connection = await connect(base);
		const list = () => post(base, 'GetDataMinerAgentsInfo', {connection});
		expect((await list()).body.d).toMatchObject([
			{
				ID: 101,
				Name: 'DMA-01',
				PrimaryIP: '127.10.0.11',
				Cluster: 'Practice',
				Status: 'Running',
				IsFailOver: false,
			},
			{ID: 102, Name: 'DMA-02A', PrimaryIP: '127.11.0.12', IsFailOver: true},
		]);
		// Five minutes went by, by the clock of that server.
		await lab.inject('clock-is-fast@DMA-01');
		expect(await list()).toMatchObject(gone);
		const other = await connect(base);
		expect(await post(base, 'LogOut', {connection: other})).toEqual({status: 200, body: {d: null}});
		expect(await post(base, 'GetDataMinerAgentsInfo', {connection: other})).toMatchObject(gone);
		expect(await post(base, 'ConnectApp', {...webApiLogin, password: 'x'})).toMatchObject({status: 500});
	});

	test('is not there without IIS, and is a page of it where the online Agent of the pair is away', async () => {
		const {lab, urlOf} = await aLabOnWeb({software: {'DMA-01': {services: {W3SVC: 'stopped'}}}});
		await expect(fetch(`${urlOf('DMA-01')}/APIGateway/api/version`)).rejects.toThrow('fetch failed');
		const ask = async (base: string) => {
			const response = await fetch(`${base}/APIGateway/api/version`);
			return {status: response.status, text: await response.text()};
		};
		expect(await ask(urlOf('DMA-02B'))).toMatchObject({status: 200});
		await lab.inject('unreachable@DMA-02A');
		expect(await ask(urlOf('DMA-02B'))).toMatchObject({
			status: 502,
			text: expect.stringContaining('<TITLE>Bad Gateway</TITLE>') as string,
		});
		const port = URL.parse(urlOf('DMA-02A'))?.port;
		await expect(fetch(`http://127.11.0.12:${port}/`)).rejects.toThrow('fetch failed');
	});
});
