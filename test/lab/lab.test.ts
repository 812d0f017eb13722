import {execFile} from 'node:child_process';
import {existsSync} from 'node:fs';
import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {createServer} from 'node:net';
import type {AddressInfo} from 'node:net';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {promisify} from 'node:util';
import {describe, expect, onTestFinished, test} from 'vitest';
import {inventorySchema} from '../../source/config/inventory.ts';
import {startLab} from '../../source/lab/lab.ts';
import {aLab, aStranger, launchUpgrade, untilEvent} from '../support/a-lab.ts';

async function aFolder(): Promise<string> {
	const folder = await mkdtemp(path.join(tmpdir(), 'lab-folder-'));
	onTestFinished(async () => rm(folder, {recursive: true, force: true}));
	return folder;
}

describe('a lab', () => {
	test('has single Agents first and pairs last, as an inventory that is valid', async () => {
		const lab = await aLab({agents: 5, pairs: 1, clusterName: 'Pluto & Söhne'});
		expect(inventorySchema.parse(JSON.parse(JSON.stringify(lab.inventory)))).toEqual(lab.inventory);
		expect(lab.inventory).toMatchObject({cluster: 'Pluto & Söhne', speed: 2000});
		expect(lab.inventory.agents.map(({name, partner}) => [name, partner])).toEqual([
			['DMA-01', undefined],
			['DMA-02', undefined],
			['DMA-03', undefined],
			['DMA-04A', 'DMA-04B'],
			['DMA-04B', 'DMA-04A'],
		]);
	});

	test('has Agents that know each other', async () => {
		const lab = await aLab({agents: 3, clusterName: 'Pluto & Söhne'});
		const stranger = await aStranger(lab.inventory.agents[1]!);
		const dms = await stranger.read('/C:/Skyline DataMiner/DMS.xml');
		expect([...dms.matchAll(/<DMA ip="([^"]+)"/g)].map(match => match[1])).toEqual(
			lab.inventory.agents.map(agent => agent.address),
		);
		expect(dms).toContain('<Cluster name="Pluto &amp; Söhne"/>');
		expect(dms).toContain(`<DMA ip="${lab.inventory.agents[1]!.address}" timestamp=""/>`);
		expect(await stranger.read('/C:/Skyline DataMiner/DataMiner.xml')).toContain(
			'<DMAName mode="manual">DMA-02</DMAName>',
		);
	});

	test('writes what happens to disk, numbered over all Agents', async () => {
		const lab = await aLab({agents: 2});
		await Promise.all(
			lab.inventory.agents.map(async agent => (await aStranger(agent)).run('sc.exe query SLNet')),
		);
		const lines = (await readFile(path.join(lab.folder, 'lab-events.ndjson'), 'utf8')).trimEnd().split('\n');
		expect(lines.map(line => JSON.parse(line) as unknown)).toEqual(lab.events);
		expect(lab.events.map(event => event.sequence)).toEqual(lab.events.map((_, index) => index + 1));
		expect(new Set(lab.events.map(event => event.agent)).size).toBe(2);
	});

	test.each([
		{agents: 0},
		{agents: 2.5},
		{agents: 10_000},
		{agents: 3, pairs: 2},
		{pairs: -1},
		{speed: 0},
		{speed: Number.NaN},
		{port: 65_535, agents: 2},
		{clusterName: ''},
	])('refuses %j', async options => {
		await expect(startLab(options)).rejects.toMatchObject({code: 'LAB_SETTING'});
	});
});

describe('where a lab is', () => {
	test('takes consecutive ports from the one it was given', async () => {
		const probe = createServer();
		await new Promise<void>(resolve => probe.listen(0, '127.0.0.1', resolve));
		const {port} = probe.address() as AddressInfo;
		await new Promise(resolve => probe.close(resolve));
		const lab = await aLab({agents: 3, port});
		expect(lab.inventory.agents.map(agent => agent.port)).toEqual([port, port + 1, port + 2]);
	});

	test('says which port is in use, and leaves nothing behind', async () => {
		const first = await aLab({agents: 1});
		const {address, port} = first.inventory.agents[0]!;
		const folder = path.join(await aFolder(), 'lab');
		await expect(startLab({agents: 1, port, folder})).rejects.toMatchObject({
			code: 'LAB_PORT_IN_USE',
			message: `The practice cluster cannot use port ${port} of ${address}: another program listens there.`,
		});
	});

	test('refuses a folder with something in it', async () => {
		const folder = await aFolder();
		await writeFile(path.join(folder, 'mine'), '');
		await expect(startLab({folder})).rejects.toMatchObject({code: 'LAB_FOLDER_IN_USE'});
		expect(existsSync(path.join(folder, 'mine'))).toBe(true);
	});

	test('keeps a folder that it was given', async () => {
		const folder = path.join(await aFolder(), 'lab');
		const lab = await aLab({folder});
		await lab.stop();
		expect(existsSync(path.join(folder, 'lab-events.ndjson'))).toBe(true);
	});
});

describe('the end of a lab', () => {
	test('closes every door and removes the folder, in mid-upgrade too', async () => {
		const lab = await aLab({agents: 2, speed: 50});
		const stranger = await aStranger(lab.inventory.agents[0]!);
		await launchUpgrade(stranger, lab.packages.full);
		await untilEvent(lab, 'service-stopping');
		const privateKey = await readFile(lab.inventory.agents[0]!.identityFile);
		await Promise.all([lab.stop(), lab.stop()]);
		await stranger.ended;
		expect(existsSync(lab.folder)).toBe(false);
		for (const agent of lab.inventory.agents) {
			await expect(aStranger(agent, {privateKey})).rejects.toThrow(/ECONNREFUSED/);
		}
	});

	test('leaves nothing that keeps the process alive', async () => {
		const script = `
			import {startLab} from ${JSON.stringify(path.resolve('source/lab/lab.ts'))};
			const lab = await startLab({agents: 2, fillerBytes: 1000, speed: 10});
			for (const agent of lab.agents) {
				agent.dataMiner.start();
				agent.rebootIn(1);
				void agent.dataMiner.stop(new AbortController().signal).catch(() => undefined);
			}
			await lab.stop();
			console.log('stopped');
		`;
		const {stdout} = await promisify(execFile)(
			process.execPath,
			['--experimental-transform-types', '--no-warnings', '--input-type=module-typescript', '-e', script],
			{timeout: 30_000},
		);
		expect(stdout).toBe('stopped\n');
	});
});
