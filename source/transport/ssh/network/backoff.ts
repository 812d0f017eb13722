/** Times in milliseconds. */
export interface BackoffLimits {
	/** Before the second try. */
	readonly firstMs: number;
	/** Before any try. */
	readonly mostMs: number;
}

/**
 * How long to wait before something is tried once more: twice as long after each failure, and by chance up to a half
 * less, so that many who failed together do not come back together.
 */
export class Backoff {
	readonly #limits: BackoffLimits;
	readonly #random: () => number;
	#failures = 0;
	#notBefore = 0;

	/** @param random gives numbers from 0 up to and without 1 */
	constructor(limits: BackoffLimits, random: () => number) {
		this.#limits = limits;
		this.#random = random;
	}

	failed(now: number): void {
		const {firstMs, mostMs} = this.#limits;
		const whole = Math.min(mostMs, firstMs * 2 ** Math.min(this.#failures, 30));
		this.#failures += 1;
		this.#notBefore = now + whole * (1 - this.#random() / 2);
	}

	/** What worked may end soon: only after a while does it count as good again. */
	ended(startedAt: number, now: number): void {
		if (now - startedAt >= this.#limits.mostMs) {
			this.#failures = 0;
		}

		this.failed(now);
	}

	/** Milliseconds that are still to be waited for. A clock that was set back makes nobody wait longer. */
	waitMs(now: number): number {
		return Math.min(this.#limits.mostMs, Math.max(0, this.#notBefore - now));
	}
}
