import type {Clock} from '../../source/domain/clock.ts';

interface Sleeper {
	readonly until: number;
	readonly wake: () => void;
}

/** A clock that stands until it is told to go on. */
export class ManualClock implements Clock {
	#now: number;
	readonly #sleepers = new Set<Sleeper>();

	constructor(now: number) {
		this.#now = now;
	}

	/** How many wait for a time to come. */
	get sleeping(): number {
		return this.#sleepers.size;
	}

	now(): number {
		return this.#now;
	}

	sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
		signal?.throwIfAborted();
		return new Promise((resolve, reject) => {
			const abort = () => {
				this.#sleepers.delete(sleeper);
				reject(signal?.reason as Error);
			};
			const sleeper: Sleeper = {
				until: this.#now + milliseconds,
				wake: () => {
					signal?.removeEventListener('abort', abort);
					resolve();
				},
			};
			this.#sleepers.add(sleeper);
			signal?.addEventListener('abort', abort, {once: true});
		});
	}

	/** Lets time go by, and everybody who waited for it. */
	advance(milliseconds: number): void {
		this.#now += milliseconds;
		for (const sleeper of [...this.#sleepers]) {
			if (sleeper.until <= this.#now) {
				this.#sleepers.delete(sleeper);
				sleeper.wake();
			}
		}
	}
}
