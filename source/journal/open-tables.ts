import {writeFileSync} from 'node:fs';
import {JournalConnection} from './journal-connection.ts';
import {type JournalFiles, closeToOthers, identityOf} from './journal-files.ts';
import {migrate} from './journal-schema.ts';
import {JournalTables} from './journal-tables.ts';
import {asJournalError} from './sqlite-failure.ts';
import {openDatabase} from './sqlite.ts';

/** How long a write waits for another process to finish its own, in milliseconds. Each takes a few. */
const busyLimit = 5000;

/** The write-ahead log is cut to this after a checkpoint, in bytes. */
const longestLog = 16 * 1024 * 1024;

/**
 * Opens a journal file that is there, and brings it to this version's format. What it looks at takes no longer for a
 * large journal: the header, the length, the tables. Everything else is checked where it is read: SQLite checks its
 * pages, and the checksums the events. Throws a `JournalError`.
 */
export function openTables(files: JournalFiles): JournalTables {
	const path = files.journal;
	for (;;) {
		const identity = identityOf(path);
		const tables = connect(files);
		if (identityOf(path) === identity) {
			return tables;
		}

		// Another process has replaced the file just now, and it is not sure which of the two this is.
		tables.connection.close();
	}
}

function connect(files: JournalFiles): JournalTables {
	const path = files.journal;
	let database;
	try {
		closeToOthers(path);
		database = openDatabase(path);
		database.exec(`
			PRAGMA busy_timeout = ${busyLimit};
			PRAGMA trusted_schema = OFF;
			PRAGMA cell_size_check = ON;
			PRAGMA journal_mode = WAL;
			PRAGMA synchronous = FULL;
			PRAGMA fullfsync = ON;
			PRAGMA checkpoint_fullfsync = ON;
			PRAGMA journal_size_limit = ${longestLog};
		`);
		migrate(path, database);
		return new JournalTables(new JournalConnection(path, database, () => suspect(files)));
	} catch (error) {
		database?.close();
		throw asJournalError(path, error);
	}
}

/** Whoever opens the journal next looks at all of it. */
function suspect(files: JournalFiles): void {
	try {
		writeFileSync(files.suspicion, '', {mode: 0o600});
	} catch {
		// The error that follows says that it is damaged; it will be met again.
	}
}
