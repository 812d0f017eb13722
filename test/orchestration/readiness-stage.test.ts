import {afterEach, describe, expect, test} from 'vitest';
import type {ClusterSoftware} from '../../source/lab/agent-software.ts';
import {ReadinessLook} from '../../source/orchestration/readiness-look.ts';
import {acknowledgementsOf, findingsOf} from '../../source/domain/readiness.ts';
import {logEntryOf} from '../../source/domain/run-log.ts';
import {systemClock} from '../../source/commands/system-clock.ts';
import {type FinishedRun, type Practice, startPractice, usualWarnings} from '../support/practice.ts';
import {spoilConnection} from '../support/spoiled-connection.ts';

let practice: Practice;

afterEach(async () => {
	await practice.close();
});

async function twoServers(software: ClusterSoftware = {}): Promise<Practice> {
	practice = await startPractice({agents: 2, pairs: 0, software});
	return practice;
}

/** Nothing was changed: nothing came to any Agent, and nothing was started or stopped there. */
function expectUntouched(): void {
	const changes = ['file-uploaded', 'file-renamed', 'task-created', 'upgrade-started', 'service-stopped'];
	expect(practice.lab.events.filter(({event}) => changes.includes(event))).toEqual([]);
}

function checkOf({state}: FinishedRun, agent: string, id: string) {
	return state.agents.get(agent)?.checks.find(check => check.id === id);
}

describe('readiness in a run', () => {
	test('finds what a look ahead of it finds', async () => {
		const {lab, session, plan, begin} = await twoServers({
			'DMA-02': {pendingReboot: ['updates'], fips: true},
		});
		const planned = await plan(lab.packages.full);
		const look = await new ReadinessLook({
			cluster: session.cluster,
			connections: session.connections,
			package: planned.package,
			policy: planned.policy,
			clock: systemClock,
		}).run();
		const run = await (await begin(planned, lab.packages.full)).ended;
		const outcomes = (checks: readonly {readonly id: string; readonly outcome: string}[] = []) =>
			checks.filter(({id}) => id !== 'lock').map(({id, outcome}) => `${id} ${outcome}`);
		for (const agent of planned.agents) {
			expect(outcomes(run.state.agents.get(agent)?.checks)).toEqual(outcomes(look.agents.get(agent)));
		}

		expect(outcomes(run.state.checks)).toEqual(outcomes(look.cluster));
		expect(checkOf(run, 'DMA-02', 'fips')?.outcome).toBe('block');
		expect(run).toMatchObject({outcome: 'blocked', state: {failure: {code: 'AGENTS_NOT_READY'}}});
		expectUntouched();
	});

	test('ends it where the versions themselves refuse the way', async () => {
		practice = await startPractice({agents: 1, pairs: 0, version: '10.4.12.0-15000-20241201-release'});
		const {lab, upgrade} = practice;
		const {outcome, state} = await upgrade(lab.packages.failing);
		expect(outcome).toBe('blocked');
		expect(state.failure?.code).toBe('UPGRADE_NOT_ALLOWED');
		expect(state.failure?.nextSteps.length).toBeGreaterThan(0);
		expectUntouched();
	});

	test('refuses a backup-first policy for a new major', async () => {
		practice = await startPractice({agents: 3, pairs: 1});
		const {outcome, state} = await practice.upgrade(practice.lab.packages.full, {policy: 'BackupFirst'});
		expect(outcome).toBe('blocked');
		expect(state.agents.get('DMA-02B')?.checks.find(({id}) => id === 'failover-policy')).toMatchObject({
			outcome: 'block',
			remedy: expect.stringContaining('Choose Simultaneously.') as string,
		});
		expectUntouched();
	});
});

describe('a warning', () => {
	const software = {'DMA-02': {pendingReboot: ['updates' as const]}};

	test('that was acknowledged lets the run go on, which says who took responsibility for what', async () => {
		const {lab, session, plan, begin} = await twoServers(software);
		const planned = await plan(lab.packages.full, {goal: 'upload'});
		const look = new ReadinessLook({
			cluster: session.cluster,
			connections: session.connections,
			package: planned.package,
			clock: systemClock,
		});
		const acknowledged = acknowledgementsOf(findingsOf(await look.run()));
		const run = await (await begin(planned, lab.packages.full, {}, {acknowledged})).ended;
		expect(run.outcome).toBe('done');
		const [started] = run.events;
		expect(started).toMatchObject({type: 'run.started', operator: {user: 'edith'}, acknowledged});
		const said = started && logEntryOf(started)?.message;
		expect(said).toMatch(/by edith on jump\. edith on jump acknowledged \d warnings: /);
		expect(said).toContain('Pending reboot: Windows waits for a reboot because of Windows Update. (DMA-02)');
	});

	test('that nobody was told of ends it, with nothing changed; acknowledged by somebody else, it goes on', async () => {
		const {lab, plan, begin} = await twoServers(software);
		const run = await begin(await plan(lab.packages.full, {goal: 'upload'}), lab.packages.full);
		const first = await run.ended;
		expect(first).toMatchObject({outcome: 'blocked', state: {failure: {code: 'WARNINGS_NOT_ACKNOWLEDGED'}}});
		expect(first.state.failure?.message).toContain('Pending reboot (DMA-02): Windows waits for a reboot');
		expect(first.state.failure?.nextSteps.join(' ')).toContain('dms-upgrade retry');
		expectUntouched();
		const more = {
			check: 'pending-reboot',
			severity: 'warn',
			summary: 'It waits.',
			agents: ['DMA-02'],
		} as const;
		const again = await run.retry([more]);
		expect(again.outcome).toBe('done');
		expect(again.state.acknowledged.at(-1)).toEqual(more);
		const retried = again.events.find(({type}) => type === 'run.retried');
		expect(retried && logEntryOf(retried)?.message).toContain('acknowledged a warning: It waits. (DMA-02)');
	});

	test('acknowledged for one Agent does not cover another', async () => {
		const {lab, plan, begin} = await twoServers({
			'DMA-01': {pendingReboot: ['updates']},
			'DMA-02': {pendingReboot: ['updates']},
		});
		const planned = await plan(lab.packages.full, {goal: 'upload'});
		const one = {check: 'pending-reboot', severity: 'warn', summary: '', agents: ['DMA-01']} as const;
		const acknowledged = [...usualWarnings(planned), one];
		const {state} = await (await begin(planned, lab.packages.full, {}, {acknowledged})).ended;
		expect(state.failure?.message).toContain('Pending reboot (DMA-02):');
	});

	test('that is gone at a second look ends nothing', async () => {
		const {lab, session, plan, begin} = await twoServers({
			'DMA-02': {services: {'DataMiner GQI': 'stopped'}},
		});
		let looks = 0;
		spoilConnection(session, 'DMA-02', real => ({
			async survey(signal) {
				const {services, ...found} = await real.survey(signal);
				looks++;
				return looks === 1 || !services
					? {...found, ...(services && {services})}
					: {...found, services: services.map(service => ({...service, running: true}))};
			},
		}));
		const planned = await plan(lab.packages.full, {goal: 'upload'});
		const run = await (await begin(planned, lab.packages.full)).ended;
		expect(looks).toBe(2);
		expect(run.outcome).toBe('done');
		expect(checkOf(run, 'DMA-02', 'services')?.outcome).toBe('pass');
	});
});
