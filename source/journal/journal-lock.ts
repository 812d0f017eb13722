import {rmSync} from 'node:fs';
import {beginFile} from './journal-files.ts';
import {asJournalError, sqliteCode, sqliteCodes} from './sqlite-failure.ts';
import {openDatabase} from './sqlite.ts';

/** How long to wait for another process that begins, checks or repairs the journal, in milliseconds. */
const lockLimit = 30_000;

/**
 * Does something while no other process does anything under the same lock. The lock is SQLite's, on an empty database:
 * the operating system takes it away from whoever dies. Throws `JournalBusyError` when it is not to be had in time.
 */
export function exclusively<Result>(path: string, act: () => Result): Result {
	const release = lock(path);
	try {
		return act();
	} finally {
		release();
	}
}

function lock(path: string, again = true): () => void {
	beginFile(path);
	const database = openDatabase(path);
	try {
		database.exec(`PRAGMA busy_timeout = ${lockLimit}; BEGIN EXCLUSIVE`);
		return () => database.close();
	} catch (error) {
		database.close();
		// Nothing of ours is ever written to it.
		if (again && sqliteCode(error) === sqliteCodes.notadb) {
			rmSync(path);
			return lock(path, false);
		}

		throw asJournalError(path, error);
	}
}
