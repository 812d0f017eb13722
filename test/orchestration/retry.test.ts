import {afterEach, describe, expect, test} from 'vitest';
import type {AgentConnection} from '../../source/agent/connection.ts';
import {AgentError} from '../../source/agent/connection.ts';
import type {AgentId} from '../../source/domain/agent.ts';
import type {LabEventName} from '../../source/lab/events.ts';
import {eventually} from '../support/eventually.ts';
import {spoilConnection} from '../support/spoiled-connection.ts';
import {type FinishedRun, type Practice, startPractice, withinOneMajor} from '../support/practice.ts';

let practice: Practice;

afterEach(async () => {
	await practice.close();
});

const operator = {user: 'edith', host: 'jump'};

function spoil(agent: AgentId, change: (real: AgentConnection) => Partial<AgentConnection>): void {
	spoilConnection(practice.session, agent, change);
}

function agentsWhere(event: LabEventName): string[] {
	return practice.lab.events.filter(found => found.event === event).map(({agent}) => agent);
}

function outcomes({state}: FinishedRun): Record<string, string | undefined> {
	return Object.fromEntries([...state.agents.values()].map(({id, outcome}) => [id, outcome]));
}

describe('a run that is tried once more', () => {
	test('touches only what is not done', async () => {
		practice = await startPractice({agents: 3, pairs: 0, faults: ['upgrade-fails@DMA-02']});
		const {lab} = practice;
		const run = await practice.begin(await practice.plan(lab.packages.full), lab.packages.full);
		expect(outcomes(await run.ended)).toEqual({'DMA-01': 'done', 'DMA-02': 'failed', 'DMA-03': 'done'});
		const before = lab.events.length;
		const again = await run.retry();
		expect(again.outcome).toBe('done');
		expect(again.state.attempt).toBe(2);
		const upgraded = lab.events.slice(before).filter(({event}) => event === 'upgrade-started');
		expect(upgraded.map(({agent}) => agent)).toEqual(['DMA-02']);
		const sent = lab.events
			.slice(before)
			.filter(({event, detail}) => event === 'file-renamed' && String(detail['to']).endsWith('.dmupgrade'));
		expect(sent).toEqual([]);
	});

	test('finds an upgrade finished that nobody could follow to its end, and does not launch it again', async () => {
		practice = await startPractice({agents: 2, pairs: 0});
		const {lab} = practice;
		let away = true;
		const lost = () => Promise.reject(new AgentError('DMA-02', 'AWAY', 'It does not answer.', []));
		spoil('DMA-02', real => ({
			async launch(order) {
				const receipt = await real.launch(order);
				return away ? lost() : receipt;
			},
			status: signal =>
				away && agentsWhere('upgrade-started').includes('DMA-02') ? lost() : real.status(signal),
		}));
		const run = await practice.begin(await practice.plan(lab.packages.full), lab.packages.full, {
			launch: 300,
		});
		expect(outcomes(await run.ended)).toEqual({'DMA-01': 'done', 'DMA-02': 'unknown'});
		away = false;
		const agent = practice.session.connections.get('DMA-02')!;
		await eventually(async () => {
			const {state, upgradeInProgress} = await agent.status();
			return state === 'Running' && upgradeInProgress === undefined;
		});
		const again = await run.retry();
		expect(outcomes(again)).toEqual({'DMA-01': 'done', 'DMA-02': 'done'});
		expect(agentsWhere('upgrade-started').toSorted()).toEqual(['DMA-01', 'DMA-02']);
	});

	test('goes on with the waves that a stop left out', async () => {
		practice = await startPractice(withinOneMajor({agents: 3, pairs: 1}));
		const {lab} = practice;
		const run = await practice.begin(
			await practice.plan(lab.packages.full, {policy: 'BackupFirst'}),
			lab.packages.full,
		);
		await run.until('launch.finished');
		await run.journal.request({kind: 'stop', operator});
		const stopped = await run.ended;
		expect(stopped.outcome).toBe('stopped');
		expect(agentsWhere('upgrade-started')).toEqual(['DMA-02B']);
		const again = await run.retry();
		expect(again.outcome).toBe('done');
		expect(agentsWhere('upgrade-started').toSorted()).toEqual(['DMA-01', 'DMA-02A', 'DMA-02B']);
	});

	test('switches a pair over that could not be switched before', async () => {
		practice = await startPractice({
			...withinOneMajor({agents: 3, pairs: 1}),
			faults: ['switch-over-fails@DMA-02B'],
		});
		const {lab} = practice;
		const run = await practice.begin(
			await practice.plan(lab.packages.full, {policy: 'BackupFirst'}),
			lab.packages.full,
			{switchOver: 1500},
		);
		expect((await run.ended).state.failure?.code).toBe('SWITCH_FAILED');
		await lab.clear('switch-over-fails@DMA-02B');
		const again = await run.retry();
		expect(again.outcome).toBe('done');
		expect(agentsWhere('upgrade-started').toSorted()).toEqual(['DMA-01', 'DMA-02A', 'DMA-02B']);
	});

	test('upgrades an Agent that was stopped since it could not be launched', async () => {
		practice = await startPractice({agents: 2, pairs: 0});
		const {lab} = practice;
		let broken = true;
		spoil('DMA-02', real => ({
			launch: order =>
				broken
					? Promise.reject(new AgentError('DMA-02', 'LAUNCH_FAILED', 'The task could not be made.', []))
					: real.launch(order),
		}));
		const run = await practice.begin(await practice.plan(lab.packages.full), lab.packages.full);
		const first = await run.ended;
		expect(outcomes(first)).toEqual({'DMA-01': 'done', 'DMA-02': 'failed'});
		expect(first.events.some(({type}) => type === 'agent.withdrawn')).toBe(true);
		broken = false;
		expect(outcomes(await run.retry())).toEqual({'DMA-01': 'done', 'DMA-02': 'done'});
	});

	test('runs the prerequisites again on the Agent where one failed, and not where they passed just now', async () => {
		practice = await startPractice({agents: 2, pairs: 0, faults: ['prerequisite-fails@DMA-02']});
		const {lab} = practice;
		const run = await practice.begin(await practice.plan(lab.packages.full), lab.packages.full, {
			prerequisitesGoodFor: 600_000,
		});
		expect((await run.ended).outcome).toBe('blocked');
		await lab.clear('prerequisite-fails@DMA-02');
		const {outcome, events} = await run.retry();
		expect(outcome).toBe('done');
		const retried = events.findIndex(({type}) => type === 'run.retried');
		const tested = events.slice(retried).filter(event => event.type === 'prerequisites.started');
		expect(tested.map(({agent}) => agent)).toEqual(['DMA-02']);
	});
});

describe('the locks of a run', () => {
	test('keep a second run away, which is told who holds them, and are gone at the end', async () => {
		practice = await startPractice({agents: 2, pairs: 0});
		const {lab} = practice;
		const upload = Promise.withResolvers<undefined>();
		spoil('DMA-01', real => ({
			async stagePackage(...args) {
				await upload.promise;
				return real.stagePackage(...args);
			},
		}));
		const plan = await practice.plan(lab.packages.full);
		const first = await practice.begin(plan, lab.packages.full, {lockRenewal: 200});
		await first.until('upload.started');
		const second = await (await practice.begin(plan, lab.packages.full)).ended;
		expect(second.outcome).toBe('blocked');
		expect(second.state.failure).toMatchObject({
			code: 'AGENT_LOCKED',
			message: expect.stringContaining('edith on jump') as string,
		});
		await first.journal.request({kind: 'stop', operator});
		upload.resolve(undefined);
		const finished = await first.ended;
		expect(finished.events.filter(({type}) => type === 'agent.unlocked')).toHaveLength(2);
		expect(await practice.session.connections.get('DMA-01')?.lockHolder()).toBeUndefined();
	});

	test('one that is taken over by somebody else ends the run before it starts anything new', async () => {
		practice = await startPractice({...withinOneMajor({agents: 3, pairs: 1}), speed: 200});
		const {lab, session} = practice;
		const plan = await practice.plan(lab.packages.full, {policy: 'BackupFirst'});
		let asleep = true;
		spoil('DMA-01', real => ({
			renewLock: (claim, signal) => (asleep ? Promise.resolve() : real.renewLock(claim, signal)),
		}));
		const run = await practice.begin(plan, lab.packages.full, {lockRenewal: 50});
		await run.until('launch.finished');
		const thief = {run: 'other', operator: {user: 'mallory', host: 'elsewhere'}, since: 0, token: 'other'};
		await session.connections.get('DMA-01')!.acquireLock(thief, {staleMs: 100, pollMs: 20, takeOver: true});
		asleep = false;
		const finished = await run.ended;
		expect(finished.state.failure?.code).toBe('LOCK_LOST');
		expect(finished.state.failure?.message).toContain('mallory on elsewhere');
		expect(agentsWhere('upgrade-started')).toEqual(['DMA-02B']);
	});

	test('one that was taken over while this computer slept is missed before the next launch, whenever it is renewed', async () => {
		practice = await startPractice({agents: 1, pairs: 0, speed: 200});
		const {lab} = practice;
		const plan = await practice.plan(lab.packages.full);
		const thief = {run: 'other', operator: {user: 'mallory', host: 'elsewhere'}, since: 0, token: 'other'};
		spoil('DMA-01', real => ({
			async runPrerequisites(...args) {
				await real.acquireLock(thief, {staleMs: 1000, pollMs: 20, takeOver: true});
				return real.runPrerequisites(...args);
			},
		}));
		const finished = await (await practice.begin(plan, lab.packages.full, {lockRenewal: 600_000})).ended;
		expect(finished.state.failure?.code).toBe('LOCK_LOST');
		expect(agentsWhere('upgrade-started')).toEqual([]);
	});

	test('those of a run that died are taken over only when the operator says so, and that is written down', async () => {
		practice = await startPractice({agents: 1, pairs: 0});
		const {lab, session} = practice;
		const dead = {run: 'dead', operator: {user: 'alan', host: 'night'}, since: 0, token: 'dead'};
		const limits = {lockStale: 1500, lockPoll: 20};
		await session.connections.get('DMA-01')!.acquireLock(dead, {staleMs: 30_000, pollMs: 1, takeOver: false});
		const refused = await practice.upgrade(lab.packages.full, {}, limits);
		expect(refused.state.failure).toMatchObject({code: 'LOCK_STALE'});
		expect(agentsWhere('upgrade-started')).toEqual([]);
		const plan = await practice.plan(lab.packages.full);
		const taken = await (await practice.begin(plan, lab.packages.full, limits, {takeOverLocks: true})).ended;
		expect(taken.outcome).toBe('done');
		expect(taken.events.find(({type}) => type === 'agent.locked')).toMatchObject({
			takenOverFrom: {run: 'dead', operator: {user: 'alan'}},
		});
	});
});
