import {expect, test} from 'vitest';
import {PatientClock} from '../../source/commands/patient-clock.ts';
import {ManualClock} from '../support/manual-clock.ts';

async function settled(): Promise<void> {
	await new Promise(resolve => setImmediate(resolve));
}

test('a limit stands still while somebody is asked', async () => {
	const manual = new ManualClock(0);
	const clock = new PatientClock(manual);
	let over = false;
	void clock.sleep(60_000).then(() => (over = true));
	manual.advance(30_000);
	const {promise: answered, resolve: answer} = Promise.withResolvers<undefined>();
	const asking = clock.standStill(() => answered);
	manual.advance(600_000);
	await settled();
	expect(over).toBe(false);
	answer(undefined);
	await asking;
	manual.advance(600_000);
	await settled();
	expect(over).toBe(true);
});

test('a limit that nobody was asked in is as long as any', async () => {
	const manual = new ManualClock(0);
	let over = false;
	void new PatientClock(manual).sleep(60_000).then(() => (over = true));
	manual.advance(59_999);
	await settled();
	expect(over).toBe(false);
	manual.advance(1);
	await settled();
	expect(over).toBe(true);
});

test('an aborted limit ends at once, with the reason', async () => {
	const stop = new AbortController();
	const sleeping = new PatientClock(new ManualClock(0)).sleep(1000, stop.signal);
	stop.abort(new Error('enough'));
	await expect(sleeping).rejects.toThrow('enough');
});
