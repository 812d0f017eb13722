import type {FileHandle} from 'node:fs/promises';
import {formatBytes} from '../domain/format-bytes.ts';
import type {Archive} from './archive.ts';
import {type ArchiveEntry, stored} from './archive-entry.ts';
import {ByteRange} from './byte-range.ts';
import {NoTemporarySpaceError, PackageTooLargeError} from './package-errors.ts';
import {isBomb} from './bombs.ts';
import type {PackageLimits} from './package-limits.ts';
import {reasonOf, systemCode} from './regular-file.ts';
import {createTemporaryFile, freeBytesIn} from './temporary-file.ts';

/** The bytes of an Update.zip, to be read at random. */
export interface UpdateZipBytes {
	readonly bytes: ByteRange;
	release(): Promise<void>;
}

export interface UnpackOptions {
	readonly limits: PackageLimits;
	/** Where a compressed Update.zip is unpacked to. */
	readonly temporaryFolder: string;
	readonly signal: AbortSignal | undefined;
}

/**
 * Makes the Update.zip readable: a stored one in place, a compressed one through a temporary file, whose size is
 * checked before and while it is written.
 */
export async function readUpdateZip(
	path: string,
	outer: Archive,
	entry: ArchiveEntry,
	options: UnpackOptions,
): Promise<UpdateZipBytes> {
	if (entry.method === stored) {
		return {bytes: await outer.packedBytes(entry), release: () => Promise.resolve()};
	}

	await checkRoom(path, entry, options);
	try {
		return await unpack(outer, entry, options);
	} catch (error) {
		const code = systemCode(error);
		throw code === undefined || isReadError(error)
			? error
			: new NoTemporarySpaceError(
					path,
					options.temporaryFolder,
					entry.size,
					code === 'ENOSPC' || code === 'EDQUOT' ? 'the disk is full' : reasonOf(code),
					{cause: error},
				);
	}
}

/** Then it is the package that could not be read, and not the temporary file that could not be written. */
function isReadError(error: unknown): boolean {
	return error instanceof Error && 'syscall' in error && error.syscall === 'read';
}

async function checkRoom(
	path: string,
	entry: ArchiveEntry,
	{limits, temporaryFolder}: UnpackOptions,
): Promise<void> {
	const {size} = entry;
	if (size > limits.temporaryBytes) {
		throw new PackageTooLargeError(
			path,
			`its Update.zip claims to be ${formatBytes(size)}, more than the ${formatBytes(limits.temporaryBytes)} that are unpacked`,
		);
	}

	if (isBomb(entry, limits)) {
		throw new PackageTooLargeError(
			path,
			`its Update.zip claims to be ${formatBytes(size)} out of ${formatBytes(entry.packedSize)}, far more than a zip that was packed twice can`,
		);
	}

	let free: number;
	try {
		free = await freeBytesIn(temporaryFolder);
	} catch (error) {
		const code = systemCode(error) ?? 'no free space';
		throw new NoTemporarySpaceError(path, temporaryFolder, size, reasonOf(code), {cause: error});
	}

	if (size > free - limits.spareBytes) {
		throw new NoTemporarySpaceError(
			path,
			temporaryFolder,
			size,
			`${formatBytes(free)} are free, of which ${formatBytes(limits.spareBytes)} stay so`,
		);
	}
}

async function unpack(outer: Archive, entry: ArchiveEntry, options: UnpackOptions): Promise<UpdateZipBytes> {
	const file = await createTemporaryFile(options.temporaryFolder);
	try {
		let position = 0;
		for await (const chunk of outer.read(entry, options.signal)) {
			// The archive yields no byte beyond the claimed size, for which there is room.
			await writeFully(file.handle, chunk, position);
			position += chunk.length;
		}

		return {bytes: new ByteRange(file.handle, 0, position), release: () => file.remove()};
	} catch (error) {
		await file.remove();
		throw error;
	}
}

async function writeFully(handle: FileHandle, chunk: Buffer, position: number): Promise<void> {
	for (let done = 0; done < chunk.length;) {
		const {bytesWritten} = await handle.write(chunk, done, chunk.length - done, position + done);
		done += bytesWritten;
	}
}
