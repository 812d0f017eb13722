import {type FileHandle, open, stat} from 'node:fs/promises';
import {PackageNotAFileError, PackageNotFoundError, PackageUnreadableError} from './package-errors.ts';

export interface OpenFile {
	readonly handle: FileHandle;
	/** Bytes. */
	readonly size: number;
}

/** Opens a file for reading. Opening a pipe would wait for a writer without end, so that is refused before. */
export async function openRegularFile(path: string): Promise<OpenFile> {
	try {
		const stats = await stat(path);
		if (!stats.isFile()) {
			throw new PackageNotAFileError(path, stats.isDirectory() ? 'a folder' : 'no regular file');
		}

		return {handle: await open(path, 'r'), size: stats.size};
	} catch (error) {
		throw asReadError(path, error);
	}
}

const reasons: Readonly<Record<string, string>> = {
	EACCES: 'permission denied',
	EPERM: 'permission denied',
	EIO: 'the disk reports an error',
	EBUSY: 'another program holds it',
	EMFILE: 'too many files are open',
	ELOOP: 'its links lead in a circle',
	ENAMETOOLONG: 'the path is too long',
	ESTALE: 'the share is gone',
};

/** Turns what the operating system says into what the user can understand; other errors are returned as they are. */
export function asReadError(path: string, error: unknown): unknown {
	const code = systemCode(error);
	if (code === undefined) {
		return error;
	}

	if (code === 'ENOENT' || code === 'ENOTDIR') {
		return new PackageNotFoundError(path, {cause: error});
	}

	return new PackageUnreadableError(path, code === 'EACCES' || code === 'EPERM', reasonOf(code), {
		cause: error,
	});
}

/** The code of an error that comes from the operating system, such as `ENOSPC`. */
export function systemCode(error: unknown): string | undefined {
	return error instanceof Error && 'syscall' in error && 'code' in error && typeof error.code === 'string'
		? error.code
		: undefined;
}

export function reasonOf(code: string): string {
	return reasons[code] ?? `the system says ${code}`;
}
