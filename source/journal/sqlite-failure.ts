import {accessSync, constants, statfsSync} from 'node:fs';
import {dirname} from 'node:path';
import {
	JournalBusyError,
	JournalDamagedError,
	JournalFullError,
	JournalIoError,
	JournalReadOnlyError,
} from './journal-errors.ts';

/** SQLite's primary result codes. Source: https://www.sqlite.org/rescode.html */
export const sqliteCodes = {
	error: 1,
	perm: 3,
	busy: 5,
	locked: 6,
	nomem: 7,
	readonly: 8,
	ioerr: 10,
	corrupt: 11,
	full: 13,
	cantopen: 14,
	protocol: 15,
	toobig: 18,
	constraint: 19,
	notadb: 26,
} as const;

/** The primary result code of an error that SQLite threw; undefined for every other error. */
export function sqliteCode(error: unknown): number | undefined {
	return error instanceof Error &&
		'code' in error &&
		error.code === 'ERR_SQLITE_ERROR' &&
		'errcode' in error &&
		typeof error.errcode === 'number'
		? error.errcode & 0xff
		: undefined;
}

function isWritable(path: string): boolean {
	try {
		accessSync(path, constants.W_OK);
		accessSync(dirname(path), constants.W_OK);
		return true;
	} catch {
		return false;
	}
}

/** Less free space than SQLite needs for the shared memory of a write-ahead log, in bytes. */
const hardlyAny = 64 * 1024;

/** SQLite tells a full disk as such where it appends, and as a failure to write where it makes a file larger. */
function isFull(path: string): boolean {
	try {
		const {bavail, bsize} = statfsSync(dirname(path));
		return bavail * bsize < hardlyAny;
	} catch {
		return false;
	}
}

/** Turns what SQLite says into what the user can understand; other errors are returned as they are. */
export function asJournalError(path: string, error: unknown): unknown {
	// A number that is larger than any that this program writes.
	if (error instanceof RangeError && 'code' in error && error.code === 'ERR_OUT_OF_RANGE') {
		return new JournalDamagedError(path, error.message, {cause: error});
	}

	const code = sqliteCode(error);
	if (code === undefined) {
		return error;
	}

	const reason = error instanceof Error ? error.message : String(error);
	const options = {cause: error};
	switch (code) {
		case sqliteCodes.full:
			return new JournalFullError(path, options);
		case sqliteCodes.busy:
		case sqliteCodes.locked:
		case sqliteCodes.protocol:
			return new JournalBusyError(path, options);
		case sqliteCodes.readonly:
			// SQLite also says so of a file whose header claims a format of a later SQLite.
			return isWritable(path)
				? new JournalDamagedError(path, 'its header says that it must not be written', options)
				: new JournalReadOnlyError(path, reason, options);
		case sqliteCodes.perm:
		case sqliteCodes.cantopen:
			return new JournalReadOnlyError(path, reason, options);
		case sqliteCodes.ioerr:
			return isFull(path) ? new JournalFullError(path, options) : new JournalIoError(path, reason, options);
		case sqliteCodes.nomem:
			return new JournalIoError(path, reason, options);
		// Tables, columns or values are not what this program made them: somebody else, or the disk, changed the file.
		default:
			return new JournalDamagedError(path, reason, options);
	}
}
