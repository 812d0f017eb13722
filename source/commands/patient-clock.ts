import type {Clock} from '../domain/clock.ts';

/** A clock whose limits stand still while a person is asked: an Agent is not slow because somebody looks for a password. */
export class PatientClock implements Clock {
	readonly #clock: Clock;
	#open = 0;
	#since = 0;
	#before = 0;

	constructor(clock: Clock) {
		this.#clock = clock;
	}

	now(): number {
		return this.#clock.now();
	}

	async sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
		for (let due = milliseconds; due > 0;) {
			const before = this.#askedFor();
			await this.#clock.sleep(due, signal);
			due = this.#askedFor() - before;
		}
	}

	/** The time until the work is done does not count. */
	async standStill<Value>(work: () => Promise<Value>): Promise<Value> {
		if (this.#open === 0) {
			this.#since = this.#clock.now();
		}

		this.#open += 1;
		try {
			return await work();
		} finally {
			this.#open -= 1;
			if (this.#open === 0) {
				this.#before += this.#clock.now() - this.#since;
			}
		}
	}

	/** For how many milliseconds somebody was asked until now. */
	#askedFor(): number {
		return this.#before + (this.#open > 0 ? this.#clock.now() - this.#since : 0);
	}
}
