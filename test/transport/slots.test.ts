import {expect, test} from 'vitest';
import {Slots} from '../../source/transport/slots.ts';

test('no more than the given number run at once, and a failure gives its place back', async () => {
	const slots = new Slots(3);
	let running = 0;
	let most = 0;
	const outcomes = await Promise.allSettled(
		Array.from({length: 20}, async (_, index) =>
			slots.use(async () => {
				running += 1;
				most = Math.max(most, running);
				await new Promise(resolve => setImmediate(resolve));
				running -= 1;
				if (index % 4 === 0) {
					throw new Error('no');
				}

				return index;
			}),
		),
	);
	expect(most).toBe(3);
	expect(running).toBe(0);
	expect(outcomes.filter(({status}) => status === 'fulfilled')).toHaveLength(15);
});
