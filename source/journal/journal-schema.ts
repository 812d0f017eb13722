import type {DatabaseSync} from 'node:sqlite';
import {JournalDamagedError, JournalNewerError} from './journal-errors.ts';

/** In the file's header, so that a stranger's database is not taken for a journal: "dmsu". */
const applicationId = 0x64_6d_73_75;

/** Beyond this, a format number is no number that any version wrote. */
const absurdFormat = 10_000;

/**
 * Each brings a journal from the format that its index says to the next. What is here once was released: a change is
 * one more entry.
 *
 * An event stands there as the JSON that readers get. `crc` is the CRC-32 of all events of the run up to this one,
 * joined by commas: what is missing, changed or out of place does not fit. `landmark` is 1 for `run.*`, 2 for
 * `launch.started` and 0 for the rest. `kept` says how many events a run had when its runner last said that it lives: a
 * second witness, on another page, for the end of a run, which nothing that follows bears out.
 */
const migrations: readonly string[] = [
	`
	CREATE TABLE runs (
		id INTEGER PRIMARY KEY,
		run TEXT NOT NULL UNIQUE,
		created_at INTEGER NOT NULL,
		setup TEXT NOT NULL,
		setup_crc INTEGER NOT NULL,
		inventory TEXT NOT NULL,
		inventory_crc INTEGER NOT NULL
	) STRICT;
	CREATE TABLE events (
		run INTEGER NOT NULL,
		sequence INTEGER NOT NULL,
		crc INTEGER NOT NULL,
		landmark INTEGER NOT NULL,
		event TEXT NOT NULL,
		PRIMARY KEY (run, sequence)
	) STRICT, WITHOUT ROWID;
	CREATE INDEX landmarks ON events (run, landmark, sequence) WHERE landmark > 0;
	CREATE TABLE leases (
		run INTEGER PRIMARY KEY,
		token TEXT NOT NULL,
		pid INTEGER NOT NULL,
		host TEXT NOT NULL,
		since INTEGER NOT NULL,
		renewed_at INTEGER NOT NULL
	) STRICT;
	CREATE TABLE kept (
		run INTEGER PRIMARY KEY,
		events INTEGER NOT NULL
	) STRICT;
	CREATE TABLE requests (
		id INTEGER PRIMARY KEY,
		run INTEGER NOT NULL,
		request TEXT NOT NULL,
		handled INTEGER NOT NULL DEFAULT 0
	) STRICT;
	CREATE INDEX open_requests ON requests (run, id) WHERE handled = 0;
	PRAGMA application_id = ${applicationId};
	`,
];

/** The format that this version writes. */
export const journalFormat = migrations.length;

/**
 * Brings a database to this version's format, new ones from the start. Throws `JournalNewerError` for one that a newer
 * version wrote, and `JournalDamagedError` for one that is no journal.
 */
export function migrate(path: string, database: DatabaseSync): void {
	if (formatOf(path, database) === journalFormat) {
		return;
	}

	database.exec('BEGIN IMMEDIATE');
	try {
		// Another process may have done it in the meantime.
		for (const migration of migrations.slice(formatOf(path, database))) {
			database.exec(migration);
		}

		database.exec(`PRAGMA user_version = ${journalFormat}`);
		database.exec('COMMIT');
	} catch (error) {
		rollBack(database);
		throw error;
	}
}

function formatOf(path: string, database: DatabaseSync): number {
	const number = (sql: string) => Number(Object.values(database.prepare(sql).get() ?? {})[0]);
	const format = number('PRAGMA user_version');
	const id = number('PRAGMA application_id');
	if (format < 0 || format > absurdFormat) {
		throw new JournalDamagedError(path, `its format number is ${format}`);
	}

	const isNew = format === 0 && id === 0 && number('SELECT count(*) FROM sqlite_schema') === 0;
	if (!isNew && (format === 0 || id !== applicationId)) {
		throw new JournalDamagedError(path, 'it is no journal of this program');
	}

	if (format > journalFormat) {
		throw new JournalNewerError(path, format, journalFormat);
	}

	return format;
}

/** SQLite has rolled back by itself after the graver errors, and says so with an error of its own. */
export function rollBack(database: DatabaseSync): void {
	try {
		database.exec('ROLLBACK');
	} catch {
		// There was nothing left to roll back.
	}
}
