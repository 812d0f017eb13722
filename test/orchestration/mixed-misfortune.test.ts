import {existsSync} from 'node:fs';
import {readdir, rm, symlink} from 'node:fs/promises';
import path from 'node:path';
import {describe, expect, test} from 'vitest';
import type {Lab} from '../../source/lab/lab.ts';
import {eventually} from '../support/eventually.ts';
import {deedsOf} from '../support/kill-sweep.ts';
import {
	beginMixed,
	outcomesOf,
	practiseMixed,
	serviceOnLab,
	upgradeMixed,
} from '../support/mixed-practice.ts';
import {withinOneMajor} from '../support/practice.ts';

const MiB = 1024 * 1024;

function expectNothingLaunched({events}: Lab): void {
	const begun = events.filter(({event}) =>
		['task-created', 'upgrade-started', 'service-stopped', 'version-stamped'].includes(event),
	);
	expect(begun).toEqual([]);
}

describe.concurrent('where half is reached over SSH and half over HTTP', () => {
	test('pairs are upgraded simultaneously, whatever fails on either side of them', async context => {
		const practice = await practiseMixed(context, 'half', {
			...withinOneMajor({agents: 9, pairs: 4}),
			speed: 500,
		});
		const run = await upgradeMixed(
			practice,
			[
				'reset-in-upload@DMA-02A',
				'silence-in-launch@DMA-02B',
				'silence-in-upgrade@DMA-03A',
				'reset-in-verification@DMA-03B',
				'silence-in-lock@DMA-04A',
				'upgrade-fails@DMA-04B',
				'upgrade-fails@DMA-05A',
				'reset-in-upgrade@DMA-05B',
			],
			{policy: 'Simultaneously'},
		);
		const bitten = practice.lab.events.filter(({event}) => event === 'fault-bit').map(({agent}) => agent);
		const ids = practice.lab.inventory.agents.map(({name}) => name);
		expect(bitten.toSorted()).toEqual(ids.slice(1));
		expect(run.outcome).toBe('failed');
		expect(outcomesOf(run)).toEqual({
			...Object.fromEntries(ids.map(id => [id, 'done'])),
			'DMA-04B': 'failed',
			'DMA-05A': 'failed',
		});
		expect(run.state.agents.get('DMA-04B')?.failure?.code).toBe('UPGRADE_FAILED');
		expect(run.state.agents.get('DMA-05A')?.failure?.code).toBe('UPGRADE_FAILED');
		const deeds = deedsOf(practice.lab.events);
		for (const id of ids) {
			expect([id, deeds[id]]).toMatchObject([
				id,
				{'package-staged': 1, 'task-started': 1, 'upgrade-started': 1},
			]);
		}
	});

	test('a prerequisite that fails over HTTP keeps all from being launched', async context => {
		const practice = await practiseMixed(context, 'half', {agents: 4, pairs: 0});
		const run = await upgradeMixed(practice, ['prerequisite-fails@DMA-03']);
		expect(run.outcome).toBe('blocked');
		expect(outcomesOf(run)).toEqual({
			'DMA-01': 'stopped',
			'DMA-02': 'stopped',
			'DMA-03': 'failed',
			'DMA-04': 'stopped',
		});
		expect(run.state.agents.get('DMA-03')?.failure).toMatchObject({
			code: 'PREREQUISITE_FAILED',
			message: expect.stringMatching(/^Prerequisite \w+ failed: ./) as string,
		});
		expectNothingLaunched(practice.lab);
	});

	test.skipIf(!existsSync('/dev/full'))(
		'a disk that is full on an Agent over HTTP ends the upload, and is told as such',
		async context => {
			const practice = await practiseMixed(context, 'half', {
				agents: 4,
				pairs: 0,
				fillerBytes: 4 * MiB,
				speed: 800,
			});
			const {lab} = practice;
			const service = serviceOnLab(practice, 'DMA-01');
			const uploads = path.join(lab.folder, 'DMA-01', 'C', 'ProgramData', 'dms-upgrade-service', 'uploads');
			const run = await beginMixed(practice, [], {bandwidth: 8 * MiB}, {uploadReport: 5, uploadAttempts: 50});
			await eventually(async () => (await readdir(uploads)).length === 2);
			await service.kill();
			// What is written there from now on meets a full disk.
			const [upload] = (await readdir(uploads)).filter(name => !name.endsWith('.json'));
			await rm(path.join(uploads, upload!));
			await symlink('/dev/full', path.join(uploads, upload!));
			await service.open();
			const finished = await run.ended;
			expect(finished.outcome).toBe('failed');
			expect(outcomesOf(finished)).toEqual({
				'DMA-01': 'failed',
				'DMA-02': 'stopped',
				'DMA-03': 'stopped',
				'DMA-04': 'stopped',
			});
			expect(finished.state.agents.get('DMA-01')?.failure).toEqual({
				code: 'DISK_FULL',
				message: `The package on ${lab.agents[0]!.address}: the disk is full.`,
				nextSteps: [`Free space on ${lab.agents[0]!.address}, then try again.`],
			});
			expectNothingLaunched(lab);

			await rm(path.join(uploads, upload!));
			await rm(path.join(uploads, `${upload!}.json`));
			expect((await run.retry()).outcome).toBe('done');
			expect(deedsOf(lab.events)['DMA-01']).toMatchObject({'package-staged': 1, 'upgrade-started': 1});
		},
	);
});

test('where half is reached over HTTP, an Agent that cannot be reached from the start ends the run before anything is sent', async context => {
	const practice = await practiseMixed(context, 'half', {agents: 4, pairs: 0});
	await serviceOnLab(practice, 'DMA-03').kill();
	const run = await upgradeMixed(practice, []);
	expect(run.outcome).toBe('unreachable');
	expect(run.state.failure).toMatchObject({
		code: 'AGENTS_UNREACHABLE',
		message: expect.stringContaining('DMA-03') as string,
	});
	expect(practice.lab.events.filter(({event}) => event === 'file-uploaded')).toEqual([]);
	expectNothingLaunched(practice.lab);
});
