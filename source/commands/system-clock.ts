import {setTimeout as sleep} from 'node:timers/promises';
import type {Clock} from '../domain/clock.ts';

export const systemClock: Clock = {
	now: () => Date.now(),
	async sleep(milliseconds, signal) {
		try {
			await sleep(milliseconds, undefined, signal ? {signal} : {});
		} catch (error) {
			// The reason for the abort says more than that there was one.
			signal?.throwIfAborted();
			throw error;
		}
	},
};
