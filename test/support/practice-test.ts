import {test as base} from 'vitest';
import type {LabOptions} from '../../source/lab/lab.ts';
import {type Practice, startPractice} from './practice.ts';

/** A test that starts what it practises on by itself, which ends with it: so that several can wait at the same time. */
export const test = base.extend<{practise: (options?: LabOptions) => Promise<Practice>}>({
	practise: async ({}, provide) => {
		const started: Practice[] = [];
		await provide(async options => {
			const practice = await startPractice(options);
			started.push(practice);
			return practice;
		});
		await Promise.all(started.map(practice => practice.close()));
	},
});
