/** A time limit that can stand still. */
export class PausableLimit {
	readonly #onExpired: () => void;
	#leftMs: number;
	#since = 0;
	#timer: NodeJS.Timeout | undefined;

	constructor(limitMs: number, onExpired: () => void) {
		this.#leftMs = limitMs;
		this.#onExpired = onExpired;
		this.resume();
	}

	pause(): void {
		if (this.#timer) {
			clearTimeout(this.#timer);
			this.#timer = undefined;
			this.#leftMs = Math.max(1, this.#leftMs - (performance.now() - this.#since));
		}
	}

	resume(): void {
		if (!this.#timer && this.#leftMs > 0) {
			this.#since = performance.now();
			this.#timer = setTimeout(this.#onExpired, this.#leftMs);
		}
	}

	/** For good. */
	clear(): void {
		this.pause();
		this.#leftMs = 0;
	}
}
