import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {Backoff} from '../../../../source/transport/ssh/network/backoff.ts';

const limits = {firstMs: 100, mostMs: 5000};
const withoutChance = () => 0;

describe('how long to wait before the next try', () => {
	test('nothing at first, then twice as long after each failure, up to a limit', () => {
		const backoff = new Backoff(limits, withoutChance);
		const waits = [backoff.waitMs(0)];
		for (let failures = 1; failures <= 8; failures++) {
			backoff.failed(0);
			waits.push(backoff.waitMs(0));
		}

		expect(waits).toEqual([0, 100, 200, 400, 800, 1600, 3200, 5000, 5000]);
	});

	test('only what is left of it', () => {
		const backoff = new Backoff(limits, withoutChance);
		backoff.failed(1000);
		expect(backoff.waitMs(1040)).toBe(60);
		expect(backoff.waitMs(2000)).toBe(0);
	});

	test('is short again after something lasted, and not after something that ended at once', () => {
		const backoff = new Backoff(limits, withoutChance);
		for (let failures = 0; failures < 5; failures++) {
			backoff.failed(0);
		}

		backoff.ended(10_000, 10_010);
		expect(backoff.waitMs(10_010)).toBe(3200);
		backoff.ended(20_000, 30_000);
		expect(backoff.waitMs(30_000)).toBe(100);
	});

	test('is by chance up to a half less, and never beyond the limit, whatever the clock does', () => {
		fc.assert(
			fc.property(
				fc.array(
					fc.tuple(
						fc.integer({min: 0, max: 10 ** 9}),
						fc.double({min: 0, max: 1, maxExcluded: true, noNaN: true}),
					),
				),
				fc.integer({min: -(10 ** 9), max: 10 ** 9}),
				(failures, now) => {
					let chance = 0;
					const backoff = new Backoff(limits, () => chance);
					for (const [index, [at, random]] of failures.entries()) {
						chance = random;
						backoff.failed(at);
						const whole = Math.min(limits.mostMs, limits.firstMs * 2 ** index);
						expect(backoff.waitMs(at)).toBeGreaterThanOrEqual(whole / 2 - 1);
						expect(backoff.waitMs(at)).toBeLessThanOrEqual(whole);
					}

					expect(backoff.waitMs(now)).toBeLessThanOrEqual(limits.mostMs);
				},
			),
		);
	});
});
