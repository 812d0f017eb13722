import {readdir} from 'node:fs/promises';
import path from 'node:path';
import {type TestContext, describe, expect, test} from 'vitest';
import type {AgentConnection} from '../../source/agent/connection.ts';
import type {AgentId} from '../../source/domain/agent.ts';
import type {UpgradeRequest} from '../../source/domain/plan.ts';
import {defaultUpgradeOptions} from '../../source/domain/upgrade-options.ts';
import type {LabEventName} from '../../source/lab/events.ts';
import type {FaultName} from '../../source/lab/faults.ts';
import type {LabOptions} from '../../source/lab/lab.ts';
import {type RunLimits, defaultRunLimits} from '../../source/orchestration/run-limits.ts';
import {eventually} from '../support/eventually.ts';
import {deedsOf} from '../support/kill-sweep.ts';
import {
	type FinishedRun,
	type Practice,
	type PracticeRun,
	startPractice,
	usualWarnings,
	withinOneMajor,
} from '../support/practice.ts';
import {aWatchfulAgent} from '../support/a-watchful-agent.ts';

/** A practice cluster, and what is done and asked there. */
interface Scene {
	readonly practice: Practice;
	/** Begins an upgrade that meets these faults. Nothing goes wrong before: the plan is made by then. */
	readonly begin: (
		faults: readonly `${FaultName}@${AgentId}`[],
		request?: Partial<UpgradeRequest>,
	) => Promise<PracticeRun>;
	readonly upgrade: (...faults: readonly `${FaultName}@${AgentId}`[]) => Promise<FinishedRun>;
	/** When something happened last on an Agent, by the Agent's own account. */
	readonly lastOn: (agent: AgentId, event: LabEventName) => number;
	readonly locksLeft: () => Promise<readonly string[]>;
}

const speed = 500;

/** Two Agents, whose connections notice within moments that nothing passes any more. */
async function practise(context: TestContext, options: LabOptions = {}): Promise<Scene> {
	const scene = await patiently(context, {agents: 2, pairs: 0, speed, ...options});
	const {session, lab} = scene.practice;
	const connections = session.connections as Map<AgentId, AgentConnection>;
	for (const agent of lab.inventory.agents) {
		connections.set(agent.name, aWatchfulAgent(agent, lab.inventory));
	}

	return scene;
}

/** Agents whose connections have the limits that everybody has. */
async function patiently({onTestFinished}: TestContext, options: LabOptions): Promise<Scene> {
	const practice = await startPractice(options);
	onTestFinished(() => practice.close());
	const {lab} = practice;
	const begin: Scene['begin'] = async (faults, request = {}) => {
		const plan = await practice.plan(lab.packages.full, request);
		for (const fault of faults) {
			await lab.inject(fault);
		}

		// A clock that is wrong is a warning where there is no other Agent.
		const clocks = {check: 'clock-skew', severity: 'warn', summary: '', agents: plan.agents} as const;
		const acknowledged = [...usualWarnings(plan), clocks];
		return practice.begin(plan, lab.packages.full, honestLimits(practice), {acknowledged});
	};
	return {
		practice,
		begin,
		upgrade: async (...faults) => (await begin(faults)).ended,
		lastOn(agent, event) {
			const found = lab.events.findLast(noted => noted.agent === agent && noted.event === event);
			return Date.parse(found?.at ?? '');
		},
		async locksLeft() {
			const found = await Promise.all(
				lab.agents.map(({name}) =>
					readdir(path.join(lab.folder, name, 'C', 'ProgramData', 'dms-upgrade')).catch(() => []),
				),
			);
			return found.flat().filter(name => name.startsWith('lock'));
		},
	};
}

/** What DataMiner's own limits are at the speed of this lab; what a run has more would hide what comes too early. */
function honestLimits({lab}: Practice): Partial<RunLimits> {
	const {contact, silence, start} = defaultRunLimits;
	const by = lab.inventory.speed;
	return {contact: contact / by, silence: silence / by, start: start / by};
}

function outcomes({state}: FinishedRun): Record<string, string | undefined> {
	return Object.fromEntries([...state.agents.values()].map(({id, outcome}) => [id, outcome]));
}

/** How contact with an Agent came and went. */
function contact({events}: FinishedRun, agent: AgentId): readonly string[] {
	return events.flatMap(event =>
		event.type === 'contact.lost' && event.agent === agent
			? [event.expected ? 'lost, as expected' : 'lost']
			: event.type === 'contact.restored' && event.agent === agent
				? ['restored']
				: [],
	);
}

function verifiedAt({events}: FinishedRun, agent: AgentId): number {
	return events.find(event => event.type === 'agent.verified' && event.agent === agent)?.at ?? Number.NaN;
}

/** What an upgrade does on an Agent, each of it once. */
const onceEach = {'package-staged': 1, 'task-started': 1, 'upgrade-started': 1, 'version-stamped': 1};

// What they measure are moments: nothing else goes on in this file meanwhile.
describe('a connection that fails in every phase, each time on another Agent', () => {
	const phases = [
		'readiness',
		'lock',
		'upload',
		'prerequisites',
		'launch',
		'upgrade',
		'verification',
	] as const;

	test.for(['reset', 'silence'] as const)(
		'by %s, costs nothing and does nothing twice',
		async (kind, context) => {
			const {practice, upgrade, locksLeft} = await practise(context, {agents: phases.length});
			const ids = practice.lab.inventory.agents.map(({name}) => name);
			const run = await upgrade(
				...phases.map((phase, index) => `${kind}-in-${phase}@${ids[index] ?? ''}` as const),
			);
			expect(run.state.failure).toBeUndefined();
			expect(outcomes(run)).toEqual(Object.fromEntries(ids.map(id => [id, 'done'])));
			expect(deedsOf(practice.lab.events)).toEqual(Object.fromEntries(ids.map(id => [id, onceEach])));
			const bitten = practice.lab.events.filter(({event}) => event === 'fault-bit').map(({agent}) => agent);
			expect(bitten.toSorted()).toEqual(ids);
			for (const [index, phase] of phases.entries()) {
				const came = contact(run, ids[index] ?? '').join(', ');
				// Nobody was without an answer where the connection was reset between two questions, and made anew at the next.
				expect([phase, came]).toEqual([phase, came === '' ? '' : 'lost, restored']);
				if (kind === 'silence' || ['readiness', 'lock', 'upload', 'prerequisites'].includes(phase)) {
					// An answer that is lost in the launch is asked for again without a word.
					expect([phase, came]).toEqual([phase, phase === 'launch' ? '' : 'lost, restored']);
				}
			}

			expect(await locksLeft()).toEqual([]);
		},
	);

	test('a silent one is noticed within 15 s with the limits that everybody has', async context => {
		const {upgrade, lastOn} = await patiently(context, {agents: 1, pairs: 0, speed: 100});
		const run = await upgrade('silence-in-upgrade@DMA-01');
		const lostAt = run.events.find(({type}) => type === 'contact.lost')?.at ?? Number.NaN;
		expect(lostAt - lastOn('DMA-01', 'connection-silenced')).toBeLessThanOrEqual(15_000);
		expect(contact(run, 'DMA-01')).toEqual(['lost', 'restored']);
		expect(run.outcome).toBe('done');
	});
});

describe('an Agent that reboots', () => {
	test('though nobody expected it, is out of contact and then goes on', async context => {
		const {practice, upgrade} = await practise(context);
		const run = await upgrade('reboots@DMA-02');
		expect(outcomes(run)).toEqual({'DMA-01': 'done', 'DMA-02': 'done'});
		expect(contact(run, 'DMA-02')).toEqual(['lost', 'restored']);
		expect(contact(run, 'DMA-01')).toEqual([]);
		expect(deedsOf(practice.lab.events)['DMA-02']).toEqual({...onceEach, 'reboot-started': 1});
	});

	test('since it was asked to, is shown as expected', async context => {
		const {begin} = await practise(context, {agents: 1});
		const options = {...defaultUpgradeOptions, RebootAfterUpgrade: true};
		const run = await (await begin([], {options})).ended;
		expect(outcomes(run)).toEqual({'DMA-01': 'done'});
		expect(contact(run, 'DMA-01')).toEqual(['lost, as expected', 'restored']);
	});

	test('for long, is waited for as long as DataMiner may take', async context => {
		const {practice, upgrade} = await practise(context);
		const run = await upgrade('reboots-for-long@DMA-02');
		expect(outcomes(run)).toEqual({'DMA-01': 'done', 'DMA-02': 'done'});
		expect(contact(run, 'DMA-02')).toEqual(['lost', 'restored']);
		expect(run.events.some(({type}) => type === 'agent.unknown')).toBe(false);
		expect(deedsOf(practice.lab.events)['DMA-02']).toEqual({...onceEach, 'reboot-started': 1});
	});

	test('for longer than anybody waits, is unknown; tried once more when it is back, it is found done', async context => {
		const {practice, begin} = await practise(context, {speed: 1000});
		const begun = await begin(['reboots-for-too-long@DMA-02']);
		const run = await begun.ended;
		expect(outcomes(run)).toEqual({'DMA-01': 'done', 'DMA-02': 'unknown'});
		expect(run.outcome).toBe('unknown');
		expect(run.state.agents.get('DMA-02')?.failure?.code).toBe('CONTACT_LOST');
		const since = run.events.find(({type}) => type === 'contact.lost')?.at;
		expect(run.state.agents.get('DMA-02')?.contact).toEqual({kind: 'lost', expected: false, since});

		const back = () => practice.lab.events.some(({event}) => event === 'reboot-ended');
		await eventually(back);
		const again = await begun.retry();
		expect(outcomes(again)).toEqual({'DMA-01': 'done', 'DMA-02': 'done'});
		expect(deedsOf(practice.lab.events)['DMA-02']).toEqual({...onceEach, 'reboot-started': 1});
	});
});

test.concurrent(
	'an Agent that comes back on the old version has failed, whatever its log says',
	async context => {
		const {upgrade} = await practise(context);
		const run = await upgrade('stays-old@DMA-02');
		expect(outcomes(run)).toEqual({'DMA-01': 'done', 'DMA-02': 'failed'});
		expect(run.state.agents.get('DMA-02')?.failure).toMatchObject({
			code: 'WRONG_VERSION',
			message: 'It runs 10.5.12 [CU2] (16797) instead of 10.6.0 (16840).',
		});
		expect(run.state.agents.get('DMA-02')?.lastProgress?.type).toBe('finished');
	},
);

test.concurrent(
	'an Agent that flaps is not done before it has stayed up for as long as it is watched',
	async context => {
		const {practice, upgrade, lastOn} = await practise(context);
		const run = await upgrade('flaps@DMA-02');
		expect(outcomes(run)).toEqual({'DMA-01': 'done', 'DMA-02': 'done'});
		const starts = practice.lab.events.filter(
			({agent, event, detail}) =>
				agent === 'DMA-02' && event === 'service-running' && Object.values(detail).includes('SLDataMiner'),
		);
		expect(starts.length).toBe(4);
		expect(verifiedAt(run, 'DMA-02') - lastOn('DMA-02', 'service-running')).toBeGreaterThanOrEqual(
			practice.session.limits.watch,
		);
		expect(deedsOf(practice.lab.events)['DMA-02']).toEqual(onceEach);
	},
);

test.concurrent.for(['log-truncated', 'log-rotated'] as const)(
	'%s: the rest of the log is read, and none of it twice',
	async (fault, context) => {
		const {practice, upgrade} = await practise(context);
		const run = await upgrade(`${fault}@DMA-02`);
		expect(outcomes(run)).toEqual({'DMA-01': 'done', 'DMA-02': 'done'});
		const lines = (agent: AgentId) =>
			run.events.flatMap(event =>
				event.type === 'agent.progressed' && event.agent === agent ? [event.line.message] : [],
			);
		// What was written between the last look and the fault is gone; all else is as on the other Agent.
		const whole = lines('DMA-01').map(line => line.replaceAll(/127\.\d+\.\d+\.\d+/g, ''));
		const rest = lines('DMA-02').map(line => line.replaceAll(/127\.\d+\.\d+\.\d+/g, ''));
		expect(rest.at(-1)).toBe('Finished.');
		let from = 0;
		for (const line of rest) {
			const at = whole.indexOf(line, from);
			expect([line, at]).not.toEqual([line, -1]);
			from = at + 1;
		}

		expect(deedsOf(practice.lab.events)['DMA-02']).toEqual(onceEach);
	},
);

describe.concurrent('what contradicts a success', () => {
	test.for(['fails-after-success', 'fails-while-running'] as const)(
		'in the log (%s) makes it a failure',
		async (fault, context) => {
			const {upgrade} = await practise(context);
			const run = await upgrade(`${fault}@DMA-02`);
			expect(outcomes(run)).toEqual({'DMA-01': 'done', 'DMA-02': 'failed'});
			expect(run.state.agents.get('DMA-02')?.failure?.code).toBe('UPGRADE_FAILED');
			expect(run.state.agents.get('DMA-02')?.failure?.message).toContain('An item with the same key');
			const said = run.events.findIndex(
				event => event.type === 'agent.progressed' && event.line.type === 'success',
			);
			const failed = run.events.findIndex(({type}) => type === 'agent.failed');
			expect(said).toBeGreaterThan(-1);
			expect(failed).toBeGreaterThan(said);
		},
	);

	test('or a failure: DataMiner runs well on the new version. Tried once more, it is found done', async context => {
		const {practice, begin, lastOn} = await practise(context);
		const begun = await begin(['runs-after-failure@DMA-02']);
		expect(outcomes(await begun.ended)).toEqual({'DMA-01': 'done', 'DMA-02': 'failed'});
		const running = () => lastOn('DMA-02', 'service-running') > lastOn('DMA-02', 'version-stamped');
		await eventually(running);
		expect(outcomes(await begun.retry())).toEqual({'DMA-01': 'done', 'DMA-02': 'done'});
		expect(deedsOf(practice.lab.events)['DMA-02']).toEqual(onceEach);
	});

	test('on an Agent that was reported well: it falls out while the others are upgraded', async context => {
		const {begin, lastOn} = await practise(context, {
			...withinOneMajor({agents: 3, pairs: 1}),
			// So that a busy computer does not take the time of the switch-over.
			speed: 250,
		});
		const run = await (await begin(['falls-out@DMA-02B'], {policy: 'BackupFirst'})).ended;
		expect(verifiedAt(run, 'DMA-02B')).toBeLessThan(lastOn('DMA-02B', 'service-stopped'));
		expect(run.outcome).toBe('failed');
		expect(run.state.failure?.code).toBe('NOT_ONE_VERSION');
		expect(run.state.failure?.message).toContain('DMA-02B is Not running on 10.6.0');
	});

	test('on an Agent that was reported well: it cannot be reached any more, which is unknown', async context => {
		const {practice, begin} = await practise(context);
		const begun = await begin(['reboots-for-long@DMA-02']);
		await begun.until('agent.verified');
		await practice.lab.inject('unreachable@DMA-01');
		const run = await begun.ended;
		expect(run.outcome).toBe('unknown');
		expect(run.state.failure?.message).toContain('DMA-01 does not answer');
	});
});

test.concurrent('clocks that are hours ahead or behind change nothing', async context => {
	const {practice, begin, locksLeft} = await practise(context);
	const begun = await begin([]);
	// Readiness would refuse them: they are set wrong after it.
	await begun.until('upload.started');
	await practice.lab.inject('clock-is-fast@DMA-01');
	await practice.lab.inject('clock-is-slow@DMA-02');
	const run = await begun.ended;
	expect(outcomes(run)).toEqual({'DMA-01': 'done', 'DMA-02': 'done'});
	expect(deedsOf(practice.lab.events)).toEqual({'DMA-01': onceEach, 'DMA-02': onceEach});
	expect(await locksLeft()).toEqual([]);
});

test.concurrent.for(['clock-is-fast', 'clock-is-slow'] as const)(
	'%s: an upgrade that goes on is seen',
	async (fault, context) => {
		const {practice, begin} = await practise(context, {agents: 1, faults: [`${fault}@DMA-01`]});
		const first = await begin([]);
		await first.until('agent.progressed');
		expect((await practice.session.connections.get('DMA-01')!.status()).upgradeInProgress).toBe(
			path.basename(practice.lab.packages.full),
		);
		await first.ended;
		expect((await practice.session.connections.get('DMA-01')!.status()).upgradeInProgress).toBeUndefined();
	},
);
