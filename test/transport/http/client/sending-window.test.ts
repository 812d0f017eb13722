import {expect, test} from 'vitest';
import {SendingWindow} from '../../../../source/transport/http/client/sending-window.ts';
import {randomFrom} from '../../../support/package-fuzz.ts';

const never = new AbortController().signal;

test('whatever comes in whatever order, no more than the window is ever on its way, and all is sent', async () => {
	for (let seed = 1; seed <= 200; seed += 1) {
		const random = randomFrom(seed);
		const most = 1000 + random(1000);
		const window = new SendingWindow(most);
		let sent = random(5000);
		let stored = sent;
		window.begin(sent);
		// The first bytes may not fill it; then it is told of.
		await window.room(1, never);
		sent += 1;
		window.store(sent);
		stored = sent;
		const pieces = Array.from({length: 50}, () => 1 + random(500));
		const total = sent + pieces.reduce((sum, piece) => sum + piece, 0);
		const sending = (async () => {
			for (const piece of pieces) {
				await window.room(piece, never);
				sent += piece;
				expect(sent - stored, `seed ${seed}`).toBeLessThanOrEqual(most);
			}
		})();
		while (stored < total) {
			await Promise.resolve();
			// Stored is what was sent, never more; an old or a foolish telling changes nothing.
			stored += random(sent - stored + 1);
			window.store(random(3) === 0 ? random(stored + 1) : stored);
			window.store(total + 1 + random(100));
		}

		await sending;
		expect(sent).toBe(total);
	}
});

test('a service that tells nothing holds nothing up', async () => {
	const window = new SendingWindow(100);
	window.begin(0);
	await window.room(1_000_000, never);
	expect(window.told).toBe(false);
});

test('whoever waits for room is let go when it is given up', async () => {
	const window = new SendingWindow(100);
	window.begin(0);
	await window.room(100, never);
	window.store(1);
	const stop = new AbortController();
	const waiting = window.room(100, stop.signal);
	stop.abort(new Error('given up'));
	await expect(waiting).rejects.toThrow('given up');
});
