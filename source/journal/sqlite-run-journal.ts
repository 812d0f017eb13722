import {hostname} from 'node:os';
import type {Clock} from '../domain/clock.ts';
import type {RunEvent, RunId} from '../domain/run-event.ts';
import {type Failure, failureOf} from '../domain/user-error.ts';
import {CommitWatch} from './commit-watch.ts';
import {openJournalFile} from './open-journal-file.ts';
import {JournalDamagedError} from './journal-errors.ts';
import type {JournalTables} from './journal-tables.ts';
import {type JournalReader, mostEventsAtOnce} from './journal.ts';
import {type Liveness, isLive, processExists} from './leases-table.ts';
import {RunHasRunnerError} from './run-journal-errors.ts';
import type {RunJournal, RunSetup, RunSummary, Runner, RunnerSeat} from './run-journal.ts';
import {RunSummaries} from './run-summaries.ts';
import type {RunRow} from './runs-table.ts';
import {SqliteRunnerSeat} from './runner-seat.ts';

export interface RunJournalOptions {
	readonly clock: Clock;
	/** Told what happened to the journal that the user should know: a damaged one was moved aside, for example. */
	readonly onNotice: (notice: Failure) => void;
	/** This computer, as `Runner.host` names it. */
	readonly host?: string;
	/** Whether a process with this number runs on this computer. */
	readonly processExists?: (pid: number) => boolean;
}

/**
 * Opens the journal in a state folder that is there, or begins one. Throws a `JournalError` that says what to do.
 * Close it when it is not needed any more.
 */
export function openRunJournal(folder: string, options: RunJournalOptions): SqliteRunJournal {
	const liveness: Liveness = {
		now: () => options.clock.now(),
		host: options.host ?? hostname(),
		processExists: options.processExists ?? processExists,
	};
	return new SqliteRunJournal(openJournalFile(folder, liveness, options.onNotice), liveness, options);
}

/**
 * The journal as one SQLite file that all processes of a user share: `journal.db` in the state folder. Write-ahead
 * logging lets readers read while one writes, and every commit is on the disk before it counts.
 */
export class SqliteRunJournal implements RunJournal {
	readonly #tables: JournalTables;
	readonly #liveness: Liveness;
	readonly #options: RunJournalOptions;
	readonly #watch: CommitWatch;
	readonly #summaries: RunSummaries;
	/** Runs of which it was told. */
	readonly #damaged = new Set<number>();
	readonly #seats = new Set<SqliteRunnerSeat>();

	/** Use `openRunJournal`. */
	constructor(tables: JournalTables, liveness: Liveness, options: RunJournalOptions) {
		this.#tables = tables;
		this.#liveness = liveness;
		this.#options = options;
		this.#summaries = new RunSummaries(tables);
		this.#watch = new CommitWatch(options.clock, tables.connection, () =>
			tables.leases.liveRuns(liveness).join(' '),
		);
	}

	create(setup: RunSetup, refuse: () => void = () => undefined): void {
		const {connection, runs} = this.#tables;
		connection.write(() => {
			refuse();
			runs.insert(setup, this.#options.clock.now());
		});
		this.#watch.notify();
	}

	setup(run: RunId): RunSetup {
		const {runs} = this.#tables;
		const row = runs.find(run);
		return {...runs.setup(row), inventory: runs.inventory(row)};
	}

	summary(run: RunId): RunSummary {
		const {runs, leases} = this.#tables;
		const row = runs.find(run);
		const lease = leases.of(row.id);
		return this.#summaries.of(row, lease !== undefined && isLive(lease, this.#liveness));
	}

	list(): readonly RunSummary[] {
		const {runs, leases} = this.#tables;
		const live = new Set(leases.liveRuns(this.#liveness));
		return runs.list().flatMap(row => this.#summaryUnlessDamaged(row, live.has(row.id)));
	}

	/** One run that is damaged must not hide the others, which may be going on; it is told once, and mended later. */
	#summaryUnlessDamaged(row: RunRow, hasRunner: boolean): readonly RunSummary[] {
		try {
			return [this.#summaries.of(row, hasRunner)];
		} catch (error) {
			if (!(error instanceof JournalDamagedError)) {
				throw error;
			}

			if (!this.#damaged.has(row.id)) {
				this.#damaged.add(row.id);
				this.#options.onNotice(failureOf(error));
			}

			return [];
		}
	}

	subscribe(listener: () => void): () => void {
		return this.#watch.subscribe(() => listener());
	}

	reader(run: RunId): JournalReader {
		const {connection, runs, events, requests} = this.#tables;
		const {id} = runs.find(run);
		let seen: number | undefined;
		return {
			read: after => {
				const news = events.read(id, after, mostEventsAtOnce);
				seen = news.at(-1)?.sequence ?? after;
				return news;
			},
			subscribe: listener => {
				const last = events.last(id);
				let told = seen ?? last;
				const stop = this.#watch.subscribe(() => {
					const now = this.#lastOrUnreadable(id);
					if (now > told) {
						told = now;
						listener();
					}
				});
				// Another process may have written since this reader has read.
				if (told < last) {
					setImmediate(() => this.#watch.notify());
				}

				return stop;
			},
			// eslint-disable-next-line @typescript-eslint/require-await -- what goes wrong rejects.
			request: async request => {
				connection.write(() => requests.insert(id, request));
				this.#watch.notify();
			},
		};
	}

	/** A run that cannot be read any more is news, too: whoever is told reads it, and gets the error. */
	#lastOrUnreadable(id: number): number {
		try {
			return this.#tables.events.last(id);
		} catch {
			return Infinity;
		}
	}

	takeSeat(run: RunId, runner: Runner): RunnerSeat {
		const {connection, runs, leases} = this.#tables;
		const {id} = runs.find(run);
		connection.write(() => {
			const lease = leases.of(id);
			if (lease && lease.token !== runner.token && isLive(lease, this.#liveness)) {
				throw new RunHasRunnerError(run, lease);
			}

			leases.take(id, runner, this.#options.clock.now());
		});
		const seat = new SqliteRunnerSeat(
			this.#tables,
			this.#watch,
			this.#options.clock,
			{run, id, history: this.#history(id)},
			runner,
		);
		this.#seats.add(seat);
		this.#watch.notify();
		return seat;
	}

	#history(id: number): readonly RunEvent[] {
		const history: RunEvent[] = [];
		for (;;) {
			const news = this.#tables.events.read(id, history.length, mostEventsAtOnce);
			for (const event of news) {
				history.push(event);
			}

			if (news.length < mostEventsAtOnce) {
				return history;
			}
		}
	}

	close(): void {
		this.#watch.close();
		for (const seat of this.#seats) {
			seat.flush();
		}

		this.#tables.connection.close();
	}
}
