import {chmodSync, closeSync, fsyncSync, openSync, renameSync, statSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {JournalFullError, JournalIoError, JournalReadOnlyError} from './journal-errors.ts';

/** The files of a journal, beside each other in the state folder. */
export interface JournalFiles {
	readonly journal: string;
	/** SQLite's write-ahead log. */
	readonly log: string;
	/** Is there while somebody has to look whether the journal is damaged. */
	readonly suspicion: string;
	/** What is being saved from a damaged journal. */
	readonly saving: string;
	/** Everything that could be saved: it takes the journal's place. */
	readonly saved: string;
	/** Whoever makes, checks or replaces the journal locks this file. */
	readonly lock: string;
}

export function journalFiles(folder: string): JournalFiles {
	const journal = join(folder, 'journal.db');
	return {
		journal,
		log: `${journal}-wal`,
		suspicion: `${journal}.suspicion`,
		saving: `${journal}.saving`,
		saved: `${journal}.saved`,
		lock: `${journal}.lock`,
	};
}

/** What SQLite keeps beside a database: they go where it goes. */
export const companions = ['-wal', '-shm', '-journal'] as const;

/** In bytes; 0 where there is no such file. */
export function sizeOf(path: string): number {
	return statSync(path, {throwIfNoEntry: false})?.size ?? 0;
}

/**
 * Whether SQLite takes a file for an empty database: then it deletes the log beside it. One byte is what it writes into an
 * empty file where the file system wants that (`os_unix.c`).
 */
export function isEmpty(path: string): boolean {
	return sizeOf(path) <= 1;
}

/** Changes whenever the path comes to name another file; undefined where it names none. */
export function identityOf(path: string): string | undefined {
	const stats = statSync(path, {throwIfNoEntry: false, bigint: true});
	return stats && `${stats.dev}:${stats.ino}`;
}

/**
 * Makes an empty file for its owner alone, if there is none. Never for a database that is open in this process: when
 * any file handle to it is closed, POSIX drops the locks of all. Source: https://www.sqlite.org/howtocorrupt.html
 */
export function beginFile(path: string): void {
	closeSync(openSync(path, 'a', 0o600));
	syncFolder(dirname(path));
}

/** Takes the rights of others away from files of ours, those beside it included. */
export function closeToOthers(path: string): void {
	for (const file of [path, ...companions.map(ending => path + ending)]) {
		const stats = statSync(file, {throwIfNoEntry: false});
		// Windows has no such rights: files inherit theirs from the user's own folders.
		if (stats && stats.uid === process.getuid?.() && (stats.mode & 0o077) !== 0) {
			chmodSync(file, 0o600);
		}
	}
}

/** A new name is on the disk only when its folder is. */
export function syncFolder(folder: string): void {
	// Windows cannot open folders, and does not need this.
	if (process.platform !== 'win32') {
		sync(folder, 'r');
	}
}

export function syncFile(path: string): void {
	// Windows does so only for those who may write.
	sync(path, 'r+');
}

function sync(path: string, flags: string): void {
	const file = openSync(path, flags);
	try {
		fsyncSync(file);
	} finally {
		closeSync(file);
	}
}

export function renameDurably(from: string, to: string): void {
	renameSync(from, to);
	syncFolder(dirname(to));
}

/** Turns what the operating system says into what the user can understand; other errors are returned as they are. */
export function asFileError(path: string, error: unknown): unknown {
	if (!(error instanceof Error && 'syscall' in error && 'code' in error)) {
		return error;
	}

	const options = {cause: error};
	switch (error.code) {
		case 'ENOSPC':
		case 'EDQUOT':
			return new JournalFullError(path, options);
		case 'EACCES':
		case 'EPERM':
			return new JournalReadOnlyError(path, 'permission denied', options);
		case 'EROFS':
			return new JournalReadOnlyError(path, 'it is on a read-only file system', options);
		case 'EISDIR':
			return new JournalReadOnlyError(path, 'it is a folder', options);
		case 'ENOENT':
		case 'ENOTDIR':
			return new JournalReadOnlyError(path, 'its folder is missing', options);
		default:
			return new JournalIoError(path, `the system says ${String(error.code)}`, options);
	}
}
