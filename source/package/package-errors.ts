import {formatBytes} from '../domain/format-bytes.ts';
import {visibleText} from '../domain/text.ts';
import {UserError} from '../domain/user-error.ts';

const downloadAgain = 'Download the package again and compare its size with the one on the download page.';

/** A package could not be opened, or something of it could not be had. Nothing was changed. */
export abstract class PackageError extends UserError {
	/** The package, as the user named it. */
	readonly path: string;

	constructor(path: string, sentence: string, options?: ErrorOptions) {
		super(`${visibleText(path)} ${sentence}`, options);
		this.path = path;
	}
}

export class PackageNotFoundError extends PackageError {
	readonly code = 'PACKAGE_NOT_FOUND';
	readonly nextSteps = ['Check the path; put it in quotes when it has blanks.'];

	constructor(path: string, options?: ErrorOptions) {
		super(path, 'does not exist.', options);
	}
}

/** A folder, a device or a pipe was given. */
export class PackageNotAFileError extends PackageError {
	readonly code = 'PACKAGE_NOT_A_FILE';
	readonly what: 'a folder' | 'no regular file';

	constructor(path: string, what: 'a folder' | 'no regular file') {
		super(path, `is ${what}; a package is a file that ends in .dmupgrade or .dmapp.`);
		this.what = what;
	}

	get nextSteps() {
		return [
			this.what === 'a folder'
				? 'Name the package inside the folder.'
				: 'Copy the package to a regular file.',
		];
	}
}

/** The operating system refused to let us read it, or failed to. */
export class PackageUnreadableError extends PackageError {
	readonly code = 'PACKAGE_UNREADABLE';
	readonly denied: boolean;

	constructor(path: string, denied: boolean, reason: string, options?: ErrorOptions) {
		super(path, `cannot be read: ${reason}.`, options);
		this.denied = denied;
	}

	get nextSteps() {
		return this.denied
			? ['Give the user that runs dms-upgrade the right to read the file and to enter its folders.']
			: ['Check the disk or the share that the file is on, then try again.'];
	}
}

export class PackageEmptyError extends PackageError {
	readonly code = 'PACKAGE_EMPTY';
	readonly nextSteps = [downloadAgain];

	constructor(path: string) {
		super(path, 'is empty (0 bytes): nothing of it has arrived.');
	}
}

export class NotAPackageError extends PackageError {
	readonly code = 'PACKAGE_NOT_A_ZIP';
	readonly nextSteps = ['Choose a .dmupgrade or .dmapp file.', downloadAgain];

	constructor(path: string, options?: ErrorOptions) {
		super(path, 'is no package: a package is a zip file, and this is none.', options);
	}
}

/** It begins as a zip and has no end. */
export class PackageCutOffError extends PackageError {
	readonly code = 'PACKAGE_CUT_OFF';
	readonly nextSteps = [downloadAgain];

	constructor(path: string, options?: ErrorOptions) {
		super(path, 'is cut off: it begins as a zip file, but its end is missing.', options);
	}
}

/** Its structure contradicts itself, or its bytes contradict their checksums. */
export class PackageDamagedError extends PackageError {
	readonly code = 'PACKAGE_DAMAGED';
	readonly nextSteps = [downloadAgain];

	constructor(path: string, reason: string, options?: ErrorOptions) {
		super(path, `is damaged: ${visibleText(reason, 300)}.`, options);
	}
}

export class UpdateZipMissingError extends PackageError {
	readonly code = 'UPDATE_ZIP_MISSING';
	/** Folder inside the package in which an Update.zip stands, where there is one. */
	readonly foundBelow: string | undefined;

	constructor(path: string, foundBelow?: string) {
		super(
			path,
			foundBelow === undefined
				? 'is a zip file without Update.zip, so that it has nothing to upgrade with.'
				: `has its Update.zip in the folder "${visibleText(foundBelow, 100)}", where DataMiner does not look for it.`,
		);
		this.foundBelow = foundBelow;
	}

	get nextSteps() {
		return this.foundBelow === undefined
			? ['Choose a .dmupgrade package, not a backup, a connector or an exported object.']
			: ['It seems to have been unpacked and zipped again: use the file as it was downloaded.'];
	}
}

/** The outer zip is fine; what it carries is not. */
export class UpdateZipDamagedError extends PackageError {
	readonly code = 'UPDATE_ZIP_DAMAGED';
	readonly nextSteps = [downloadAgain];

	constructor(path: string, reason: string, options?: ErrorOptions) {
		super(path, `has a damaged Update.zip: ${visibleText(reason, 300)}.`, options);
	}
}

export class PackageEncryptedError extends PackageError {
	readonly code = 'PACKAGE_ENCRYPTED';
	readonly nextSteps = ['Use the package as it was downloaded: DataMiner cannot open an encrypted one.'];

	constructor(path: string, entry: string, options?: ErrorOptions) {
		super(path, `is encrypted (${visibleText(entry, 200)}).`, options);
	}
}

/** Compressed in a way that neither we nor, as far as known, DataMiner can undo. */
export class PackageCompressionError extends PackageError {
	readonly code = 'PACKAGE_COMPRESSION';
	readonly nextSteps = ['Use the package as it was downloaded.'];

	constructor(path: string, how: string, options?: ErrorOptions) {
		super(path, `is compressed in a way that cannot be undone here: ${visibleText(how, 300)}.`, options);
	}
}

/** It claims to be, or turned out to be, larger than what is handled. Nothing of it was left on the disk. */
export class PackageTooLargeError extends PackageError {
	readonly code = 'PACKAGE_TOO_LARGE';
	readonly nextSteps = [
		'Check where the package comes from: no DataMiner package is that large.',
		downloadAgain,
	];

	constructor(path: string, reason: string, options?: ErrorOptions) {
		super(path, `is too large: ${visibleText(reason, 300)}.`, options);
	}
}

/** Its compressed Update.zip has to be unpacked for a moment, and there is no room for that. */
export class NoTemporarySpaceError extends PackageError {
	readonly code = 'NO_TEMPORARY_SPACE';
	readonly folder: string;
	/** Bytes. */
	readonly needed: number;

	constructor(path: string, folder: string, needed: number, reason: string, options?: ErrorOptions) {
		super(
			path,
			`cannot be opened: its Update.zip is compressed, and unpacking it takes ${formatBytes(needed)} in ${visibleText(folder)}, where ${reason}.`,
			options,
		);
		this.folder = folder;
		this.needed = needed;
	}

	get nextSteps() {
		return [
			`Free space in ${visibleText(this.folder)}.`,
			'Or point TMPDIR (TEMP on Windows) to a larger disk.',
		];
	}
}

/** A name in the package points outside the folder that it is unpacked to. Nothing was written. */
export class EntryNameRefusedError extends PackageError {
	readonly code = 'ENTRY_NAME_ESCAPES';
	readonly nextSteps = [
		'Do not use this package: an honest one has no such names.',
		'Check where it comes from, and download it again.',
	];

	readonly entry: string;

	constructor(path: string, entry: string, reason: string) {
		super(path, `contains "${visibleText(entry, 200)}", ${reason}. Nothing was unpacked.`);
		this.entry = entry;
	}
}

/** The prerequisites could not be written to this computer. */
export class PrerequisitesNotWrittenError extends PackageError {
	readonly code = 'PREREQUISITES_NOT_WRITTEN';
	readonly nextSteps: readonly string[];

	constructor(path: string, folder: string, reason: string, options?: ErrorOptions) {
		super(path, `could not be unpacked into ${visibleText(folder)}: ${reason}.`, options);
		this.nextSteps = [`Check the free space and the rights of ${visibleText(folder)}.`];
	}
}
