import {expect, onTestFinished, test} from 'vitest';
import type {AgentConnection} from '../../source/agent/connection.ts';
import {openCluster} from '../../source/commands/cluster-session.ts';
import {systemClock} from '../../source/commands/system-clock.ts';
import type {AgentId} from '../../source/domain/agent.ts';
import type {Clock} from '../../source/domain/clock.ts';
import {readinessGoodForMs} from '../../source/domain/readiness.ts';
import {FormLook, type LookWish} from '../../source/orchestration/form-look.ts';
import {aLab} from '../support/a-lab.ts';
import {aPackage} from '../support/a-package.ts';
import {eventually} from '../support/eventually.ts';

/** A look at the Agents of a lab, and how often each of them was asked. */
async function aFormLook() {
	const lab = await aLab({agents: 3, pairs: 0});
	const session = await openCluster(lab.inventory);
	onTestFinished(() => session.close());
	const asked: AgentId[] = [];
	const aborted: AgentId[] = [];
	const connections = new Map(
		[...session.connections].map(([id, real]): [AgentId, AgentConnection] => [
			id,
			new Proxy(real, {
				get(target, name) {
					const value: unknown = Reflect.get(target, name, target);
					if (typeof value !== 'function') {
						return value;
					}

					return (...args: unknown[]): unknown => {
						if (name === 'status') {
							asked.push(id);
							(args[0] as AbortSignal | undefined)?.addEventListener('abort', () => aborted.push(id));
						}

						return Reflect.apply(value, target, args) as unknown;
					};
				},
			}),
		]),
	);
	let ahead = 0;
	const clock: Clock = {now: () => systemClock.now() + ahead, sleep: (...args) => systemClock.sleep(...args)};
	const look = new FormLook({cluster: session.cluster, connections, clock});
	onTestFinished(() => look.rest());
	const wish = (changes: Partial<LookWish> = {}): LookWish => ({
		agents: ['DMA-01', 'DMA-02'],
		package: aPackage(),
		policy: 'Simultaneously',
		...changes,
	});
	const answered = () => eventually(() => look.current()?.waitingFor.length === 0);
	return {look, wish, answered, asked, aborted, later: (ms: number) => (ahead += ms)};
}

test('a look grows with each answer, and tells it', async () => {
	const {look, wish, answered} = await aFormLook();
	expect(look.current()).toBeUndefined();
	let told = 0;
	look.subscribe(() => told++);
	look.look(wish());
	expect(look.current()?.waitingFor).toEqual(['DMA-01', 'DMA-02']);
	await answered();
	expect(told).toBe(3);
	expect([...(look.current()?.readiness.agents.keys() ?? [])]).toEqual(['DMA-01', 'DMA-02']);
	expect(look.current()).toBe(look.current());
});

test('another package or policy is judged by the answers that are there; only who is new is asked', async () => {
	const {look, wish, answered, asked} = await aFormLook();
	look.look(wish());
	await answered();
	const first = wish({package: aPackage({size: 10 ** 15})});
	look.look(first);
	expect(look.current()?.wish).toBe(first);
	const disk = look
		.current()
		?.readiness.agents.get('DMA-01')
		?.find(({id}) => id === 'free-disk');
	expect(disk?.outcome).toBe('block');
	look.look(wish({agents: ['DMA-02', 'DMA-03']}));
	await answered();
	expect(asked.toSorted()).toEqual(['DMA-01', 'DMA-02', 'DMA-03']);
});

test('whoever wants it anew, or waits too long, asks everybody again', async () => {
	const {look, wish, answered, asked, later} = await aFormLook();
	look.look(wish());
	await answered();
	look.look(wish(), {anew: true});
	expect(look.current()?.waitingFor).toEqual(['DMA-01', 'DMA-02']);
	await answered();
	later(readinessGoodForMs - 1000);
	look.look(wish());
	expect(look.current()?.waitingFor).toEqual([]);
	later(2000);
	look.look(wish());
	await answered();
	expect(asked).toHaveLength(6);
});

test('its rest ends what is being asked; the next look asks for what is missing', async () => {
	const {look, wish, answered, asked, aborted} = await aFormLook();
	look.look(wish());
	look.rest();
	expect(aborted.toSorted()).toEqual(['DMA-01', 'DMA-02']);
	expect(look.current()?.waitingFor).toEqual(['DMA-01', 'DMA-02']);
	look.look(wish());
	await answered();
	expect(asked).toHaveLength(4);
});
