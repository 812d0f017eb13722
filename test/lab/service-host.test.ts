import {createHash, randomUUID} from 'node:crypto';
import {statSync} from 'node:fs';
import {describe, expect, test} from 'vitest';
import {serveOnLabAgent} from '../../source/commands/lab-service.ts';
import {inventorySchema} from '../../source/config/inventory.ts';
import {parseClusterFile} from '../../source/config/cluster-file.ts';
import {clusterFileText} from '../../source/config/cluster-file-text.ts';
import {formatLabTest} from '../../source/lab/lab-test.ts';
import type {Lab, LabOptions} from '../../source/lab/lab.ts';
import type {LineMoment} from '../../source/lab/line-faults.ts';
import {aLab, aStranger, eventsOn, untilEvent} from '../support/a-lab.ts';
import {type HttpStranger, anHttpStranger, launchOverHttp} from '../support/an-http-stranger.ts';
import {eventually} from '../support/eventually.ts';

const http = {agents: 'all', serve: serveOnLabAgent} as const;

async function aServedLab(options: LabOptions = {}): Promise<{lab: Lab; come: () => Promise<HttpStranger>}> {
	const lab = await aLab({http, ...options});
	return {lab, come: () => anHttpStranger(lab.inventory.agents[0]!)};
}

const isRefused = (error: unknown) => expect(error).toMatchObject({code: 'ECONNREFUSED'});

describe('an Agent with the HTTP service', () => {
	test('shows the certificate of the inventory and lets its token in', async () => {
		const {lab, come} = await aServedLab();
		const stranger = await come();
		const [agent] = lab.inventory.agents;
		expect(stranger.certificate).toBe(agent!.service!.certificate);
		const {status, body} = await stranger.ask('GET', '/v1/status');
		expect([status, JSON.parse(body)]).toMatchObject([200, {state: 'Running'}]);
		expect((await stranger.ask('GET', '/v1/status', undefined, {authorization: ''})).status).toBe(401);
		expect(statSync(agent!.tokenFile!).mode & 0o77).toBe(0);
	});

	test('is reached over SSH as well', async () => {
		const {lab} = await aServedLab();
		const stranger = await aStranger(lab.inventory.agents[0]!);
		expect((await stranger.run('echo here')).stdout).toBe('here\r\n');
	});

	test.each([
		['all', ['DMA-01', 'DMA-02', 'DMA-03A', 'DMA-03B']],
		['half', ['DMA-01', 'DMA-03A']],
		[['DMA-02'], ['DMA-02']],
	] as const)('is each of: %s', async (agents, expected) => {
		const {lab} = await aServedLab({agents: 4, pairs: 1, http: {...http, agents}});
		const {inventory} = lab;
		expect(inventory.agents.filter(({service}) => service).map(({name}) => name)).toEqual(expected);
		expect(inventory.agents.filter(({tokenFile}) => tokenFile).map(({name}) => name)).toEqual(expected);
		expect(new Set(inventory.agents.flatMap(({service}) => service?.certificate ?? [])).size).toBe(
			expected.length,
		);
		expect(inventorySchema.parse(inventory)).toEqual(inventory);
		expect(parseClusterFile(clusterFileText([inventory]), 'clusters.yaml')).toEqual([inventory]);
	});

	test('must be one that there is', async () => {
		await expect(aLab({http: {...http, agents: ['DMA-07']}})).rejects.toThrow('no Agent “DMA-07”');
	});

	test('counts those who are connected to it', async () => {
		const {lab, come} = await aServedLab();
		expect(lab.use.clients).toBe(0);
		await come();
		await come();
		await eventually(() => lab.use.clients === 2);
	});

	test('tells the time of its own clock', async () => {
		const {come} = await aServedLab({faults: ['clock-is-slow@DMA-01']});
		const {now} = JSON.parse((await (await come()).ask('GET', '/v1/agent')).body) as {now: number};
		expect(Math.abs(now - Date.now() + 7 * 3_600_000)).toBeLessThan(60_000);
	});

	test('that cannot be reached shuts the service away, and lets it live', async () => {
		const {lab, come} = await aServedLab();
		const first = await come();
		const launched = await begun(first);
		await lab.inject('unreachable@DMA-01');
		await first.ended;
		await come().catch(isRefused);
		expect(lab.use.clients).toBe(0);
		await lab.clear('unreachable@DMA-01');
		expect((await (await come()).ask('GET', launched)).status).toBe(200);
	});

	test('ends the service with Windows: what it remembered is lost, what it had on disk is not', async () => {
		const {lab, come} = await aServedLab();
		const first = await come();
		const operation = await begun(first);
		const uploaded = await first.upload('p.dmupgrade', Buffer.alloc(1000));
		expect((await first.ask('GET', operation)).status).toBe(200);
		const rebooted = lab.agents[0]!.reboot();
		await first.ended;
		await come().catch(isRefused);
		await rebooted;
		const second = await come();
		expect(second.certificate).toBe(first.certificate);
		expect((await second.ask('GET', operation)).status).toBe(404);
		expect((await second.ask('HEAD', uploaded, undefined, {'tus-resumable': '1.0.0'})).headers).toMatchObject(
			{
				'upload-offset': '1000',
			},
		);
	});

	test('can lose the service alone', async () => {
		const {lab, come} = await aServedLab();
		const {service} = lab.agents[0]!;
		const first = await come();
		const overSsh = await aStranger(lab.inventory.agents[0]!);
		await service!.kill();
		await first.ended;
		await come().catch(isRefused);
		expect((await overSsh.run('echo here')).stdout).toBe('here\r\n');
		await service!.open();
		expect((await (await come()).ask('GET', '/v1/status')).status).toBe(200);
	});

	test('leaves nothing open', async () => {
		const {lab, come} = await aServedLab();
		const stranger = await come();
		await lab.stop();
		await stranger.ended;
		await come().catch(isRefused);
	});
});

const claim = {run: 'run-1', token: randomUUID(), operator: {user: 'edith', host: 'jump'}, since: 1};
const lock = {claim, staleMs: 1000, pollMs: 50, takeOver: false};

/** Begins something short; answers where it stands. */
async function begun(stranger: HttpStranger): Promise<string> {
	const {headers} = await stranger.ask('POST', '/v1/lock', lock, {'idempotency-key': randomUUID()});
	return headers.location!;
}

interface Moment {
	readonly prepare?: (stranger: HttpStranger, lab: Lab) => Promise<unknown>;
	/** What the connection fails in. */
	readonly act: (stranger: HttpStranger, lab: Lab) => Promise<unknown>;
	/** What had its effect on the Agent in spite of that, as an event. */
	readonly effect?: string;
}

const moments: Readonly<Record<LineMoment, Moment>> = {
	readiness: {act: stranger => stranger.ask('GET', '/v1/status')},
	lock: {
		act: stranger => stranger.operation('/v1/lock', lock),
		effect: 'file-uploaded C:\\ProgramData\\dms-upgrade\\lock.',
	},
	upload: {act: stranger => stranger.upload('p.dmupgrade', Buffer.alloc(2 * 1024 * 1024))},
	prerequisites: {
		async act(stranger) {
			const {id} = JSON.parse((await stranger.ask('POST', '/v1/test-sets')).body) as {id: string};
			const test = Buffer.from(formatLabTest({outcome: 'NoIssues', message: 'Fine.'}));
			await stranger.ask('PUT', `/v1/test-sets/${id}/files/A.dll`, test, {
				'content-type': 'application/octet-stream',
			});
			await stranger.operation('/v1/prerequisites', {
				testSet: id,
				checks: ['A'],
				executor: false,
				packageSha256: 'ab'.repeat(32),
				timeoutMs: 10_000,
			});
		},
		effect: 'prerequisite-run',
	},
	launch: {
		act: (stranger, lab) => launchOverHttp(stranger, lab.packages.full),
		effect: 'version-stamped',
	},
	upgrade: {
		act: (stranger, lab) => launchOverHttp(stranger, lab.packages.full),
		effect: 'version-stamped',
	},
	verification: {
		async prepare(stranger, lab) {
			await launchOverHttp(stranger, lab.packages.full);
			await untilEvent(lab, 'upgrade-ended');
		},
		act: stranger => stranger.ask('GET', '/v1/status'),
	},
};

describe.each(Object.entries(moments))(
	'a connection to the service that fails in: %s',
	(moment, {prepare, act, effect}) => {
		async function meets(kind: 'reset' | 'silence') {
			const {lab, come} = await aServedLab();
			const stranger = await come();
			await prepare?.(stranger, lab);
			await lab.inject(`${kind}-in-${moment}@DMA-01`);
			// It may or may not hear of the end; what matters is the connection.
			act(stranger, lab).catch(() => undefined);
			await untilEvent(lab, `fault-bit ${kind}-in-${moment}`);
			return {lab, stranger, come};
		}

		test('is reset once, and what was asked for is done all the same', async () => {
			const {lab, stranger, come} = await meets('reset');
			await stranger.ended;
			await untilEvent(lab, effect ?? 'connection-dropped the network failed');
			expect((await (await come()).ask('GET', '/v1/status')).status).toBe(200);
			expect(eventsOn(lab, 'DMA-01').filter(event => event.startsWith('fault-bit'))).toHaveLength(1);
		});

		test('falls silent: nobody is told, and a new connection works', async () => {
			const {lab, stranger, come} = await meets('silence');
			let heard = false;
			const hear = () => {
				heard = true;
			};
			void stranger.ended.then(hear);
			const again = await come();
			stranger.ask('GET', '/v1/health').then(hear, hear);
			expect((await again.ask('GET', '/v1/status')).status).toBe(200);
			await untilEvent(lab, effect ?? 'connection-silenced');
			expect(heard).toBe(false);
			expect(lab.use.clients).toBe(1);
		});
	},
);

test('an upload that breaks off has arrived as far as it came', async () => {
	const {lab, come} = await aServedLab();
	const first = await come();
	await lab.inject('reset-in-upload@DMA-01');
	const content = Buffer.alloc(2 * 1024 * 1024, 7);
	await expect(first.upload('p.dmupgrade', content)).rejects.toThrow();
	const second = await come();
	const sha256 = createHash('sha256').update(content).digest('hex');
	const where = async () =>
		JSON.parse((await second.ask('GET', `/v1/uploads?sha256=${sha256}`)).body) as {bytes?: number};
	await eventually(async () => ((await where()).bytes ?? 0) > 0);
	expect((await where()).bytes).toBeLessThan(content.length);
});
