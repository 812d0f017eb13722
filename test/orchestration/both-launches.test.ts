import {readFile, readdir} from 'node:fs/promises';
import {basename, join} from 'node:path';
import {describe} from 'vitest';
import type {FailoverPolicy} from '../../source/domain/failover-policy.ts';
import type {LaunchWay} from '../../source/domain/launch.ts';
import type {Lab} from '../../source/lab/lab.ts';
import {withinOneMajor} from '../support/practice.ts';
import {test} from '../support/practice-test.ts';

const upgrades = 'Upgrades/Packages';
const failoverLog = 'Logging/SLFailover.txt';

/** The folder of DataMiner on a server of the lab. */
const dataMiner = (lab: Lab, agent: string) => join(lab.folder, agent, 'C', 'Skyline DataMiner');

async function progressLog(lab: Lab, agent: string): Promise<string> {
	const packages = join(dataMiner(lab, agent), upgrades);
	const [own, ...others] = (await readdir(packages)).filter(name =>
		name.startsWith(basename(lab.packages.full)),
	);
	if (own === undefined || others.length > 0) {
		throw new Error(`${agent} did not upgrade exactly once`);
	}

	return readFile(join(packages, own, 'progress.log'), 'utf8');
}

/** When each Agent came online, as it says in its own SLFailover.txt. */
async function comingsOnline(lab: Lab, since: number): Promise<{at: number; deed: string}[]> {
	const found: {at: number; deed: string}[] = [];
	for (const {name, failover} of lab.agents) {
		const log = failover ? await readFile(join(dataMiner(lab, name), failoverLog), 'utf8') : '';
		for (const [, time = ''] of log.matchAll(/^([\d/]+ [\d:.]+)\|.*Failover Status => Online\r$/gm)) {
			const at = new Date(time).getTime();
			if (at >= since) {
				found.push({at, deed: `${name} is online`});
			}
		}
	}

	return found;
}

const pairsAndOne = ['DMA-01', 'DMA-02A', 'DMA-02B', 'DMA-03A', 'DMA-03B'];
const offlineFirst = [
	['DMA-02B goes down', 'DMA-03B goes down'],
	['DMA-02B is online', 'DMA-03B is online'],
	['DMA-01 goes down', 'DMA-02A goes down', 'DMA-03A goes down'],
];
const orders: readonly (readonly [FailoverPolicy, readonly (readonly string[])[]])[] = [
	['Simultaneously', [pairsAndOne.map(name => `${name} goes down`)]],
	['BackupFirst', offlineFirst],
	['BackupFirstWithSwitchback', [...offlineFirst, ['DMA-02A is online', 'DMA-03A is online']]],
];
const cases = (['agents', 'cluster'] as const).flatMap((launch: LaunchWay) =>
	orders.map(([policy, order]) => ({launch, policy, order})),
);

// Most of the time goes by in waiting for the Agents.
describe.concurrent.each(cases)('two pairs and one more, under $policy, launched by $launch', plan => {
	const {launch, policy, order} = plan;

	test('are upgraded in the order that is promised, as their own logs say, and every one is verified', async ({
		practise,
		expect,
	}) => {
		const {lab, upgrade} = await practise(withinOneMajor({agents: 5, pairs: 2}));
		const since = Date.now();
		const run = await upgrade(lab.packages.full, {launch, policy});
		expect(run.outcome).toBe('done');
		expect([...run.state.agents.values()].map(({id, outcome}) => [id, outcome])).toEqual(
			pairsAndOne.map(id => [id, 'done']),
		);

		// The log of an Agent has seconds only; it was read while it was written.
		const downs = run.events.flatMap(event =>
			event.type === 'agent.progressed' && event.line.type === 'step' && event.line.message === 'Kill'
				? [{at: event.at, deed: `${event.agent} goes down`}]
				: [],
		);
		const deeds = [...downs, ...(await comingsOnline(lab, since))]
			.toSorted((a, b) => a.at - b.at)
			.map(({deed}) => deed);
		expect(deeds.toSorted()).toEqual(order.flat().toSorted());
		for (const wave of order) {
			expect(deeds.splice(0, wave.length).toSorted()).toEqual(wave.toSorted());
		}

		// Each log was followed to its end, and nobody's lines were taken for those of another.
		for (const id of pairsAndOne) {
			const log = await progressLog(lab, id);
			const own = lab.agents.find(({name}) => name === id)!.address;
			const written = [...log.matchAll(/^(?<about>[^|\n]+)\|[^|]+\|[^|]+\|(?<message>.*)\r$/gm)].flatMap(
				({groups}) => (groups?.['about'] === own ? [groups['message']] : []),
			);
			const heard = run.events.flatMap(event =>
				event.type === 'agent.progressed' && event.agent === id ? [event.line.message] : [],
			);
			expect(heard).toEqual(written);
			expect(heard.filter(message => message === 'Finished.')).toHaveLength(1);
		}

		const where = (event: string) =>
			lab.events
				.filter(found => found.event === event)
				.map(({agent}) => agent)
				.toSorted();
		const launched = launch === 'cluster' ? ['DMA-01'] : pairsAndOne;
		expect(where('task-created')).toEqual(launched);
		expect(where('task-deleted')).toEqual(launched);
		expect(
			run.events
				.flatMap(event => (event.type === 'launch.ended' ? [[event.agent, event.result]] : []))
				.toSorted(),
		).toEqual(launched.map(id => [id, 0]));
		expect(
			[
				...new Set(run.events.flatMap(event => (event.type === 'upload.finished' ? [event.agent] : []))),
			].toSorted(),
		).toEqual(launched);
		expect(new Set(where('prerequisite-run'))).toEqual(new Set(pairsAndOne));
		expect(run.events.filter(event => event.type === 'note')).toEqual([]);
	});
});
