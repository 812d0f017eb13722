import {afterEach, expect, test} from 'vitest';
import {systemClock} from '../../source/commands/system-clock.ts';
import {ClusterWatch} from '../../source/orchestration/cluster-watch.ts';
import {eventually} from '../support/eventually.ts';
import {type Practice, startPractice} from '../support/practice.ts';

let practice: Practice;
let watch: ClusterWatch;

afterEach(async () => {
	watch.close();
	await practice.close();
});

async function watching(interval: number): Promise<ClusterWatch> {
	practice = await startPractice({agents: 3});
	const {cluster, connections} = practice.session;
	watch = new ClusterWatch({cluster, connections, clock: systemClock, interval});
	return watch;
}

test('tells what every Agent is, and what becomes of it', async () => {
	await watching(50);
	await eventually(() => watch.current().agents.size === 3);
	expect(
		[...watch.current().agents.values()].map(({status, dataMinerId}) => [status?.state, typeof dataMinerId]),
	).toEqual([
		['Running', 'number'],
		['Running', 'number'],
		['Running', 'number'],
	]);

	await practice.lab.inject('unreachable@DMA-01');
	await eventually(() => watch.current().agents.get('DMA-01')?.failure !== undefined);
	// What was known last stays, and says how old it is.
	expect(watch.current().agents.get('DMA-01')).toMatchObject({
		status: {state: 'Running'},
		asOf: expect.any(Number) as number,
	});

	await practice.lab.clear('unreachable@DMA-01');
	await eventually(() => watch.current().agents.get('DMA-01')?.failure === undefined);
});

test('asks at once when it is told to', async () => {
	await watching(3_600_000);
	await eventually(() => watch.current().agents.size === 3);
	const before = watch.current();
	watch.refresh();
	await eventually(() => [...watch.current().agents].every(([id, view]) => view !== before.agents.get(id)));
});

test('answers the same view until something changes, and is silent once closed', async () => {
	await watching(3_600_000);
	await eventually(() => watch.current().agents.size === 3);
	expect(watch.current()).toBe(watch.current());
	let heard = 0;
	watch.subscribe(() => heard++);
	watch.close();
	watch.refresh();
	await new Promise(resolve => setImmediate(resolve));
	expect(heard).toBe(0);
});
