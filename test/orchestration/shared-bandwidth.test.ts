import * as fc from 'fast-check';
import {expect, test} from 'vitest';
import {SharedBandwidth} from '../../source/orchestration/shared-bandwidth.ts';
import {ManualClock} from '../support/manual-clock.ts';

const KiB = 1024;
const write = 64 * KiB;

/** Lets uploads take one write after the other for so long; answers what each took. */
async function takeFor(
	milliseconds: number,
	{bandwidth, uploads, step}: {bandwidth: number; uploads: number; step: number},
	onTaken: (elapsed: number, total: number) => void = () => undefined,
): Promise<readonly number[]> {
	const clock = new ManualClock(0);
	const shared = new SharedBandwidth(bandwidth, clock);
	const taken = Array.from({length: uploads}, () => 0);
	const stop = new AbortController();
	let total = 0;
	const working = taken.map(async (_, upload) => {
		while (!stop.signal.aborted) {
			await shared.take(write, stop.signal);
			taken[upload] = (taken[upload] ?? 0) + write;
			total += write;
			onTaken(clock.now(), total);
			// As an upload does, which waits for answers.
			await clock.sleep(1, stop.signal);
		}
	});
	const ended = Promise.allSettled(working);
	while (clock.now() < milliseconds) {
		await new Promise(resolve => setImmediate(resolve));
		clock.advance(step);
	}

	stop.abort();
	await ended;
	return taken;
}

test('all uploads together never send more than the bandwidth, and come close to it', async () => {
	await fc.assert(
		fc.asyncProperty(
			fc.integer({min: 1, max: 8}),
			fc.integer({min: 64, max: 4000}),
			fc.integer({min: 1, max: 20}),
			async (uploads, kibPerSecond, step) => {
				const bandwidth = kibPerSecond * KiB;
				const milliseconds = 2000 + (8 * write * 1000) / bandwidth;
				const moments: {elapsed: number; total: number}[] = [];
				const taken = await takeFor(milliseconds, {bandwidth, uploads, step}, (elapsed, total) =>
					moments.push({elapsed, total}),
				);
				for (const {elapsed, total} of moments) {
					// A write is under way when it may go; 50 ms are made up for at most, and less than 1 ms is not waited for.
					expect(total).toBeLessThanOrEqual((bandwidth * (elapsed + 51)) / 1000 + write);
				}

				const total = taken.reduce((sum, one) => sum + one, 0);
				const possible = uploads * write * (milliseconds / (4 * step));
				expect(total).toBeGreaterThan(0.7 * Math.min(possible, (bandwidth * milliseconds) / 1000 - write));
				expect(Math.max(...taken) - Math.min(...taken)).toBeLessThanOrEqual(2 * write);
			},
		),
		{numRuns: 20},
	);
});

test('a clock that is set back holds nothing up', async () => {
	const clock = new ManualClock(1_000_000_000);
	const shared = new SharedBandwidth(write, clock);
	const {signal} = new AbortController();
	await shared.take(write, signal);
	clock.advance(-3_600_000);
	await shared.take(write, signal);
	const next = shared.take(write, signal);
	expect(clock.sleeping).toBe(1);
	clock.advance(1000);
	await next;
});

test('whoever waits for his turn can give up', async () => {
	const shared = new SharedBandwidth(write, new ManualClock(0));
	const stop = new AbortController();
	await shared.take(write, stop.signal);
	const waiting = shared.take(write, stop.signal);
	stop.abort(new Error('enough'));
	await expect(waiting).rejects.toThrow('enough');
	await expect(shared.take(1, stop.signal)).rejects.toThrow('enough');
});
