import {describe, expect, test} from 'vitest';
import type {LabEventName} from '../../source/lab/events.ts';
import {deedsOf} from '../support/kill-sweep.ts';
import {
	beginMixed,
	outcomesOf,
	practiseMixed,
	serviceOnLab,
	untilEventOf,
	upgradeMixed,
} from '../support/mixed-practice.ts';
import {type Practice, withinOneMajor} from '../support/practice.ts';

const led = {launch: 'cluster'} as const;
const twoPairs = {...withinOneMajor({agents: 5, pairs: 2}), speed: 600};
const everyone = ['DMA-01', 'DMA-02A', 'DMA-02B', 'DMA-03A', 'DMA-03B'];
const allDone = Object.fromEntries(everyone.map(id => [id, 'done']));

function agentsWhere({lab}: Practice, event: LabEventName): string[] {
	return lab.events.filter(found => found.event === event).map(({agent}) => agent);
}

function rolesOf({session}: Practice): Promise<readonly (string | undefined)[]> {
	return Promise.all(everyone.map(async id => (await session.connections.get(id)!.status()).role));
}

describe.concurrent('one Agent that is told to upgrade a cluster of which half is reached over HTTP', () => {
	test.for([
		['HTTP', 'half'],
		['SSH', ['DMA-02A', 'DMA-03A']],
	] as const)(
		'over %s: does so once and in order, though connections fail to it and to others',
		async ([, overHttp], context) => {
			const practice = await practiseMixed(context, overHttp, twoPairs);
			const run = await upgradeMixed(
				practice,
				[
					'reset-in-launch@DMA-01',
					'silence-in-upgrade@DMA-01',
					'silence-in-upgrade@DMA-02A',
					'reset-in-upgrade@DMA-02B',
					'reset-in-verification@DMA-03A',
					'silence-in-verification@DMA-03B',
				],
				{...led, policy: 'BackupFirst'},
			);
			expect(run.state.failure).toBeUndefined();
			expect(outcomesOf(run)).toEqual(allDone);
			expect(agentsWhere(practice, 'task-created')).toEqual(['DMA-01']);
			expect(agentsWhere(practice, 'task-deleted')).toEqual(['DMA-01']);
			expect(agentsWhere(practice, 'upgrade-started').toSorted()).toEqual(everyone);
			expect(agentsWhere(practice, 'version-stamped').toSorted()).toEqual(everyone);
			expect(await rolesOf(practice)).toEqual([undefined, 'offline', 'online', 'offline', 'online']);
			expect(agentsWhere(practice, 'fault-bit')).toHaveLength(6);
			const uploads = run.events.flatMap(event => (event.type === 'upload.started' ? [event.agent] : []));
			expect(uploads).toEqual(['DMA-01']);
		},
	);

	test('and whose service dies meanwhile, goes on: all of it is told when the service is back', async context => {
		const practice = await practiseMixed(context, 'half', twoPairs);
		const service = serviceOnLab(practice, 'DMA-01');
		// However long the others take, it comes back in time.
		const run = await beginMixed(practice, [], {...led, policy: 'Simultaneously'}, {contact: 60_000});
		await untilEventOf(run, 'agent.progressed', 'DMA-01');
		await service.kill();
		await untilEventOf(run, 'contact.lost', 'DMA-01');
		await untilEventOf(run, 'agent.verified', 'DMA-02A');
		await service.open();
		const finished = await run.ended;
		expect(outcomesOf(finished)).toEqual(allDone);
		expect(agentsWhere(practice, 'task-created')).toEqual(['DMA-01']);
		expect(agentsWhere(practice, 'task-deleted')).toEqual(['DMA-01']);
		const deeds = Object.values(deedsOf(practice.lab.events));
		expect(deeds.map(deed => deed['upgrade-started'])).toEqual([1, 1, 1, 1, 1]);
		const offsets = finished.events.flatMap(event =>
			event.type === 'agent.progressed' && event.agent === 'DMA-01' ? [event.nextOffset] : [],
		);
		expect(offsets).toEqual([...new Set(offsets)].toSorted((a, b) => a - b));
	});
});
