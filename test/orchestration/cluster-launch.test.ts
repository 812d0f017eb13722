import {describe} from 'vitest';
import {type AgentConnection, AgentError} from '../../source/agent/connection.ts';
import {ConnectionLostError, ProgramTimedOutError} from '../../source/agent/machine-errors.ts';
import type {AgentId} from '../../source/domain/agent.ts';
import type {LabEventName} from '../../source/lab/events.ts';
import {eventually} from '../support/eventually.ts';
import {type FinishedRun, type Practice, withinOneMajor} from '../support/practice.ts';
import {test} from '../support/practice-test.ts';
import {spoilConnection} from '../support/spoiled-connection.ts';

const led = {launch: 'cluster'} as const;

function spoil(
	{session}: Practice,
	agent: AgentId,
	change: (real: AgentConnection) => Partial<AgentConnection>,
): void {
	spoilConnection(session, agent, change);
}

function agentsWhere({lab}: Practice, event: LabEventName): string[] {
	return lab.events.filter(found => found.event === event).map(({agent}) => agent);
}

function outcomes({state}: FinishedRun): Record<string, string | undefined> {
	return Object.fromEntries([...state.agents.values()].map(({id, outcome}) => [id, outcome]));
}

// Most of the time goes by in waiting for the Agents.
describe.concurrent('one Agent that is told to upgrade the whole cluster', () => {
	test('needs no way of ours to switch pairs over', async ({practise, expect}) => {
		const practice = await practise(withinOneMajor({agents: 3, pairs: 1}));
		const {lab, upgrade} = practice;
		const refusal = {code: 'CONNECTION_CANNOT', message: 'No way.', nextSteps: []};
		await expect(
			practice.plan(lab.packages.full, {policy: 'BackupFirst', switchOverRefusal: refusal}),
		).rejects.toThrow('No way.');
		const run = await upgrade(lab.packages.full, {...led, policy: 'BackupFirst', switchOverRefusal: refusal});
		expect(run.outcome).toBe('done');
		expect((await practice.session.connections.get('DMA-02B')?.status())?.role).toBe('online');
	});

	test('is refused where the cluster has members that the inventory does not have', async ({
		practise,
		expect,
	}) => {
		const practice = await practise({agents: 2, pairs: 0});
		const {lab, upgrade} = practice;
		spoil(practice, 'DMA-01', real => ({
			async identify(signal) {
				const identity = await real.identify(signal);
				return {...identity, members: [...identity.members, '10.9.9.9']};
			},
		}));
		const run = await upgrade(lab.packages.full, led);
		expect(run).toMatchObject({outcome: 'blocked', state: {failure: {code: 'MEMBERS_DIFFER'}}});
		expect(run.state.failure?.message).toContain('10.9.9.9');
		expect(agentsWhere(practice, 'file-uploaded')).toEqual([]);
	});

	test('that fails before anything begins leaves the others as they were, and says so of each', async ({
		practise,
		expect,
	}) => {
		const practice = await practise({agents: 3, pairs: 0});
		const {lab, plan, begin} = practice;
		spoil(practice, 'DMA-01', real => ({
			async launch(order) {
				// The lab's own network breaks between two Agents, after everybody answered us.
				await lab.inject('unreachable@DMA-02');
				return real.launch(order);
			},
		}));
		const run = await begin(await plan(lab.packages.full, led), lab.packages.full);
		await eventually(() => agentsWhere(practice, 'task-ended').length > 0);
		await lab.clear('unreachable@DMA-02');
		const finished = await run.ended;
		expect(outcomes(finished)).toEqual({'DMA-01': 'failed', 'DMA-02': 'failed', 'DMA-03': 'failed'});
		expect(finished.state.agents.get('DMA-03')?.failure?.message).toContain('Nothing was begun here');
		expect(agentsWhere(practice, 'upgrade-started')).toEqual([]);
	});

	test('that refuses the launch has told nobody', async ({practise, expect}) => {
		const practice = await practise({agents: 2, pairs: 0});
		const {lab, upgrade} = practice;
		spoil(practice, 'DMA-01', () => ({
			launch: () => Promise.reject(new AgentError('DMA-01', 'LAUNCH_FAILED', 'Access is denied.', [])),
		}));
		const run = await upgrade(lab.packages.full, led);
		expect(outcomes(run)).toEqual({'DMA-01': 'failed', 'DMA-02': 'failed'});
		expect(run.state.agents.get('DMA-02')?.failure?.code).toBe('NOT_LAUNCHED');
	});

	test('that may have been told or not leaves every outcome unknown', async ({practise, expect}) => {
		const practice = await practise({agents: 2, pairs: 0});
		const {lab, upgrade} = practice;
		spoil(practice, 'DMA-01', () => ({
			launch: () => Promise.reject(new ProgramTimedOutError('x', 'schtasks.exe', 1)),
		}));
		const run = await upgrade(lab.packages.full, led, {launch: 300});
		expect(outcomes(run)).toEqual({'DMA-01': 'unknown', 'DMA-02': 'unknown'});
	});

	test('whose answer was lost is told again, and upgrades once', async ({practise, expect}) => {
		const practice = await practise({agents: 3, pairs: 0});
		const {lab, upgrade} = practice;
		let first = true;
		spoil(practice, 'DMA-01', real => ({
			async launch(order) {
				const receipt = await real.launch(order);
				if (first) {
					first = false;
					throw new ConnectionLostError('127.0.0.1', 'launching');
				}

				return receipt;
			},
		}));
		expect((await upgrade(lab.packages.full, led)).outcome).toBe('done');
		expect(agentsWhere(practice, 'upgrade-started').toSorted()).toEqual(['DMA-01', 'DMA-02', 'DMA-03']);
	});

	test('that leaves an Agent out: that one is unknown within the limit, never done; a retry upgrades it by itself', async ({
		practise,
		expect,
	}) => {
		const practice = await practise({agents: 3, pairs: 0, faults: ['left-out@DMA-03']});
		const {lab, plan, begin} = practice;
		const run = await begin(await plan(lab.packages.full, led), lab.packages.full, {
			silence: 1500,
			askAfterSilence: 300,
		});
		const finished = await run.ended;
		expect(outcomes(finished)).toEqual({'DMA-01': 'done', 'DMA-02': 'done', 'DMA-03': 'unknown'});
		expect(finished.state.agents.get('DMA-03')?.failure?.code).toBe('NOT_REACHED');
		const again = await run.retry();
		expect(again.outcome).toBe('done');
		expect(agentsWhere(practice, 'upgrade-started').toSorted()).toEqual(['DMA-01', 'DMA-02', 'DMA-03']);
		expect(agentsWhere(practice, 'task-created')).toEqual(['DMA-01', 'DMA-03']);
	});

	test('is no reason to call an Agent failed because another one is', async ({practise, expect}) => {
		const practice = await practise({agents: 3, pairs: 0, faults: ['upgrade-fails@DMA-02']});
		const {lab, upgrade} = practice;
		const run = await upgrade(lab.packages.full, led);
		expect(outcomes(run)).toEqual({'DMA-01': 'done', 'DMA-02': 'failed', 'DMA-03': 'done'});
	});

	test('and a stop after it: everything goes on, and is named', async ({practise, expect}) => {
		const practice = await practise({agents: 3, pairs: 0, speed: 300});
		const {lab, plan, begin} = practice;
		const run = await begin(await plan(lab.packages.full, led), lab.packages.full);
		await run.until('agent.progressed');
		await run.journal.request({kind: 'stop', operator: {user: 'edith', host: 'jump'}});
		const finished = await run.ended;
		expect(finished.events.find(event => event.type === 'stop.requested')).toMatchObject({
			goOn: ['DMA-01', 'DMA-02', 'DMA-03'],
		});
		expect(outcomes(finished)).toEqual({'DMA-01': 'done', 'DMA-02': 'done', 'DMA-03': 'done'});
	});
});

describe.concurrent('tried once more', () => {
	test('where nothing has begun anywhere, one Agent is told again', async ({practise, expect}) => {
		const practice = await practise({agents: 2, pairs: 0});
		const {lab, plan, begin} = practice;
		let first = true;
		spoil(practice, 'DMA-01', real => ({
			launch(order) {
				if (first) {
					first = false;
					return Promise.reject(new AgentError('DMA-01', 'LAUNCH_FAILED', 'Access is denied.', []));
				}

				return real.launch(order);
			},
		}));
		const run = await begin(await plan(lab.packages.full, led), lab.packages.full);
		expect((await run.ended).outcome).toBe('failed');
		expect((await run.retry()).outcome).toBe('done');
		expect(agentsWhere(practice, 'task-created')).toEqual(['DMA-01']);
		expect(agentsWhere(practice, 'upgrade-started').toSorted()).toEqual(['DMA-01', 'DMA-02']);
	});

	test('an Agent that failed is told by itself, once the package is there; those that are done are left alone', async ({
		practise,
		expect,
	}) => {
		const practice = await practise({agents: 3, pairs: 0, faults: ['upgrade-fails@DMA-02']});
		const {lab, plan, begin} = practice;
		const run = await begin(await plan(lab.packages.full, led), lab.packages.full);
		expect((await run.ended).outcome).toBe('failed');
		const again = await run.retry();
		expect(again.outcome).toBe('done');
		expect(
			agentsWhere(practice, 'upgrade-started')
				.filter(agent => agent !== 'DMA-02')
				.toSorted(),
		).toEqual(['DMA-01', 'DMA-03']);
		expect(agentsWhere(practice, 'upgrade-started').filter(agent => agent === 'DMA-02')).toHaveLength(2);
		expect(agentsWhere(practice, 'file-renamed')).toContain('DMA-02');
	});

	test('under backup first, an Agent that is still online is not upgraded beside its partner', async ({
		practise,
		expect,
	}) => {
		const practice = await practise({
			...withinOneMajor({agents: 3, pairs: 1}),
			faults: ['switch-over-fails@DMA-02B'],
		});
		const {lab, plan, begin} = practice;
		const run = await begin(
			await plan(lab.packages.full, {...led, policy: 'BackupFirst'}),
			lab.packages.full,
		);
		const failed = await run.ended;
		expect(outcomes(failed)).toEqual({'DMA-01': 'failed', 'DMA-02A': 'failed', 'DMA-02B': 'done'});
		const again = await run.retry();
		expect(again.outcome).toBe('failed');
		expect(again.state.agents.get('DMA-02A')?.failure?.message).toContain('switch the pair over in Cube');
		await lab.clear('switch-over-fails@DMA-02B');
		await practice.session.connections.get('DMA-02B')?.switchOver();
		await eventually(
			async () => (await practice.session.connections.get('DMA-02B')?.status())?.role === 'online',
		);
		expect((await run.retry()).outcome).toBe('done');
		expect(agentsWhere(practice, 'task-created').toSorted()).toEqual(['DMA-01', 'DMA-01', 'DMA-02A']);
	});
});
