import {readFileSync} from 'node:fs';
import {afterEach, expect, test} from 'vitest';
import type {LaunchMeans, LaunchWay} from '../../source/domain/launch.ts';
import {DataMinerAgent} from '../../source/agent/dataminer-agent.ts';
import {systemClock} from '../../source/commands/system-clock.ts';

import {SshMachine} from '../../source/transport/ssh/ssh-machine.ts';
import {aVersion} from '../support/a-version.ts';
import {type Practice, startPractice} from '../support/practice.ts';
import {spoilConnection} from '../support/spoiled-connection.ts';

let practice: Practice;

afterEach(async () => {
	await practice.close();
});

/** Every Agent is launched by these means. */
async function launchBy(launch: LaunchMeans): Promise<void> {
	const {lab, session} = practice;
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

test.each<[LaunchMeans, LaunchWay]>([
	['task', 'agents'],
	['task', 'cluster'],
	['direct', 'agents'],
	['direct', 'cluster'],
])(
	'launched by %s (--launch %s), an upgrade outlives the connection that started it',
	async (means, launch) => {
		practice = await startPractice({agents: 2, pairs: 0, faults: ['reset-in-launch@DMA-01']});
		await launchBy(means);
		const run = await practice.upgrade(practice.lab.packages.full, {launch});
		const happened = (event: string) =>
			practice.lab.events.filter(found => found.event === event).map(({agent}) => agent);
		expect(run.outcome).toBe('done');
		// The line broke in the middle of the launch, and everything that the session had begun ended with it.
		expect(happened('connection-dropped')).toContain('DMA-01');
		expect(happened('upgrade-started').toSorted()).toEqual(['DMA-01', 'DMA-02']);
		expect(happened('task-created').length).toBe(means === 'direct' ? 0 : launch === 'cluster' ? 1 : 2);
		const results = run.events.flatMap(event => (event.type === 'launch.ended' ? [event.result] : []));
		expect(results).toEqual(happened('task-created').map(() => 0));
	},
);

test('a retry launches nothing on an Agent that does not run and whose version would wait in a window', async () => {
	practice = await startPractice({agents: 2, pairs: 0, faults: ['upgrade-fails@DMA-02']});
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
});
