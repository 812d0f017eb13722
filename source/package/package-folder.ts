import {readdir, stat} from 'node:fs/promises';
import path from 'node:path';
import {UserError} from '../domain/user-error.ts';

/** A package file as a folder lists it; it has not been opened. */
export interface PackageFile {
	readonly path: string;
	/** File name without folder. */
	readonly file: string;
	/** Bytes. */
	readonly size: number;
}

export interface BrowsedEntry {
	readonly name: string;
	readonly path: string;
	readonly folder: boolean;
	/** Bytes; of files only. */
	readonly size?: number;
}

export interface BrowsedFolder {
	readonly path: string;
	/** Undefined at the top. */
	readonly parent?: string;
	/** Folders first, then packages, each by name; other files are left out. */
	readonly entries: readonly BrowsedEntry[];
}

/** More entries than this are not shown; whoever has them is better served by a path of his own. */
const mostEntries = 5000;

const packageName = /\.(?:dmupgrade|dmapp)$/i;

/** The packages right in a folder, by name. Rejects with a `FolderError`. */
export async function listPackages(folder: string): Promise<readonly PackageFile[]> {
	const {entries} = await browseFolder(folder);
	return entries.flatMap(({name, path: file, size}) =>
		size === undefined ? [] : [{path: file, file: name, size}],
	);
}

/** What the file browser shows of a folder. Rejects with a `FolderError`. */
export async function browseFolder(folder: string): Promise<BrowsedFolder> {
	const absolute = path.resolve(folder);
	const found = await readFolder(absolute);
	const entries = await Promise.all(
		found
			.filter(entry => !entry.name.startsWith('.') && (packageName.test(entry.name) || !entry.isFile()))
			.slice(0, mostEntries)
			.map(entry => describeEntry(absolute, entry.name)),
	);
	const parent = path.dirname(absolute);
	return {
		path: absolute,
		...(parent !== absolute && {parent}),
		entries: entries
			.filter(entry => entry !== undefined)
			.sort(
				(a, b) => Number(b.folder) - Number(a.folder) || a.name.localeCompare(b.name, 'en', {numeric: true}),
			),
	};
}

/** Undefined for what is neither a folder nor a package, and for what went away meanwhile. */
async function describeEntry(folder: string, name: string): Promise<BrowsedEntry | undefined> {
	const file = path.join(folder, name);
	try {
		const facts = await stat(file);
		if (facts.isDirectory()) {
			return {name, path: file, folder: true};
		}

		return facts.isFile() && packageName.test(name)
			? {name, path: file, folder: false, size: facts.size}
			: undefined;
	} catch {
		// A link to nowhere, or a folder that may not be looked into: there is nothing to choose behind it.
		return undefined;
	}
}

async function readFolder(folder: string) {
	try {
		return await readdir(folder, {withFileTypes: true});
	} catch (error) {
		throw new FolderError(folder, error as NodeJS.ErrnoException);
	}
}

/** A folder could not be read. */
export class FolderError extends UserError {
	readonly code = 'FOLDER_UNREADABLE';
	readonly nextSteps = ['Choose another folder.'];
	constructor(
		readonly folder: string,
		cause: NodeJS.ErrnoException,
	) {
		super(`The folder ${folder} cannot be read: ${reasons[cause.code ?? ''] ?? cause.message}.`, {cause});
	}
}

const reasons: Readonly<Record<string, string>> = {
	ENOENT: 'there is no such folder',
	ENOTDIR: 'it is no folder',
	EACCES: 'its rights do not allow it',
	EPERM: 'its rights do not allow it',
};
