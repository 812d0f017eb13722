import {readFileSync} from 'node:fs';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import type {AgentConnection} from '../../source/agent/connection.ts';
import {DataMinerAgent} from '../../source/agent/dataminer-agent.ts';
import {systemClock} from '../../source/commands/system-clock.ts';
import type {FailoverPolicy} from '../../source/domain/failover-policy.ts';
import {SshMachine} from '../../source/transport/ssh/ssh-machine.ts';
import {type ServiceForTest, aService, anHttpAgent} from '../support/an-http-service.ts';
import {type Practice, startPractice, withinOneMajor} from '../support/practice.ts';

/** Every second Agent, so that of a pair one is reached this way and one that way. */
async function reachHalfByServices({lab, session}: Practice): Promise<ServiceForTest[]> {
	const services: ServiceForTest[] = [];
	for (const agent of lab.inventory.agents.filter((_, index) => index % 2 === 1)) {
		const {name, partner, switchOver, identityFile} = agent;
		const service = await aService(
			new DataMinerAgent({
				agent: name,
				machine: new SshMachine({...agent, privateKey: readFileSync(identityFile)}),
				clock: systemClock,
				settings: {
					speed: lab.inventory.speed,
					failover: partner !== undefined,
					...(switchOver && {switchOver: switchOver as [string, ...string[]]}),
				},
			}),
		);
		services.push(service);
		await session.connections.get(name)?.close();
		(session.connections as Map<string, AgentConnection>).set(
			name,
			anHttpAgent(service.place, await service.tokenFor('upgrade'), {
				agent: name,
				canSwitchOver: switchOver !== undefined,
			}),
		);
	}

	return services;
}

describe.each<FailoverPolicy>(['Simultaneously', 'BackupFirst', 'BackupFirstWithSwitchback'])(
	'a cluster of which half is reached over SSH and half over HTTP, under %s',
	policy => {
		let practice: Practice;
		let services: ServiceForTest[];
		beforeAll(async () => {
			practice = await startPractice(withinOneMajor({agents: 4, pairs: 1}));
			services = await reachHalfByServices(practice);
		});
		afterAll(async () => {
			await practice.close();
			await Promise.all(services.map(service => service.stop()));
		});

		test('is upgraded as any other, each Agent once', async () => {
			const {lab, session, upgrade} = practice;
			expect(services).toHaveLength(2);
			const {outcome, state} = await upgrade(lab.packages.full, {policy});
			expect(outcome).toBe('done');
			expect([...state.agents.values()].map(({outcome}) => outcome)).toEqual([
				'done',
				'done',
				'done',
				'done',
			]);
			const launched = lab.events.filter(({event}) => event === 'upgrade-started').map(({agent}) => agent);
			expect(launched.toSorted()).toEqual([...session.connections.keys()].toSorted());
		});
	},
);
