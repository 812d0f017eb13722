import {mkdir, open, readdir, rm} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {formatBytes} from '../domain/format-bytes.ts';
import type {Archive} from './archive.ts';
import type {ArchiveEntry} from './archive-entry.ts';
import {comparable} from './entry-name.ts';
import {
	EntryNameRefusedError,
	PackageTooLargeError,
	PrerequisitesNotWrittenError,
	UpdateZipDamagedError,
} from './package-errors.ts';
import type {PackageLimits} from './package-limits.ts';
import {type PrerequisiteFile, prerequisiteFiles} from './prerequisites.ts';
import {reasonOf, systemCode} from './regular-file.ts';

/**
 * Writes what is below `Update.zip/Prerequisites` into a folder that is missing or empty. Everything is checked
 * before the first byte is written, and nothing is left there when it fails.
 */
export async function writePrerequisites(
	path: string,
	archive: Archive | undefined,
	intoFolder: string,
	limits: PackageLimits,
	signal?: AbortSignal,
): Promise<void> {
	signal?.throwIfAborted();
	const entries = archive?.entries ?? [];
	const files = prerequisiteFiles(entries);
	checkNames(path, entries, files);
	checkBounds(path, files, limits);
	let created: string | undefined;
	let ours = false;
	try {
		created = await mkdir(intoFolder, {recursive: true});
		if ((await readdir(intoFolder)).length > 0) {
			throw new PrerequisitesNotWrittenError(path, intoFolder, 'the folder is not empty');
		}

		ours = true;
		if (archive) {
			for (const file of files) {
				await writeFile(archive, file, intoFolder, signal);
			}
		}
	} catch (error) {
		if (ours) {
			await removeWritten(intoFolder, created);
		}

		const code = systemCode(error);
		throw code === undefined || isReadError(error)
			? error
			: new PrerequisitesNotWrittenError(
					path,
					intoFolder,
					code === 'ENOSPC'
						? 'the disk is full'
						: code === 'EEXIST'
							? 'a file is in the way'
							: reasonOf(code),
					{cause: error},
				);
	}
}

/** One bad name anywhere makes the whole package suspect. */
function checkNames(
	path: string,
	entries: readonly ArchiveEntry[],
	files: readonly PrerequisiteFile[],
): void {
	const refused =
		entries.find(entry => entry.flaw?.kind === 'escapes') ?? files.find(({entry}) => entry.flaw)?.entry;
	if (refused?.flaw) {
		throw new EntryNameRefusedError(path, refused.name, refused.flaw.reason);
	}

	const keys = new Set<string>();
	for (const file of files) {
		const key = comparable(file.path);
		if (keys.has(key)) {
			throw new UpdateZipDamagedError(path, `it has ${file.entry.name} twice`);
		}

		keys.add(key);
	}

	for (const key of keys) {
		for (let folder = dirname(key); folder !== '.'; folder = dirname(folder)) {
			if (keys.has(folder)) {
				throw new UpdateZipDamagedError(path, `it has ${folder} as a file and as a folder`);
			}
		}
	}
}

function checkBounds(path: string, files: readonly PrerequisiteFile[], limits: PackageLimits): void {
	if (files.length > limits.prerequisiteFiles) {
		throw new PackageTooLargeError(path, `it has ${files.length} files below Prerequisites`);
	}

	const size = files.reduce((sum, {entry}) => sum + entry.size, 0);
	if (size > limits.prerequisiteBytes) {
		throw new PackageTooLargeError(
			path,
			`its prerequisites claim to be ${formatBytes(size)}, more than the ${formatBytes(limits.prerequisiteBytes)} that are unpacked`,
		);
	}
}

async function writeFile(
	archive: Archive,
	{entry, path}: PrerequisiteFile,
	intoFolder: string,
	signal: AbortSignal | undefined,
): Promise<void> {
	const target = join(intoFolder, ...path.split('/'));
	await mkdir(dirname(target), {recursive: true});
	const handle = await open(target, 'wx', 0o600);
	try {
		for await (const chunk of archive.read(entry, signal)) {
			await handle.writeFile(chunk);
		}
	} finally {
		await handle.close();
	}
}

async function removeWritten(intoFolder: string, created: string | undefined): Promise<void> {
	if (created !== undefined) {
		await rm(created, {recursive: true, force: true});
		return;
	}

	for (const name of await readdir(intoFolder)) {
		await rm(join(intoFolder, name), {recursive: true, force: true});
	}
}

function isReadError(error: unknown): boolean {
	return error instanceof Error && 'syscall' in error && error.syscall === 'read';
}
