import {crc32} from 'node:zlib';
import type {RunEvent, RunFact} from '../domain/run-event.ts';
import {type JournalConnection, type Query, type Row, numberIn, textIn} from './journal-connection.ts';
import type {JournalDamagedError} from './journal-errors.ts';

/** A fact on its way into the journal. */
export interface NewFact {
	readonly fact: RunFact;
	readonly at: number;
}

/** So many events are joined and parsed at once: more gains nothing and takes memory. */
const eventsPerParse = 500;

/** What was read of a run so far: the chain of checksums goes on from there. */
interface Place {
	readonly sequence: number;
	readonly crc: number;
}

const start: Place = {sequence: 0, crc: 0};

/** The events of all runs. A run is named by its number in the table of runs. */
export class EventsTable {
	readonly #connection: JournalConnection;
	readonly #last: Query;
	readonly #at: Query;
	readonly #insert: Query;
	readonly #joined: Query;
	readonly #landmarks: Query;
	readonly #lastLandmark: Query;
	readonly #kept: Query;
	readonly #witness: Query;

	constructor(connection: JournalConnection) {
		this.#connection = connection;
		this.#last = connection.query(
			'SELECT sequence, crc FROM events WHERE run = ? ORDER BY sequence DESC LIMIT 1',
		);
		this.#at = connection.query('SELECT sequence, crc FROM events WHERE run = ? AND sequence = ?');
		this.#insert = connection.query(
			'INSERT INTO events (run, sequence, crc, landmark, event) VALUES (?, ?, ?, ?, ?)',
		);
		// `crc` is the one of the row with the greatest sequence: https://www.sqlite.org/lang_select.html#bareagg
		this.#joined = connection.query(
			`SELECT count(*) AS count, max(sequence) AS sequence, crc, group_concat(event, ',') AS events FROM
			(SELECT sequence, crc, event FROM events WHERE run = ? AND sequence > ? ORDER BY sequence LIMIT ?)`,
		);
		// `landmark > 0` is said again, since SQLite uses the index only where its own condition stands.
		const landmark = `SELECT sequence, crc, event,
			(SELECT crc FROM events AS before WHERE before.run = events.run AND before.sequence = events.sequence - 1)
			AS crc_before FROM events WHERE run = ?1 AND landmark > 0`;
		this.#landmarks = connection.query(
			`SELECT * FROM (${landmark} AND landmark = 1) UNION ALL
			SELECT * FROM (${landmark} AND landmark = 2 ORDER BY sequence LIMIT 1) ORDER BY sequence`,
		);
		this.#lastLandmark = connection.query(
			`SELECT (SELECT max(sequence) FROM events WHERE run = ?1 AND landmark > 0 AND landmark = 1) AS of_run,
			(SELECT min(sequence) FROM events WHERE run = ?1 AND landmark > 0 AND landmark = 2) AS launch`,
		);
		this.#kept = connection.query('SELECT events FROM kept WHERE run = ?');
		this.#witness = connection.query('INSERT OR REPLACE INTO kept (run, events) VALUES (?, ?)');
	}

	/** Within a write. */
	append(run: number, facts: readonly NewFact[]): readonly RunEvent[] {
		let {sequence, crc} = this.#lastPlace(run);
		return facts.map(({fact, at}) => {
			const event = {...fact, sequence: ++sequence, at};
			const text = JSON.stringify(event);
			crc = crcWith(text, {sequence: sequence - 1, crc});
			this.#insert.run(run, sequence, crc, landmarkOf(fact), text);
			return event;
		});
	}

	/** The sequence number of the last event; 0 where there is none. */
	last(run: number): number {
		return this.#lastPlace(run).sequence;
	}

	/** Within a write: remembers how many events there are, so that it is noticed when the last ones are gone. */
	witness(run: number): void {
		this.#witness.run(run, this.last(run));
	}

	/** How many events there were when somebody last remembered it. */
	witnessed(run: number): number {
		return numberIn(this.#kept.get(run), 'events');
	}

	/**
	 * At most `limit` of the events after a sequence number. Throws `JournalDamagedError` when they are not as written,
	 * or when there were more.
	 */
	read(run: number, after: number, limit: number): readonly RunEvent[] {
		const witnessed = this.witnessed(run);
		const events = this.readFound(run, after, limit);
		const reached = events.at(-1)?.sequence ?? after;
		if (events.length < limit && reached < witnessed) {
			throw this.#damaged(run, reached + 1);
		}

		return events;
	}

	/** The same, whatever there was behind the last one. */
	readFound(run: number, after: number, limit: number): readonly RunEvent[] {
		const chunks: (readonly RunEvent[])[] = [];
		let place = this.#placeAt(run, after);
		for (let left = limit; place && left > 0;) {
			const wanted = Math.min(left, eventsPerParse);
			const row = this.#joined.get(run, place.sequence, wanted);
			const count = numberIn(row, 'count');
			if (count > 0) {
				const text = textIn(row, 'events');
				place = this.#next(run, place, placeIn(row), count, text);
				chunks.push(this.#parsed(run, text));
			}

			left = count < wanted ? 0 : left - count;
		}

		return chunks.length === 1 ? (chunks[0] ?? []) : chunks.flat();
	}

	/** What changes as soon as `landmarks` does. */
	landmarkKey(run: number): string {
		const row = this.#lastLandmark.get(run);
		return `${String(row?.['of_run'])} ${String(row?.['launch'])}`;
	}

	/** All `run.*` and the first `launch.started`, in order. Throws `JournalDamagedError` when they are not as written. */
	landmarks(run: number): readonly RunEvent[] {
		return this.#landmarks.all(run).flatMap(row => {
			const place = placeIn(row);
			const text = textIn(row, 'event');
			const before = place.sequence === 1 ? 0 : row['crc_before'];
			if (typeof before !== 'number') {
				throw this.#damaged(run, place.sequence - 1);
			}

			this.#next(run, {sequence: place.sequence - 1, crc: before}, place, 1, text);
			return this.#parsed(run, text);
		});
	}

	#lastPlace(run: number): Place {
		const row = this.#last.get(run);
		return row ? placeIn(row) : start;
	}

	/** Undefined where the run has not come so far yet. */
	#placeAt(run: number, sequence: number): Place | undefined {
		if (sequence === 0) {
			return start;
		}

		const row = this.#at.get(run, sequence);
		if (!row && this.last(run) > sequence) {
			throw this.#damaged(run, sequence);
		}

		return row && placeIn(row);
	}

	/** The place that is reached with `count` events, if that is how they were written. */
	#next(run: number, from: Place, to: Place, count: number, text: string): Place {
		if (to.sequence !== from.sequence + count || to.crc !== crcWith(text, from)) {
			throw this.#damaged(run, from.sequence + 1);
		}

		return to;
	}

	#parsed(run: number, text: string): readonly RunEvent[] {
		try {
			return JSON.parse(`[${text}]`) as readonly RunEvent[];
		} catch {
			throw this.#damaged(run, 0);
		}
	}

	#damaged(run: number, sequence: number): JournalDamagedError {
		return this.#connection.damaged(`event ${sequence} of run ${run} is missing or not as it was written`);
	}
}

function landmarkOf({type}: RunFact): number {
	return type.startsWith('run.') ? 1 : type === 'launch.started' ? 2 : 0;
}

function crcWith(text: string, before: Place): number {
	return crc32(text, before.sequence === 0 ? 0 : crc32(',', before.crc));
}

function placeIn(row: Row | undefined): Place {
	return {sequence: numberIn(row, 'sequence'), crc: numberIn(row, 'crc')};
}
