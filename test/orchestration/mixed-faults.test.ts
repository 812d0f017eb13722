import {describe, expect, test} from 'vitest';
import type {FailoverPolicy} from '../../source/domain/failover-policy.ts';
import {deedsOf} from '../support/kill-sweep.ts';
import {onceEach, outcomesOf, practiseMixed, upgradeMixed} from '../support/mixed-practice.ts';
import {withinOneMajor} from '../support/practice.ts';

const phases = ['readiness', 'lock', 'upload', 'prerequisites', 'launch', 'upgrade', 'verification'] as const;
const seven = phases.map((_, index) => `DMA-0${index + 1}`);

describe.concurrent('a cluster of which half is reached over SSH and half over HTTP', () => {
	test.for([
		['reset', 'the first half', 'half'],
		['reset', 'the other half', seven.filter((_, index) => index % 2 === 1)],
		['silence', 'the first half', 'half'],
		['silence', 'the other half', seven.filter((_, index) => index % 2 === 1)],
	] as const)(
		'is upgraded, nothing of it twice, though connections fail in every phase (%s, %s over HTTP)',
		async ([kind, , overHttp], context) => {
			const practice = await practiseMixed(context, overHttp, {agents: phases.length, pairs: 0});
			const run = await upgradeMixed(
				practice,
				phases.map((phase, index) => `${kind}-in-${phase}@${seven[index]}`),
			);
			expect(run.state.failure).toBeUndefined();
			expect(outcomesOf(run)).toEqual(Object.fromEntries(seven.map(id => [id, 'done'])));
			expect(deedsOf(practice.lab.events)).toEqual(Object.fromEntries(seven.map(id => [id, onceEach])));
			const bitten = practice.lab.events.filter(({event}) => event === 'fault-bit').map(({agent}) => agent);
			expect(bitten.toSorted()).toEqual(seven);
		},
	);

	test('tells what became of each, whatever happens on those over HTTP', async context => {
		const happens = {
			'DMA-01': ['reboots', 'done'],
			'DMA-03': ['reboots-for-long', 'done'],
			'DMA-05': ['stays-old', 'failed'],
			'DMA-07': ['flaps', 'done'],
			'DMA-09': ['log-truncated', 'done'],
			'DMA-11': ['log-rotated', 'done'],
			'DMA-13': ['fails-after-success', 'failed'],
			'DMA-15': ['upgrade-fails', 'failed'],
		} as const;
		const practice = await practiseMixed(context, 'half', {agents: 16, pairs: 0});
		expect(practice.lab.inventory.agents.filter(({service}) => service).map(({name}) => name)).toEqual(
			Object.keys(happens),
		);
		const run = await upgradeMixed(
			practice,
			Object.entries(happens).map(([agent, [fault]]) => `${fault}@${agent}`),
		);
		expect(run.outcome).toBe('failed');
		const found = outcomesOf(run);
		for (const [agent, [fault, outcome]] of Object.entries(happens)) {
			expect([agent, fault, found[agent]]).toEqual([agent, fault, outcome]);
		}

		for (const {name, service} of practice.lab.inventory.agents) {
			expect(service ? 'done' : found[name]).toBe('done');
			expect(deedsOf(practice.lab.events)[name]).toMatchObject({'upgrade-started': 1});
		}
	});

	test.for<FailoverPolicy>(['BackupFirst', 'BackupFirstWithSwitchback'])(
		'keeps the order of %s, though connections fail on both sides of its pairs',
		async (policy, context) => {
			const {agents, software, version} = withinOneMajor({agents: 5, pairs: 2});
			const practice = await practiseMixed(context, 'half', {
				agents: agents!,
				pairs: 2,
				software: software!,
				version: version!,
			});
			const ids = practice.lab.inventory.agents.map(({name}) => name);
			const run = await upgradeMixed(
				practice,
				[
					'reset-in-upgrade@DMA-02B',
					'silence-in-launch@DMA-03B',
					'silence-in-upgrade@DMA-02A',
					'reset-in-launch@DMA-03A',
				],
				{policy},
			);
			expect(outcomesOf(run)).toEqual(Object.fromEntries(ids.map(id => [id, 'done'])));
			const down = practice.lab.events.flatMap(({agent, event, detail}) =>
				event === 'service-stopping' && detail['service'] === 'SLDataMiner' ? [agent] : [],
			);
			expect(down.slice(0, 2).toSorted()).toEqual(['DMA-02B', 'DMA-03B']);
			expect(down.slice(2).toSorted()).toEqual(['DMA-01', 'DMA-02A', 'DMA-03A']);
		},
	);
});
