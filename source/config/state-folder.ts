import {access, chmod, constants, mkdir, stat} from 'node:fs/promises';
import path from 'node:path';
import {visibleText} from '../domain/text.ts';
import {UserError} from '../domain/user-error.ts';

const name = 'dms-upgrade';

/** What tells where programs keep their state. */
export interface Surroundings {
	readonly platform: NodeJS.Platform;
	readonly environment: Readonly<Record<string, string | undefined>>;
	/** The user's home folder. */
	readonly home: string;
}

/**
 * The folder for what has to outlive the program: state, and neither configuration nor cache.
 * Sources: XDG Base Directory Specification; Apple, File System Programming Guide; Microsoft, KNOWNFOLDERID.
 */
export function stateFolder({platform, environment, home}: Surroundings): string {
	switch (platform) {
		case 'win32': {
			const local = absoluteFolder(path.win32, environment['LOCALAPPDATA']);
			return path.win32.join(local ?? path.win32.join(home, 'AppData', 'Local'), name);
		}

		case 'darwin':
			return path.posix.join(home, 'Library', 'Application Support', name);
		default: {
			const state = absoluteFolder(path.posix, environment['XDG_STATE_HOME']);
			return path.posix.join(state ?? path.posix.join(home, '.local', 'state'), name);
		}
	}
}

/** A relative path is invalid and is to be ignored. Source: XDG Base Directory Specification, "Basics" */
export function absoluteFolder(rules: path.PlatformPath, folder: string | undefined): string | undefined {
	return folder !== undefined && rules.isAbsolute(folder) ? folder : undefined;
}

/** The state folder cannot be made, entered or written. */
export class StateFolderError extends UserError {
	readonly code = 'STATE_FOLDER';
	readonly folder: string;
	readonly nextSteps: readonly string[];

	constructor(folder: string, reason: string, nextStep: string, options?: ErrorOptions) {
		super(`The state folder ${visibleText(folder)} cannot be used: ${reason}.`, options);
		this.folder = folder;
		this.nextSteps = [nextStep];
	}
}

const elsewhere = 'point XDG_STATE_HOME (LOCALAPPDATA on Windows) to another folder.';

/** What the system says when a folder cannot be made or written, and what to do about it. */
const causes: Readonly<Record<string, readonly [reason: string, nextStep: string]>> = {
	EACCES: ['permission denied', 'Give yourself the right to write there'],
	EPERM: ['permission denied', 'Give yourself the right to write there'],
	EROFS: ['it is on a read-only file system', 'Make that writable'],
	ENOSPC: ['the disk is full', 'Free space on that disk'],
	EDQUOT: ['your disk quota is used up', 'Free space on that disk'],
	EEXIST: ['a file, or a link that leads nowhere, is in its way', 'Move it away'],
	ENOTDIR: ['a file, or a link that leads nowhere, is in its way', 'Move it away'],
	ENOENT: ['a link in its path leads nowhere', 'Mend the link'],
	ELOOP: ['its links lead in a circle', 'Mend the links'],
};

/** Why a folder cannot be made or written, and a next step without its full stop. */
export function whyFolderFails(error: unknown): readonly [reason: string, nextStep: string] {
	const code = codeOf(error);
	return causes[code] ?? [`the system says ${code}`, 'Check the disk or the share that it is on'];
}

/**
 * Makes the folder where it is missing, for its owner alone, and takes the rights of others away from one that is
 * ours. Throws `StateFolderError`.
 */
export async function prepareStateFolder(folder: string): Promise<void> {
	try {
		await makePrivateFolder(folder);
	} catch (error) {
		const [reason, nextStep] = whyFolderFails(await reasonFor(folder, codeOf(error)));
		throw new StateFolderError(folder, reason, `${nextStep}, or ${elsewhere}`, {cause: error});
	}
}

/** As `prepareStateFolder`, with the errors of the system. */
export async function makePrivateFolder(folder: string): Promise<void> {
	await mkdir(folder, {recursive: true, mode: 0o700});
	const {uid, mode} = await stat(folder);
	// Windows knows neither: there, the user's own folders are closed to others by inheritance.
	if (uid === process.getuid?.() && (mode & 0o777) !== 0o700) {
		await chmod(folder, 0o700);
	}

	await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
}

/** Node says ENOENT, too, where no folder can be made because all of the file system is read only. */
async function reasonFor(folder: string, code: string): Promise<string> {
	if (code !== 'ENOENT') {
		return code;
	}

	for (let above = path.dirname(folder); ; above = path.dirname(above)) {
		try {
			await access(above, constants.W_OK);
			return code;
		} catch (error) {
			if (codeOf(error) !== 'ENOENT' || above === path.dirname(above)) {
				return codeOf(error);
			}
		}
	}
}

/** Whether it is an error of the system about a file or a folder. */
export function isFileSystemError(error: unknown): boolean {
	return error instanceof Error && 'code' in error && 'syscall' in error;
}

function codeOf(error: unknown): string {
	return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
