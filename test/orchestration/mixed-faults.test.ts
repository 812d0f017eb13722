import {readFileSync} from 'node:fs';
import {type TestContext, describe, expect, test} from 'vitest';
import type {AgentConnection} from '../../source/agent/connection.ts';
import {DataMinerAgent} from '../../source/agent/dataminer-agent.ts';
import {serveOnLabAgent} from '../../source/commands/lab-service.ts';
import {systemClock} from '../../source/commands/system-clock.ts';
import type {AgentId} from '../../source/domain/agent.ts';
import type {FailoverPolicy} from '../../source/domain/failover-policy.ts';
import type {UpgradeRequest} from '../../source/domain/plan.ts';
import type {LabOptions} from '../../source/lab/lab.ts';
import type {ServeAgent} from '../../source/lab/service-site.ts';
import {defaultRunLimits} from '../../source/orchestration/run-limits.ts';
import {SshMachine} from '../../source/transport/ssh/ssh-machine.ts';
import {anHttpAgent} from '../support/an-http-service.ts';
import {deedsOf} from '../support/kill-sweep.ts';
import {
	type FinishedRun,
	type Practice,
	startPractice,
	usualWarnings,
	withinOneMajor,
} from '../support/practice.ts';

const speed = 300;
/** The services are heard of so often, and their clients notice within moments that nothing passes any more. */
const serve: ServeAgent = site => serveOnLabAgent(site, {heartbeatMs: 100});
const silenceMs = 400;

/** Agents of which these are reached by the service on them, and the others over SSH. */
async function practise(
	{onTestFinished}: Pick<TestContext, 'onTestFinished'>,
	overHttp: 'half' | readonly string[],
	options: LabOptions,
): Promise<Practice> {
	const practice = await startPractice({speed, http: {agents: overHttp, serve}, ...options});
	onTestFinished(() => practice.close());
	const connections = practice.session.connections as Map<AgentId, AgentConnection>;
	for (const agent of practice.lab.inventory.agents) {
		const {name, address, service, tokenFile, partner, switchOver} = agent;
		const [program, ...args] = switchOver ?? [];
		connections.set(
			name,
			service
				? anHttpAgent(
						{address, port: service.port, plain: false, certificate: service.certificate!},
						readFileSync(tokenFile!, 'utf8').trim(),
						{agent: name, canSwitchOver: service.switchOver, silenceMs},
					)
				: new DataMinerAgent({
						agent: name,
						clock: systemClock,
						machine: new SshMachine({
							...agent,
							privateKey: readFileSync(agent.identityFile, 'utf8'),
							limits: {keepaliveIntervalMs: 100, keepaliveCount: 4},
						}),
						settings: {
							failover: partner !== undefined,
							speed,
							...(program !== undefined && {switchOver: [program, ...args] as const}),
						},
					}),
		);
	}

	return practice;
}

/** An upgrade that meets these faults once it is planned. */
async function upgrade(
	{lab, plan, begin}: Practice,
	faults: readonly string[],
	request: Partial<UpgradeRequest> = {},
): Promise<FinishedRun> {
	const planned = await plan(lab.packages.full, request);
	for (const fault of faults) {
		await lab.inject(fault);
	}

	const {contact, silence, start} = defaultRunLimits;
	const limits = {contact: contact / speed, silence: silence / speed, start: start / speed};
	const run = await begin(planned, lab.packages.full, limits, {acknowledged: usualWarnings(planned)});
	return run.ended;
}

const outcomes = ({state}: FinishedRun) =>
	Object.fromEntries([...state.agents.values()].map(({id, outcome}) => [id, outcome]));
const onceEach = {'package-staged': 1, 'task-started': 1, 'upgrade-started': 1, 'version-stamped': 1};
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
			const practice = await practise(context, overHttp, {agents: phases.length, pairs: 0});
			const run = await upgrade(
				practice,
				phases.map((phase, index) => `${kind}-in-${phase}@${seven[index]}`),
			);
			expect(run.state.failure).toBeUndefined();
			expect(outcomes(run)).toEqual(Object.fromEntries(seven.map(id => [id, 'done'])));
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
		const practice = await practise(context, 'half', {agents: 16, pairs: 0});
		expect(practice.lab.inventory.agents.filter(({service}) => service).map(({name}) => name)).toEqual(
			Object.keys(happens),
		);
		const run = await upgrade(
			practice,
			Object.entries(happens).map(([agent, [fault]]) => `${fault}@${agent}`),
		);
		expect(run.outcome).toBe('failed');
		const found = outcomes(run);
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
			const practice = await practise(context, 'half', {
				agents: agents!,
				pairs: 2,
				software: software!,
				version: version!,
			});
			const ids = practice.lab.inventory.agents.map(({name}) => name);
			const run = await upgrade(
				practice,
				[
					'reset-in-upgrade@DMA-02B',
					'silence-in-launch@DMA-03B',
					'silence-in-upgrade@DMA-02A',
					'reset-in-launch@DMA-03A',
				],
				{policy},
			);
			expect(outcomes(run)).toEqual(Object.fromEntries(ids.map(id => [id, 'done'])));
			const down = practice.lab.events.flatMap(({agent, event, detail}) =>
				event === 'service-stopping' && detail['service'] === 'SLDataMiner' ? [agent] : [],
			);
			expect(down.slice(0, 2).toSorted()).toEqual(['DMA-02B', 'DMA-03B']);
			expect(down.slice(2).toSorted()).toEqual(['DMA-01', 'DMA-02A', 'DMA-03A']);
		},
	);
});
