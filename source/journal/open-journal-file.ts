import {existsSync, rmSync} from 'node:fs';
import {visibleText} from '../domain/text.ts';
import type {Failure} from '../domain/user-error.ts';
import {findLogDamage} from './damaged-log.ts';
import {JournalDamagedError} from './journal-errors.ts';
import {type JournalFiles, asFileError, beginFile, isEmpty, journalFiles, sizeOf} from './journal-files.ts';
import {exclusively} from './journal-lock.ts';
import type {JournalTables} from './journal-tables.ts';
import type {Liveness} from './leases-table.ts';
import {openTables} from './open-tables.ts';
import {finishReplacing, replaceDamaged} from './replace-damaged.ts';
import {findDamage, liveRunsIn} from './salvage.ts';
import {asJournalError} from './sqlite-failure.ts';

/**
 * Opens the journal in a folder, or begins one. A damaged one is moved aside, and what is whole of it saved; `onNotice`
 * is told. Throws a `JournalError`.
 */
export function openJournalFile(
	folder: string,
	liveness: Liveness,
	onNotice: (notice: Failure) => void,
): JournalTables {
	const files = journalFiles(folder);
	try {
		return openSound(files) ?? exclusively(files.lock, () => openAlone(files, liveness, onNotice));
	} catch (error) {
		throw asFileError(files.journal, asJournalError(files.journal, error));
	}
}

type Opening = {readonly tables: JournalTables} | {readonly damage: JournalDamagedError};

/** The usual case: a journal that nobody has to look at first. */
function openSound(files: JournalFiles): JournalTables | undefined {
	const isUsual =
		!isEmpty(files.journal) &&
		!existsSync(files.suspicion) &&
		!existsSync(files.saved) &&
		!findLogDamage(files.log);
	const opening = isUsual ? tryOpening(files) : undefined;
	return opening && 'tables' in opening ? opening.tables : undefined;
}

/** Nobody else begins, checks or replaces the journal meanwhile. */
function openAlone(
	files: JournalFiles,
	liveness: Liveness,
	onNotice: (notice: Failure) => void,
): JournalTables {
	const finished = finishReplacing(files, liveness.now());
	if (finished) {
		onNotice(finished);
	}

	const opening = checked(files, openOrBegin(files, liveness, onNotice), liveness);
	if ('tables' in opening) {
		return opening.tables;
	}

	onNotice(replaceDamaged(files, opening.damage, liveness.now()));
	return openTables(files);
}

function openOrBegin(files: JournalFiles, liveness: Liveness, onNotice: (notice: Failure) => void): Opening {
	if (!isEmpty(files.journal)) {
		const damage = logDamage(files, liveness, onNotice);
		return damage ? {damage} : tryOpening(files);
	}

	// SQLite would delete the log of an empty file, and with it all that is left of the journal.
	if (sizeOf(files.log) > 0) {
		return {damage: new JournalDamagedError(files.journal, 'it is empty, and its write-ahead log is not')};
	}

	if (existsSync(files.journal)) {
		onNotice(wasEmpty(files.journal));
	}

	beginFile(files.journal);
	return {tables: openTables(files)};
}

/** Before it is opened: whoever is the first to do so decides where the log ends, and the next commit takes the place. */
function logDamage(
	{journal, log}: JournalFiles,
	liveness: Liveness,
	onNotice: (notice: Failure) => void,
): JournalDamagedError | undefined {
	const found = findLogDamage(log);
	// A runner that is at work knows better than the file where its log ends.
	if (!found || liveRunsIn(journal, liveness) > 0) {
		return undefined;
	}

	if (found.mayBeTorn) {
		onNotice(lastWriteTorn(journal));
		return undefined;
	}

	const {frame, commits} = found;
	const lost = commits === undefined ? 'what was written last is' : `the last ${commits} writes are`;
	return new JournalDamagedError(
		journal,
		`its write-ahead log is not as it was written from frame ${frame} on, so that ${lost} lost`,
		{newestLost: true},
	);
}

function wasEmpty(journal: string): Failure {
	return {
		code: 'JOURNAL_WAS_EMPTY',
		message: `The journal ${visibleText(journal)} was an empty file, as when its beginning was cut off. A new one is begun in it.`,
		nextSteps: [
			'If there were runs in it, put the file back from a backup, and check the disk that it is on.',
		],
	};
}

function lastWriteTorn(journal: string): Failure {
	return {
		code: 'JOURNAL_LAST_WRITE_TORN',
		message: `The last write to the journal ${visibleText(journal)} is not whole, as when power goes in the middle of it: it does not count. Everything before it is there.`,
		nextSteps: ['If neither this computer nor dms-upgrade was cut off, check the disk that it is on.'],
	};
}

function tryOpening(files: JournalFiles): Opening {
	try {
		return {tables: openTables(files)};
	} catch (error) {
		if (error instanceof JournalDamagedError) {
			return {damage: error};
		}

		throw error;
	}
}

/** Looks at all of a journal in which somebody has met damage. */
function checked(files: JournalFiles, opening: Opening, liveness: Liveness): Opening {
	if ('damage' in opening || !existsSync(files.suspicion)) {
		return opening;
	}

	const {tables} = opening;
	// A runner that is at work would lose its journal: the check waits until there is none.
	if (liveRunsIn(files.journal, liveness) > 0) {
		return opening;
	}

	const damage = findDamage(tables);
	if (damage) {
		tables.connection.close();
		return {damage};
	}

	rmSync(files.suspicion);
	return opening;
}
