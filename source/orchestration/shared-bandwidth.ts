import type {Bandwidth} from '../domain/bandwidth.ts';
import type {Clock} from '../domain/clock.ts';

/** So much time may be made up for when a timer fired late; more would be a burst on the line. Milliseconds. */
const madeUp = 50;

/** One bandwidth for all uploads of a run: each takes what it sends next, in the order in which they ask. */
export class SharedBandwidth {
	readonly #bytesPerMs: number;
	readonly #clock: Clock;
	/** When what was taken until now will have been sent. */
	#freeAt = -Infinity;
	#askedAt = -Infinity;

	constructor(bandwidth: Bandwidth, clock: Clock) {
		this.#bytesPerMs = bandwidth / 1000;
		this.#clock = clock;
	}

	/** Resolves when so many bytes may be sent; rejects with the signal's reason when that is aborted first. */
	async take(bytes: number, signal: AbortSignal): Promise<void> {
		signal.throwIfAborted();
		const now = this.#clock.now();
		if (now < this.#askedAt) {
			// The clock was set back: what was to be waited for would never come.
			this.#freeAt = now;
		}

		this.#askedAt = now;
		const at = Math.max(this.#freeAt, now - madeUp);
		this.#freeAt = at + bytes / this.#bytesPerMs;
		if (at - now >= 1) {
			await this.#clock.sleep(at - now, signal);
		}
	}
}
