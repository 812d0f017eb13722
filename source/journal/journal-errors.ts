import {visibleText} from '../domain/text.ts';
import {UserError} from '../domain/user-error.ts';

/** Something about the journal's file. What was resolved before it was thrown is kept. */
export abstract class JournalError extends UserError {
	/** The journal's file. */
	readonly path: string;

	constructor(path: string, sentence: string, options?: ErrorOptions) {
		super(`The journal ${visibleText(path)} ${sentence}`, options);
		this.path = path;
	}
}

export class JournalFullError extends JournalError {
	readonly code = 'JOURNAL_DISK_FULL';

	constructor(path: string, options?: ErrorOptions) {
		super(path, 'cannot grow: the disk is full. What was to be written was not.', options);
	}

	get nextSteps() {
		return [`Free space on the disk that ${visibleText(this.path)} is on, then try again.`];
	}
}

export class JournalReadOnlyError extends JournalError {
	readonly code = 'JOURNAL_READ_ONLY';

	constructor(path: string, reason: string, options?: ErrorOptions) {
		super(path, `cannot be written: ${visibleText(reason, 200)}.`, options);
	}

	get nextSteps() {
		return [
			'Give the user that runs dms-upgrade the right to write the file and its folder.',
			'Check whether dms-upgrade ran as another user before, with sudo for example.',
		];
	}
}

/** The disk, or whatever stands for it, failed to read or write. */
export class JournalIoError extends JournalError {
	readonly code = 'JOURNAL_IO';
	readonly nextSteps = ['Check the disk or the share that the file is on, then try again.'];

	constructor(path: string, reason: string, options?: ErrorOptions) {
		super(path, `cannot be read or written: ${visibleText(reason, 200)}.`, options);
	}
}

/** Another process held the journal for longer than any write takes. */
export class JournalBusyError extends JournalError {
	readonly code = 'JOURNAL_BUSY';
	readonly nextSteps = [
		'Try again.',
		'If it stays so, look for a dms-upgrade process that was suspended, and end it or let it go on.',
	];

	constructor(path: string, options?: ErrorOptions) {
		super(path, 'is held by another process, which does not let go of it.', options);
	}
}

/** What it holds contradicts itself. The next time that the journal is opened, it is checked and repaired. */
export class JournalDamagedError extends JournalError {
	readonly code = 'JOURNAL_DAMAGED';
	readonly nextSteps = [
		'Start dms-upgrade again: it moves the damaged file aside and saves every run that is whole.',
		'Check the disk that the file is on.',
	];

	/** Whether what was written last may be missing from what can be read. */
	readonly newestLost: boolean;

	constructor(path: string, reason: string, options: ErrorOptions & {readonly newestLost?: boolean} = {}) {
		super(path, `is damaged: ${visibleText(reason, 300)}.`, options);
		this.newestLost = options.newestLost ?? false;
	}
}

/** It is damaged and cannot be moved out of the way. */
export class JournalStuckError extends JournalError {
	readonly code = 'JOURNAL_STUCK';
	readonly nextSteps = [
		'Close every other dms-upgrade, then try again.',
		'Or move the file away by hand: a new journal is begun then.',
	];

	constructor(path: string, reason: string, options?: ErrorOptions) {
		super(path, `is damaged and cannot be moved aside: ${visibleText(reason, 300)}.`, options);
	}
}

/** A newer version of this program wrote it. Nothing was changed. */
export class JournalNewerError extends JournalError {
	readonly code = 'JOURNAL_NEWER';
	readonly nextSteps: readonly string[];

	constructor(path: string, found: number, known: number) {
		super(
			path,
			`was written by a newer dms-upgrade (format ${found}; this version knows formats up to ${known}).`,
		);
		this.nextSteps = [
			'Use the newer version.',
			`Or move ${visibleText(path)} away, with the files beside it that begin with its name; the runs in it are not seen then.`,
		];
	}
}

/** It was moved or deleted while this process used it. */
export class JournalReplacedError extends JournalError {
	readonly code = 'JOURNAL_REPLACED';
	readonly nextSteps = ['Start dms-upgrade again; an interrupted run can be gone on with.'];

	constructor(path: string) {
		super(path, 'was moved or deleted while it was in use.');
	}
}
