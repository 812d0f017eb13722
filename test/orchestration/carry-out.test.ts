import {readFile} from 'node:fs/promises';
import path from 'node:path';
import {type TestContext, describe, expect, test} from 'vitest';
import type {FailoverPolicy} from '../../source/domain/failover-policy.ts';
import type {RunEvent} from '../../source/domain/run-event.ts';
import {defaultUpgradeOptions} from '../../source/domain/upgrade-options.ts';
import type {LabEventName} from '../../source/lab/events.ts';
import type {Lab, LabOptions} from '../../source/lab/lab.ts';
import {type FinishedRun, type Practice, startPractice, withinOneMajor} from '../support/practice.ts';

async function labOf({onTestFinished}: TestContext, options: LabOptions = {}): Promise<Practice> {
	const practice = await startPractice(options);
	onTestFinished(() => practice.close());
	return practice;
}

/** Which Agents it happened on, in the order in which the Agents themselves say it did. */
function agentsWhere(lab: Lab, event: LabEventName): string[] {
	return lab.events.filter(found => found.event === event).map(({agent}) => agent);
}

function placeOf(lab: Lab, event: LabEventName, agent: string): number {
	return lab.events.find(found => found.event === event && found.agent === agent)?.sequence ?? Number.NaN;
}

function sorted(names: Iterable<string>): string[] {
	return [...names].sort();
}

function history(lab: Lab, agent: string): Promise<string> {
	return readFile(path.join(lab.folder, agent, 'C/Skyline DataMiner/Upgrades/VersionHistory.txt'), 'utf8');
}

function typesOf({events}: FinishedRun): Set<RunEvent['type']> {
	return new Set(events.map(({type}) => type));
}

const everyone = ['DMA-01', 'DMA-02', 'DMA-03', 'DMA-04A', 'DMA-04B'];

describe.concurrent('a whole upgrade', () => {
	test('brings every Agent to the version of the package, and says so', async context => {
		const {lab, upgrade} = await labOf(context);
		const run = await upgrade(lab.packages.full);

		expect(run.outcome).toBe('done');
		expect([...run.state.agents.values()].map(({id, outcome}) => [id, outcome])).toEqual(
			everyone.map(id => [id, 'done']),
		);
		for (const agent of everyone) {
			expect(await history(lab, agent)).toMatch(/;10\.6\.0\.0-16840-\d{8}-release\s*$/);
		}

		expect(run.events.map(({sequence}) => sequence)).toEqual(run.events.map((_, index) => index + 1));
		expect(run.events.at(-1)).toMatchObject({type: 'run.finished', outcome: 'done'});
		expect(run.events.some(event => event.type === 'contact.lost')).toBe(false);
	});

	test('leaves no scheduled task behind', async context => {
		const {lab, upgrade} = await labOf(context, {agents: 2, pairs: 0});
		await upgrade(lab.packages.full);
		expect(sorted(agentsWhere(lab, 'task-deleted'))).toEqual(sorted(agentsWhere(lab, 'task-created')));
	});

	test('a web package restarts no Agent and stamps no version', async context => {
		const {lab, upgrade} = await labOf(context);
		const run = await upgrade(lab.packages.web);
		expect(run.outcome).toBe('done');
		expect(
			lab.events.filter(
				({event, detail}) => event === 'service-stopped' && detail['service'] === 'SLDataMiner',
			),
		).toEqual([]);
		expect(agentsWhere(lab, 'version-stamped')).toEqual([]);
	});

	test('a tool package is carried out too', async context => {
		const {lab, upgrade} = await labOf(context, {agents: 2, pairs: 0});
		expect((await upgrade(lab.packages.tool)).outcome).toBe('done');
	});

	test('individual Agents: only those are touched', async context => {
		const {lab, upgrade} = await labOf(context);
		const run = await upgrade(lab.packages.full, {agents: ['DMA-02']});
		expect(run.outcome).toBe('done');
		expect(agentsWhere(lab, 'upgrade-started')).toEqual(['DMA-02']);
		expect(new Set(agentsWhere(lab, 'file-uploaded'))).toEqual(new Set(['DMA-02']));
	});

	test('Agents whose server runs PowerShell are upgraded just so', async context => {
		const {lab, upgrade} = await labOf(context, {agents: 2, shell: 'powershell'});
		expect((await upgrade(lab.packages.full)).outcome).toBe('done');
	});

	test('options are carried out: without automatic start the outcome is unknown, and nobody is told that it is done', async context => {
		const {lab, upgrade} = await labOf(context, {agents: 1, pairs: 0});
		const run = await upgrade(lab.packages.full, {
			options: {...defaultUpgradeOptions, AutomaticStartServices: false},
		});
		expect(run.outcome).toBe('unknown');
		expect(run.state.agents.get('DMA-01')?.failure?.code).toBe('NOT_STARTED');
	});

	test('a reboot at the end, as asked, is an expected loss of contact', async context => {
		const {lab, upgrade} = await labOf(context, {agents: 1, pairs: 0, speed: 200});
		const run = await upgrade(lab.packages.full, {
			options: {...defaultUpgradeOptions, RebootAfterUpgrade: true},
		});
		expect(run.outcome).toBe('done');
		expect(agentsWhere(lab, 'reboot-ended')).toEqual(['DMA-01']);
		expect(run.events.filter(event => event.type === 'contact.lost').every(({expected}) => expected)).toBe(
			true,
		);
	});
});

// Under the other policies: both-launches.test.ts.
describe.concurrent('the order in which Agents really were upgraded', () => {
	test.for<FailoverPolicy>(['Simultaneously', 'UseDefault'])(
		'%s: everyone is started before anyone has ended',
		async (policy, context) => {
			const {lab, upgrade} = await labOf(context, {agents: 7, pairs: 2});
			expect((await upgrade(lab.packages.full, {policy})).outcome).toBe('done');
			const started = lab.agents.map(({name}) => placeOf(lab, 'upgrade-started', name));
			const ended = lab.agents.map(({name}) => placeOf(lab, 'upgrade-ended', name));
			expect(Math.max(...started)).toBeLessThan(Math.min(...ended));
			expect(agentsWhere(lab, 'role-changed')).toEqual([]);
		},
	);
});

describe.concurrent('nothing is launched, on any Agent,', () => {
	const untouched = (lab: Lab) => {
		expect(agentsWhere(lab, 'upgrade-started')).toEqual([]);
		expect(agentsWhere(lab, 'task-created')).toEqual([]);
		expect(lab.events.filter(({event}) => event === 'service-stopped')).toEqual([]);
	};

	test('when one Agent cannot be reached', async context => {
		const {lab, upgrade} = await labOf(context, {faults: ['unreachable@DMA-03']});
		const run = await upgrade(lab.packages.full);
		expect(run.outcome).toBe('unreachable');
		expect(run.events.at(-1)).toMatchObject({failure: {code: 'AGENTS_UNREACHABLE'}});
		expect(agentsWhere(lab, 'file-uploaded')).toEqual([]);
		untouched(lab);
	});

	test('when one Agent has no room', async context => {
		const {lab, upgrade} = await labOf(context, {
			faults: ['disk-almost-full@DMA-02'],
			fillerBytes: 64 * 1024 * 1024,
		});
		const run = await upgrade(lab.packages.full);
		expect(run.outcome).toBe('blocked');
		expect(run.state.agents.get('DMA-02')?.checks.find(({outcome}) => outcome === 'block')?.id).toBe(
			'free-disk',
		);
		expect(agentsWhere(lab, 'file-uploaded')).toEqual([]);
		untouched(lab);
	});

	test('when a prerequisite fails on the offline Agent of a pair', async context => {
		const {lab, upgrade} = await labOf(context, {
			...withinOneMajor(),
			faults: ['prerequisite-fails@DMA-04B'],
		});
		const run = await upgrade(lab.packages.full, {policy: 'BackupFirst'});
		expect(run.outcome).toBe('blocked');
		expect([...run.state.agents.values()].map(({outcome}) => outcome)).toEqual([
			'stopped',
			'stopped',
			'stopped',
			'stopped',
			'failed',
		]);
		expect(run.state.agents.get('DMA-04B')?.failure?.message).toMatch(/^Prerequisite \w+ failed: ./);
		untouched(lab);
	});

	test('when the package fails everywhere, and every Agent says why', async context => {
		const {lab, upgrade} = await labOf(context);
		const run = await upgrade(lab.packages.failing);
		expect(run.outcome).toBe('blocked');
		expect(
			[...run.state.agents.values()].every(({failure}) => failure?.message.includes('LegacyAnnotations')),
		).toBe(true);
		untouched(lab);
	});

	test('when only an upload was asked for', async context => {
		const {lab, upgrade} = await labOf(context);
		const run = await upgrade(lab.packages.full, {goal: 'upload'});
		expect(run.outcome).toBe('done');
		expect(sorted(new Set(agentsWhere(lab, 'prerequisite-run')))).toEqual(everyone);
		expect(typesOf(run).has('launch.started')).toBe(false);
		untouched(lab);
	});

	test('when the operator stops it during readiness, upload or prerequisites', async context => {
		const {lab, plan, begin} = await labOf(context);
		for (const moment of ['phase.started', 'upload.started', 'prerequisites.started'] as const) {
			const run = await begin(await plan(lab.packages.full), lab.packages.full);
			await new Promise<void>(resolve => {
				const look = () => run.journal.read(0).some(({type}) => type === moment) && resolve();
				run.journal.subscribe(look);
				look();
			});
			await run.journal.request({kind: 'stop', operator: {user: 'edith', host: 'jump'}});
			const finished = await run.ended;
			expect(finished.outcome).toBe('stopped');
			expect([...finished.state.agents.values()].map(({outcome}) => outcome)).toEqual(
				everyone.map(() => 'stopped'),
			);
		}

		untouched(lab);
	});
});

describe.concurrent('what goes wrong on the way', () => {
	test('an upload that breaks off is taken up again where it was', async context => {
		const {lab, upgrade} = await labOf(context, {
			fillerBytes: 4 * 1024 * 1024,
			faults: ['reset-in-upload@DMA-02'],
		});
		const run = await upgrade(lab.packages.full, {goal: 'upload'});
		expect(run.outcome).toBe('done');
		expect(agentsWhere(lab, 'connection-dropped')).toEqual(['DMA-02']);
		const lost = run.events.filter(event => event.type === 'contact.lost');
		expect(lost).toMatchObject([{agent: 'DMA-02', expected: false}]);
	});

	test('a package that is there already is not sent again', async context => {
		const {lab, upgrade} = await labOf(context, {agents: 2, pairs: 0});
		await upgrade(lab.packages.full, {goal: 'upload'});
		const again = await upgrade(lab.packages.full, {goal: 'upload'});
		expect(
			again.events.filter(event => event.type === 'upload.finished').map(({alreadyThere}) => alreadyThere),
		).toEqual([true, true]);
	});

	test('an Agent whose upgrade fails is named with its cause; the others go on to their end; no further wave starts', async context => {
		const {lab, upgrade} = await labOf(context, {
			...withinOneMajor({agents: 4, pairs: 1}),
			faults: ['upgrade-fails@DMA-03B'],
		});
		const run = await upgrade(lab.packages.full, {policy: 'BackupFirst'});
		expect(run.outcome).toBe('failed');
		expect(run.state.agents.get('DMA-03B')).toMatchObject({
			outcome: 'failed',
			failure: {code: 'UPGRADE_FAILED', message: expect.stringContaining('Upgrade failed') as string},
		});
		expect(agentsWhere(lab, 'upgrade-started')).toEqual(['DMA-03B']);
		expect(agentsWhere(lab, 'role-changed')).toEqual([]);
		expect(run.events.at(-1)).toMatchObject({
			failure: {message: expect.stringContaining('not started: ') as string},
		});
	});

	test('an Agent that reboots in mid-upgrade is followed to its end', async context => {
		const {lab, upgrade} = await labOf(context, {
			agents: 2,
			pairs: 0,
			speed: 200,
			faults: ['reboots@DMA-01'],
		});
		const run = await upgrade(lab.packages.full);
		expect(run.outcome).toBe('done');
		expect(agentsWhere(lab, 'reboot-ended')).toEqual(['DMA-01']);
		const types = run.events
			.filter(event => 'agent' in event && event.agent === 'DMA-01')
			.map(({type}) => type);
		expect(types.indexOf('contact.restored')).toBeGreaterThan(types.indexOf('contact.lost'));
		const lines = run.events.flatMap(event =>
			event.type === 'agent.progressed' && event.agent === 'DMA-01' ? [event.nextOffset] : [],
		);
		expect(lines).toEqual([...new Set(lines)].sort((a, b) => a - b));
	});

	test('an Agent that does not come up again has failed, and nobody is told that it is done', async context => {
		const {lab, upgrade} = await labOf(context, {agents: 2, pairs: 0, faults: ['does-not-start@DMA-02']});
		const run = await upgrade(lab.packages.full, {}, {start: 2000});
		expect(run.outcome).toBe('failed');
		expect(run.state.agents.get('DMA-01')?.outcome).toBe('done');
		expect(run.state.agents.get('DMA-02')).toMatchObject({outcome: 'failed', failure: {code: 'NOT_RUNNING'}});
	});

	test('a switch-over that does not happen ends the run before the second wave', async context => {
		const {lab, upgrade} = await labOf(context, {
			...withinOneMajor({agents: 3, pairs: 1}),
			faults: ['switch-over-fails@DMA-02B'],
		});
		const run = await upgrade(lab.packages.full, {policy: 'BackupFirst'}, {switchOver: 2000});
		expect(run.outcome).toBe('failed');
		expect(agentsWhere(lab, 'upgrade-started')).toEqual(['DMA-02B']);
		expect(run.events.at(-1)).toMatchObject({failure: {code: 'SWITCH_FAILED'}});
	});

	test('an Agent that vanishes in mid-upgrade and stays away is unknown, never done and never failed', async context => {
		const {lab, plan, begin} = await labOf(context, {agents: 2, pairs: 0, speed: 200});
		const run = await begin(await plan(lab.packages.full), lab.packages.full, {contact: 1000});
		await new Promise<void>(resolve => {
			run.journal.subscribe(() => {
				if (
					run.journal.read(0).some(event => event.type === 'agent.progressed' && event.agent === 'DMA-02')
				) {
					resolve();
				}
			});
		});
		await lab.inject('unreachable@DMA-02');
		const finished = await run.ended;
		expect(finished.outcome).toBe('unknown');
		expect(finished.state.agents.get('DMA-02')).toMatchObject({
			outcome: 'unknown',
			failure: {code: 'CONTACT_LOST'},
		});
		expect(finished.state.agents.get('DMA-01')?.outcome).toBe('done');
	});

	test('stopping after the launch starts nothing new and follows what runs to its end', async context => {
		const {lab, plan, begin} = await labOf(context, {...withinOneMajor({agents: 4, pairs: 1}), speed: 200});
		const run = await begin(await plan(lab.packages.full, {policy: 'BackupFirst'}), lab.packages.full);
		await new Promise<void>(resolve => {
			run.journal.subscribe(
				() => run.journal.read(0).some(({type}) => type === 'agent.progressed') && resolve(),
			);
		});
		await run.journal.request({kind: 'stop', operator: {user: 'edith', host: 'jump'}});
		const finished = await run.ended;
		expect(finished.outcome).toBe('stopped');
		expect(agentsWhere(lab, 'upgrade-started')).toEqual(['DMA-03B']);
		expect(finished.state.agents.get('DMA-03B')?.outcome).toBe('done');
		expect(agentsWhere(lab, 'role-changed')).toEqual([]);
		expect(finished.events.at(-1)).toMatchObject({
			failure: {message: expect.stringContaining('DMA-03B') as string},
		});
	});
});
