import type {Clock} from '../domain/clock.ts';
import type {RunEvent, RunFact, RunId, RunRequest} from '../domain/run-event.ts';
import type {CommitWatch} from './commit-watch.ts';
import type {NewFact} from './events-table.ts';
import type {JournalTables} from './journal-tables.ts';
import {LeaseLostError} from './run-journal-errors.ts';
import type {Runner, RunnerSeat} from './run-journal.ts';

interface Waiting {
	readonly facts: readonly NewFact[];
	readonly resolve: (events: readonly RunEvent[]) => void;
	readonly reject: (error: unknown) => void;
}

/** The seat of a run whose lease was taken. */
export class SqliteRunnerSeat implements RunnerSeat {
	readonly history: readonly RunEvent[];
	readonly #tables: JournalTables;
	readonly #watch: CommitWatch;
	readonly #clock: Pick<Clock, 'now'>;
	readonly #run: RunId;
	readonly #id: number;
	readonly #runner: Runner;
	readonly #listening = new Set<() => void>();
	#waiting: Waiting[] = [];
	#left = false;
	/** Why requests could not be read when there was news. */
	#missed: {readonly error: unknown} | undefined;

	constructor(
		tables: JournalTables,
		watch: CommitWatch,
		clock: Pick<Clock, 'now'>,
		run: {readonly run: RunId; readonly id: number; readonly history: readonly RunEvent[]},
		runner: Runner,
	) {
		this.#tables = tables;
		this.#watch = watch;
		this.#clock = clock;
		this.#run = run.run;
		this.#id = run.id;
		this.history = run.history;
		this.#runner = runner;
	}

	append(...facts: readonly RunFact[]): Promise<readonly RunEvent[]> {
		const at = this.#clock.now();
		return new Promise((resolve, reject) => {
			// What is appended in one turn of the event loop shares one wait for the disk.
			if (this.#waiting.length === 0) {
				setImmediate(() => this.flush());
			}

			this.#waiting.push({facts: facts.map(fact => ({fact, at})), resolve, reject});
		});
	}

	onRequest(listener: (request: RunRequest) => Promise<void>): () => void {
		const seen = new Set<number>();
		const deliver = () => {
			for (const {id, request} of this.#tables.requests.open(this.#id)) {
				if (!seen.has(id)) {
					seen.add(id);
					void this.#handle(id, () => listener(request));
				}
			}
		};
		const stop = this.#watch.subscribe(change => {
			if (change === 'commit') {
				try {
					deliver();
				} catch (error) {
					// Whoever renews the lease is told: this is nobody's call.
					this.#missed = {error};
				}
			}
		});
		this.#listening.add(stop);
		deliver();
		return () => {
			this.#listening.delete(stop);
			stop();
		};
	}

	renew(): void {
		this.#fenced(() => {
			this.#tables.leases.renew(this.#id, this.#runner.token, this.#clock.now());
			this.#tables.events.witness(this.#id);
		});
		const missed = this.#missed;
		this.#missed = undefined;
		if (missed) {
			throw missed.error;
		}
	}

	leave(): void {
		if (this.#left) {
			return;
		}

		this.flush();
		this.#left = true;
		for (const stop of this.#listening) {
			stop();
		}

		const {connection, leases, events} = this.#tables;
		connection.write(() => {
			if (leases.isHeldBy(this.#id, this.#runner.token)) {
				events.witness(this.#id);
				leases.release(this.#id, this.#runner.token);
			}
		});
		this.#watch.notify();
	}

	/** Writes what was appended and not yet written. */
	flush(): void {
		const waiting = this.#waiting;
		this.#waiting = [];
		if (waiting.length === 0) {
			return;
		}

		try {
			const written = this.#fenced(() =>
				waiting.map(({facts}) => this.#tables.events.append(this.#id, facts)),
			);
			for (const [index, {resolve}] of waiting.entries()) {
				resolve(written[index] ?? []);
			}
		} catch (error) {
			for (const {reject} of waiting) {
				reject(error);
			}

			return;
		}

		this.#watch.notify();
	}

	/** Writes, as long as the seat is this runner's. */
	#fenced<Result>(act: () => Result): Result {
		return this.#tables.connection.write(() => {
			if (this.#left || !this.#tables.leases.isHeldBy(this.#id, this.#runner.token)) {
				throw new LeaseLostError(this.#run);
			}

			return act();
		});
	}

	async #handle(id: number, act: () => Promise<void>): Promise<void> {
		try {
			await act();
			this.#fenced(() => this.#tables.requests.handle(id));
		} catch {
			// It stays open and comes again to the next runner.
		}
	}
}
