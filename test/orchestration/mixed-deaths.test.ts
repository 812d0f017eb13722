import {readdir} from 'node:fs/promises';
import path from 'node:path';
import {describe, expect, test} from 'vitest';
import type {RunEvent} from '../../source/domain/run-event.ts';
import {deedsOf} from '../support/kill-sweep.ts';
import {
	beginMixed,
	onceEach,
	outcomesOf,
	practiseMixed,
	serviceOnLab,
	untilEventOf,
} from '../support/mixed-practice.ts';
import type {FinishedRun, Practice} from '../support/practice.ts';

const MiB = 1024 * 1024;

function offsets({events}: FinishedRun, agent: string): readonly number[] {
	return events.flatMap(event =>
		event.type === 'agent.progressed' && event.agent === agent ? [event.nextOffset] : [],
	);
}

async function locksLeft({lab}: Practice): Promise<readonly string[]> {
	const found = await Promise.all(
		lab.agents.map(({name}) => readdir(path.join(lab.folder, name, 'C', 'ProgramData', 'dms-upgrade'))),
	);
	return found.flat().filter(name => name.startsWith('lock'));
}

/** When the service on an Agent dies, and when it is started again. */
const deaths = {
	'DMA-01': {dies: 'upload.progressed', back: ['contact.lost', 'DMA-01']},
	'DMA-03': {dies: 'prerequisite.finished', back: ['prerequisites.finished', 'DMA-04']},
	'DMA-05': {dies: 'launch.started', back: ['launch.finished', 'DMA-06']},
	'DMA-07': {dies: 'agent.progressed', back: ['agent.verified', 'DMA-08']},
	'DMA-09': {dies: 'agent.verifying', back: ['contact.lost', 'DMA-09']},
} as const;

describe.concurrent('a service that dies on an Agent over HTTP, while others are reached over SSH', () => {
	test('in any phase, and is started again a while later, costs nothing: nothing is done twice', async context => {
		const practice = await practiseMixed(context, 'half', {agents: 10, pairs: 0, fillerBytes: MiB});
		// So that an upload takes a moment, and is told of in the middle.
		const limits = {uploadReport: 5, uploadAttempts: 50, contact: 60_000};
		const run = await beginMixed(practice, [], {bandwidth: 16 * MiB}, limits);
		await Promise.all(
			Object.entries(deaths).map(async ([agent, {dies, back}]) => {
				const service = serviceOnLab(practice, agent);
				await untilEventOf(run, dies, agent);
				await service.kill();
				await untilEventOf(run, back[0], back[1]);
				await service.open();
			}),
		);
		const finished = await run.ended;
		expect(finished.state.failure).toBeUndefined();
		const ids = practice.lab.inventory.agents.map(({name}) => name);
		expect(outcomesOf(finished)).toEqual(Object.fromEntries(ids.map(id => [id, 'done'])));
		expect(deedsOf(practice.lab.events)).toEqual(Object.fromEntries(ids.map(id => [id, onceEach])));
		for (const id of ids) {
			const told = offsets(finished, id);
			expect([id, told]).toEqual([id, [...new Set(told)].toSorted((a, b) => a - b)]);
		}

		const told = [
			'contact.lost',
			'upload.finished',
			'prerequisites.finished',
			'agent.verifying',
			'agent.verified',
		];
		const met = (agent: string) =>
			finished.events.flatMap(event =>
				'agent' in event && event.agent === agent && told.includes(event.type) ? [event.type] : [],
			);
		expect(met('DMA-01').indexOf('contact.lost')).toBe(0);
		expect(met('DMA-03').indexOf('contact.lost')).toBe(1);
		expect(met('DMA-07').indexOf('contact.lost')).toBe(2);
		expect(met('DMA-09').indexOf('contact.lost')).toBe(3);
		expect(await locksLeft(practice)).toEqual([]);
	});

	test('and does not come back, is told of as of an Agent over SSH that is gone; the others end, and it is found done later', async context => {
		const practice = await practiseMixed(context, 'half', {agents: 7, pairs: 0, speed: 600});
		const {lab} = practice;
		const run = await beginMixed(practice, [], {}, {contact: 1500, launch: 500});
		const gone = async (agent: string, moment: RunEvent['type']) => {
			await untilEventOf(run, moment, agent);
			await (lab.inventory.agents.find(({name}) => name === agent)?.service
				? serviceOnLab(practice, agent).kill()
				: lab.inject(`unreachable@${agent}`));
		};
		await Promise.all([
			gone('DMA-01', 'agent.progressed'),
			gone('DMA-02', 'agent.progressed'),
			gone('DMA-03', 'agent.verifying'),
			gone('DMA-04', 'agent.verifying'),
			gone('DMA-05', 'launch.started'),
		]);
		const finished = await run.ended;
		expect(finished.outcome).toBe('unknown');
		expect(outcomesOf(finished)).toEqual({
			'DMA-01': 'unknown',
			'DMA-02': 'unknown',
			'DMA-03': 'unknown',
			'DMA-04': 'unknown',
			'DMA-05': 'unknown',
			'DMA-06': 'done',
			'DMA-07': 'done',
		});
		const failures = ['DMA-01', 'DMA-02', 'DMA-03', 'DMA-04', 'DMA-05'].map(
			id => finished.state.agents.get(id)?.failure,
		);
		expect(failures.map(failure => failure?.code)).toEqual([
			'CONTACT_LOST',
			'CONTACT_LOST',
			'CONTACT_LOST',
			'CONTACT_LOST',
			'LAUNCH_UNCERTAIN',
		]);
		expect(failures[0]).toEqual(failures[1]);
		expect(failures[2]).toEqual(failures[3]);

		await Promise.all(['DMA-01', 'DMA-03', 'DMA-05'].map(id => serviceOnLab(practice, id).open()));
		await Promise.all(['DMA-02', 'DMA-04'].map(id => lab.clear(`unreachable@${id}`)));
		const again = await run.retry();
		const ids = lab.inventory.agents.map(({name}) => name);
		expect(outcomesOf(again)).toEqual(Object.fromEntries(ids.map(id => [id, 'done'])));
		expect(deedsOf(lab.events)).toEqual(Object.fromEntries(ids.map(id => [id, onceEach])));
	});

	test('in the upload, and does not come back, fails as one over SSH does: nothing is launched', async context => {
		for (const agent of ['DMA-01', 'DMA-02']) {
			const practice = await practiseMixed(context, 'half', {agents: 4, pairs: 0, fillerBytes: 4 * MiB});
			const {lab} = practice;
			const run = await beginMixed(practice, [], {bandwidth: 4 * MiB}, {uploadReport: 5});
			await untilEventOf(run, 'upload.progressed', agent);
			await (agent === 'DMA-01' ? serviceOnLab(practice, agent).kill() : lab.inject(`unreachable@${agent}`));
			const finished = await run.ended;
			expect(finished.outcome).toBe('failed');
			expect(finished.state.agents.get(agent)?.failure?.code).toBe('UNREACHABLE');
			expect(outcomesOf(finished)).toEqual({
				'DMA-01': 'stopped',
				'DMA-02': 'stopped',
				'DMA-03': 'stopped',
				'DMA-04': 'stopped',
				[agent]: 'failed',
			});
			expect(lab.events.filter(({event}) => event === 'task-created')).toEqual([]);
		}
	});
});
