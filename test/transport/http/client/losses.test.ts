import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {afterEach, describe, expect, test} from 'vitest';
import type {AgentConnection, FollowedLine, LaunchOrder} from '../../../../source/agent/connection.ts';
import {ConnectionLostError} from '../../../../source/agent/machine-errors.ts';
import type {PrerequisiteResult} from '../../../../source/domain/agent-status.ts';
import {defaultUpgradeOptions} from '../../../../source/domain/upgrade-options.ts';
import type {ServedAgent} from '../../../../source/transport/http/service/served-agent.ts';
import {aServedAgent} from '../../../support/a-served-agent.ts';
import {aService, anHttpAgent} from '../../../support/an-http-service.ts';
import {type TcpProxy, startTcpProxy} from '../../../support/tcp-proxy.ts';

const cleanUp: (() => Promise<unknown>)[] = [];
afterEach(async () => {
	for (const undo of cleanUp.splice(0).reverse()) {
		await undo();
	}
});

/** An Agent behind a service, over a line that can break; without TLS, which takes most of the time. */
async function reached(
	does: Partial<ServedAgent>,
	{heartbeatMs = 5000} = {},
): Promise<{agent: AgentConnection; line: TcpProxy}> {
	const limits = {heartbeatMs, requestMs: 3 * heartbeatMs};
	const service = await aService(aServedAgent(does), {tls: undefined, limits});
	const line = await startTcpProxy(service.place.port);
	const agent = anHttpAgent({...service.place, port: line.port}, await service.tokenFor('upgrade'), {
		silenceMs: 2.4 * heartbeatMs,
	});
	cleanUp.push(
		() => service.stop(),
		() => line.stop(),
		() => agent.close(),
	);
	return {agent, line};
}

/** Numbers from 0 up to and without 1, the same ones each time. */
function seeded(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
		return state / 2 ** 31;
	};
}

const anOrder: LaunchOrder = {
	run: 'run-1',
	staged: {
		path: String.raw`C:\ProgramData\dms-upgrade\packages\0123456789abcdef\a.dmupgrade`,
		alreadyThere: true,
	},
	options: defaultUpgradeOptions,
};

describe('a line that breaks', () => {
	test('a lost answer to a launch is asked for again, and nothing is launched twice', async () => {
		let launches = 0;
		let cut: () => void = () => undefined;
		const {agent, line} = await reached({
			packagePath: (sha256, name) => `${sha256} ${name}`,
			async launch() {
				launches += 1;
				// Before the client can have heard anything of it.
				cut();
				await sleep(300);
				return {reference: 'launched'};
			},
		});
		for (let count = 1; count <= 10; count += 1) {
			cut = () => line.cut();
			expect(await agent.launch(anOrder)).toEqual({reference: 'launched'});
			expect(launches).toBe(count);
		}

		expect(line.connections).toBeGreaterThan(10);
	});

	test('what happens on the Agent is told once, however often the events are cut', async () => {
		const results = Array.from({length: 3000}, (_, index): PrerequisiteResult => ({
			check: `Verify${index}`,
			outcome: index % 7 === 0 ? 'failed' : 'passed',
			message: `Result ${index}`,
		}));
		const random = seeded(20_261_127);
		const tests = await mkdtemp(join(tmpdir(), 'dms-upgrade-tests-'));
		cleanUp.push(() => rm(tests, {recursive: true}));
		let cuts = 0;
		const {agent, line} = await reached({
			async runPrerequisites(_tests, {onResult}) {
				for (const result of results) {
					onResult?.(result);
					await sleep(random() < 0.5 ? 0 : 1);
				}

				return results;
			},
		});
		const heard: PrerequisiteResult[] = [];
		let untilCut = 25;
		const answered = await agent.runPrerequisites(
			{folder: tests, checks: [], executor: false, packageSha256: 'ab'.repeat(32)},
			{
				timeoutMs: 60_000,
				onResult(result) {
					heard.push(result);
					untilCut -= 1;
					if (untilCut === 0 && cuts < 100) {
						untilCut = 1 + Math.floor(random() * 50);
						cuts += 1;
						line.cut();
					}
				},
			},
		);
		expect(cuts).toBe(100);
		expect(heard).toEqual(results);
		expect(answered).toEqual(results);
	});

	test('the log of an upgrade is followed from where it was lost, line by line', async () => {
		const lines = Array.from({length: 400}, (_, index): FollowedLine => ({
			line: {type: 'information', message: `Line ${index} with “quotes”, \\ and é`},
			nextOffset: (index + 1) * 50,
		}));
		const random = seeded(7);
		const {agent, line} = await reached({
			async *followProgress(_receipt, {offset}) {
				for (const followed of lines.slice(offset / 50)) {
					yield followed;
					await sleep(0);
				}
			},
		});
		const stop = new AbortController();
		const heard: FollowedLine[] = [];
		let [cuts, offset] = [0, 0];
		while (heard.length < lines.length) {
			try {
				let untilCut = cuts < 20 ? 1 + Math.floor(random() * 19) : Infinity;
				for await (const followed of agent.followProgress(
					{reference: 'launched'},
					{offset, pollMs: 10, signal: stop.signal},
				)) {
					heard.push(followed);
					offset = followed.nextOffset;
					untilCut -= 1;
					if (untilCut === 0) {
						cuts += 1;
						line.cut();
					}
				}
			} catch (error) {
				expect(error).toBeInstanceOf(ConnectionLostError);
			}
		}

		expect(cuts).toBe(20);
		expect(heard).toEqual(lines);
	});

	test('that nothing passes on any more is noticed, though nobody says so', async () => {
		let asked: () => void = () => undefined;
		let look = Promise.withResolvers<undefined>();
		const {agent, line} = await reached(
			{
				async status() {
					asked();
					await look.promise;
					return {state: 'Running'};
				},
				identify: () => Promise.resolve({name: 'DMA-01', members: []}),
			},
			{heartbeatMs: 200},
		);
		asked = () => line.swallow();
		await expect(agent.status()).rejects.toBeInstanceOf(ConnectionLostError);
		expect(await agent.identify()).toMatchObject({name: 'DMA-01'});
		look.resolve(undefined);
		look = Promise.withResolvers();
		// A connection that was kept is tried anew before it is given up.
		await expect(agent.status()).rejects.toBeInstanceOf(ConnectionLostError);
		expect(line.connections).toBeGreaterThan(2);
	});

	test('an Agent that takes long to answer is waited for', async () => {
		const {agent} = await reached(
			{
				async status() {
					await sleep(2000);
					return {state: 'Running'};
				},
			},
			{heartbeatMs: 200},
		);
		expect(await agent.status()).toEqual({state: 'Running'});
	});
});
