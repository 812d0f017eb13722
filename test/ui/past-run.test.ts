import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {emptyRunState, foldRun} from '../../source/domain/run-state.ts';
import {PastRun} from '../../source/ui/past-run.ts';
import {aFailedRun, aRetriedRun} from '../support/progress-situations.ts';

/** A journal that gives out this many events at once. */
function slicesOf(size: number) {
	const run = aRetriedRun(aFailedRun());
	let readings = 0;
	return {
		run,
		read: (after: number) => {
			readings++;
			return run.events.slice(after, after + size);
		},
		readings: () => readings,
	};
}

describe('a run at one of its events', () => {
	test('is the fold of the events up to it, in whatever order they are looked at', () => {
		const {run} = slicesOf(1);
		const some = fc.array(fc.integer({min: 1, max: run.events.length}), {minLength: 1, maxLength: 12});
		fc.assert(
			fc.property(some, fc.integer({min: 1, max: 50}), (sequences, size) => {
				const past = new PastRun(slicesOf(size));
				for (const sequence of sequences) {
					const moment = past.at(sequence);
					expect(moment?.event).toEqual(run.events[sequence - 1]);
					expect(moment?.run).toEqual(foldRun(emptyRunState, run.events.slice(0, sequence)));
				}
			}),
			{numRuns: 50},
		);
	});

	test('is not there before the first event and after the last', () => {
		const journal = slicesOf(10);
		const past = new PastRun(journal);
		expect(past.at(0)).toBeUndefined();
		expect(past.at(journal.run.events.length + 1)).toBeUndefined();
		expect(past.at(journal.run.events.length)?.run.attempt).toBe(2);
	});

	test('is found without another reading beside one that was found', () => {
		const journal = slicesOf(40);
		const past = new PastRun(journal);
		past.at(30);
		const before = journal.readings();
		past.at(29);
		past.at(31);
		expect(journal.readings()).toBe(before);
	});

	test('is found in what was written since', () => {
		const journal = slicesOf(1000);
		const past = new PastRun(journal);
		past.at(3);
		journal.run.record({type: 'note', text: 'Later.'});
		expect(past.at(journal.run.events.length)?.event).toMatchObject({text: 'Later.'});
	});
});
