import {createHash} from 'node:crypto';
import {ByteRange} from './byte-range.ts';
import {openRegularFile, asReadError} from './regular-file.ts';

export interface HashOptions {
	/** Called with the bytes read so far, at most once for each MiB. */
	readonly onProgress?: (bytes: number) => void;
	readonly signal?: AbortSignal;
}

/** Smaller reads cost a third of the speed. */
const readSize = 1024 ** 2;

/**
 * The SHA-256 of a whole file: hexadecimal, lower case. Rejects with a `PackageError` where it cannot be read, and
 * with the signal's reason when that is aborted.
 */
export async function sha256OfFile(path: string, {onProgress, signal}: HashOptions = {}): Promise<string> {
	signal?.throwIfAborted();
	const {handle} = await openRegularFile(path);
	try {
		let bytes = 0;
		const onRead = (more: number) => {
			bytes += more;
			onProgress?.(bytes);
		};
		// To the end, wherever that is by then.
		return await sha256OfRange(new ByteRange(handle, 0, Infinity), onRead, signal);
	} catch (error) {
		throw asReadError(path, error);
	} finally {
		await handle.close();
	}
}

/** The SHA-256 of a stretch of an open file; `onRead` is called with the bytes of each step. */
export async function sha256OfRange(
	range: ByteRange,
	onRead: (bytes: number) => void,
	signal?: AbortSignal,
): Promise<string> {
	const hash = createHash('sha256');
	const buffer = Buffer.allocUnsafe(readSize);
	let position = 0;
	for (;;) {
		signal?.throwIfAborted();
		const bytes = await range.read(buffer, position);
		if (bytes === 0) {
			return hash.digest('hex');
		}

		hash.update(buffer.subarray(0, bytes));
		position += bytes;
		onRead(bytes);
	}
}
