import type {Clock} from '../domain/clock.ts';
import type {RunEvent, RunFact, RunRequest} from '../domain/run-event.ts';
import type {Journal} from './journal.ts';

/** A journal that lives as long as the process. */
export class MemoryJournal implements Journal {
	readonly #clock: Pick<Clock, 'now'>;
	readonly #events: RunEvent[] = [];
	readonly #requests: RunRequest[] = [];
	readonly #readers = new Set<() => void>();
	readonly #requestListeners = new Set<(request: RunRequest) => void>();

	constructor(clock: Pick<Clock, 'now'>) {
		this.#clock = clock;
	}

	append(...facts: readonly RunFact[]): Promise<readonly RunEvent[]> {
		const at = this.#clock.now();
		const events = facts.map((fact, index) => ({...fact, sequence: this.#events.length + 1 + index, at}));
		this.#events.push(...events);

		for (const reader of this.#readers) {
			try {
				reader();
			} catch {
				// Whoever looks on and stumbles must not end the run; the events are kept, and he can read them again.
			}
		}

		return Promise.resolve(events);
	}

	onRequest(listener: (request: RunRequest) => void): () => void {
		this.#requestListeners.add(listener);
		for (const request of this.#requests) {
			listener(request);
		}

		return () => this.#requestListeners.delete(listener);
	}

	read(after: number): readonly RunEvent[] {
		return this.#events.slice(after);
	}

	subscribe(listener: () => void): () => void {
		this.#readers.add(listener);
		return () => this.#readers.delete(listener);
	}

	request(request: RunRequest): Promise<void> {
		this.#requests.push(request);
		for (const listener of this.#requestListeners) {
			listener(request);
		}

		return Promise.resolve();
	}
}
