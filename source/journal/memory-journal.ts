import type {Clock} from '../domain/clock.ts';
import type {RunEvent, RunFact, RunRequest} from '../domain/run-event.ts';
import {type Journal, mostEventsAtOnce} from './journal.ts';

type RequestListener = (request: RunRequest) => Promise<void>;

/** A journal that lives as long as the process. */
export class MemoryJournal implements Journal {
	readonly #clock: Pick<Clock, 'now'>;
	readonly #events: RunEvent[] = [];
	/** Those that were not handled yet. */
	readonly #requests = new Set<RunRequest>();
	readonly #readers = new Set<() => void>();
	readonly #requestListeners = new Set<RequestListener>();

	constructor(clock: Pick<Clock, 'now'>) {
		this.#clock = clock;
	}

	append(...facts: readonly RunFact[]): Promise<readonly RunEvent[]> {
		const at = this.#clock.now();
		const events = facts.map((fact, index) => ({...fact, sequence: this.#events.length + 1 + index, at}));
		this.#events.push(...events);

		for (const reader of [...this.#readers]) {
			try {
				reader();
			} catch {
				// Whoever looks on and stumbles must not end the run; the events are kept, and he can read them again.
			}
		}

		return Promise.resolve(events);
	}

	onRequest(listener: RequestListener): () => void {
		this.#requestListeners.add(listener);
		for (const request of [...this.#requests]) {
			void this.#handle(request, listener);
		}

		return () => this.#requestListeners.delete(listener);
	}

	read(after: number): readonly RunEvent[] {
		return this.#events.slice(after, after + mostEventsAtOnce);
	}

	subscribe(listener: () => void): () => void {
		this.#readers.add(listener);
		return () => this.#readers.delete(listener);
	}

	request(request: RunRequest): Promise<void> {
		// Two requests that say the same are two requests.
		const own = {...request};
		this.#requests.add(own);
		for (const listener of [...this.#requestListeners]) {
			void this.#handle(own, listener);
		}

		return Promise.resolve();
	}

	async #handle(request: RunRequest, listener: RequestListener): Promise<void> {
		try {
			await listener(request);
			this.#requests.delete(request);
		} catch {
			// It stays open and comes again to the next listener.
		}
	}
}
