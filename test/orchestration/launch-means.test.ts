import {readFileSync} from 'node:fs';
import {describe} from 'vitest';
import {ConnectionLostError} from '../../source/agent/machine-errors.ts';
import type {LaunchMeans, LaunchWay} from '../../source/domain/launch.ts';
import {DataMinerAgent} from '../../source/agent/dataminer-agent.ts';
import {systemClock} from '../../source/commands/system-clock.ts';
import {SshMachine} from '../../source/transport/ssh/ssh-machine.ts';
import {aVersion} from '../support/a-version.ts';
import {eventually} from '../support/eventually.ts';
import type {Practice} from '../support/practice.ts';
import {test} from '../support/practice-test.ts';
import {spoilConnection} from '../support/spoiled-connection.ts';

/** Every Agent is launched by these means. */
async function launchBy({lab, session}: Practice, launch: LaunchMeans): Promise<void> {
	for (const agent of lab.inventory.agents) {
		await session.connections.get(agent.name)?.close();
		spoilConnection(
			session,
			agent.name,
			() =>
				new DataMinerAgent({
					agent: agent.name,
					machine: new SshMachine({...agent, privateKey: readFileSync(agent.identityFile)}),
					clock: systemClock,
					settings: {speed: lab.inventory.speed, failover: agent.partner !== undefined, launch},
				}),
		);
	}
}

const means: readonly LaunchMeans[] = ['task', 'direct'];
const ways: readonly LaunchWay[] = ['agents', 'cluster'];
const combinations = means.flatMap(launchedBy => ways.map(launch => ({launchedBy, launch})));

// Most of the time goes by in waiting for the Agents.
describe.concurrent('an upgrade', () => {
	describe.each(combinations)('launched by $launchedBy (--launch $launch)', ({launchedBy, launch}) => {
		test('outlives the connection that started it', async ({practise, expect}) => {
			const practice = await practise({agents: 2, pairs: 0, faults: ['reset-in-launch@DMA-01']});
			await launchBy(practice, launchedBy);
			const run = await practice.upgrade(practice.lab.packages.full, {launch});
			const happened = (event: string) =>
				practice.lab.events.filter(found => found.event === event).map(({agent}) => agent);
			expect(run.outcome).toBe('done');
			// The line broke in the middle of the launch, and everything that the session had begun ended with it.
			expect(happened('connection-dropped')).toContain('DMA-01');
			expect(happened('upgrade-started').toSorted()).toEqual(['DMA-01', 'DMA-02']);
			const tasks = launchedBy === 'direct' ? [] : launch === 'cluster' ? ['DMA-01'] : ['DMA-01', 'DMA-02'];
			expect(happened('task-created').toSorted()).toEqual(tasks);
			expect(happened('task-deleted').toSorted()).toEqual(tasks);
			const results = run.events.flatMap(event => (event.type === 'launch.ended' ? [event.result] : []));
			expect(results).toEqual(tasks.map(() => 0));
		});
	});
});

test.concurrent(
	'a retry launches nothing on an Agent that does not run and whose version would wait in a window',
	async ({practise, expect}) => {
		const practice = await practise({agents: 2, pairs: 0, faults: ['upgrade-fails@DMA-02']});
		const {lab, plan, begin, session} = practice;
		let old = false;
		spoilConnection(session, 'DMA-02', real => ({
			async status(signal) {
				const status = await real.status(signal);
				return old ? {...status, version: aVersion('10.5.3')} : status;
			},
		}));
		const run = await begin(await plan(lab.packages.full), lab.packages.full);
		expect((await run.ended).state.agents.get('DMA-02')?.outcome).toBe('failed');
		const started = () => lab.events.filter(({event}) => event === 'upgrade-started').length;
		const before = started();
		old = true;
		const again = await run.retry();
		expect(again.state.agents.get('DMA-02')?.failure?.message).toContain('opens a window');
		expect(started()).toBe(before);
		old = false;
		expect((await run.retry()).outcome).toBe('done');
	},
);

test.concurrent(
	'a retry that launches anew deletes the task of an attempt of which nothing became known',
	async ({practise, expect}) => {
		const practice = await practise({agents: 1, pairs: 0, faults: ['upgrade-fails@DMA-01']});
		const {lab, plan, begin, session} = practice;
		let away = true;
		const lost = () => Promise.reject(new ConnectionLostError('127.0.0.1', 'asking'));
		const launched = () => lab.events.some(({event}) => event === 'upgrade-started');
		spoilConnection(session, 'DMA-01', real => ({
			status: signal => (away && launched() ? lost() : real.status(signal)),
			async *followProgress(receipt, options) {
				await (away && lost());
				yield* real.followProgress(receipt, options);
			},
		}));
		const run = await begin(await plan(lab.packages.full), lab.packages.full, {contact: 500});
		expect((await run.ended).state.agents.get('DMA-01')?.outcome).toBe('unknown');
		const tasks = (event: string) =>
			lab.events.flatMap(found => (found.event === event ? [String(found.detail['task'])] : []));
		// Whoever wants to know what came of it can look.
		expect(tasks('task-deleted')).toEqual([]);
		await eventually(() => tasks('task-ended').length === 1);
		away = false;
		const again = await run.retry();
		expect(again.outcome).toBe('done');
		expect(new Set(tasks('task-created')).size).toBe(2);
		expect(tasks('task-deleted')).toEqual(tasks('task-created'));
		const results = again.events.flatMap(event => (event.type === 'launch.ended' ? [event.result] : []));
		expect(results).toEqual([1, 0]);
	},
);
