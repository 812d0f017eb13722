import {createHash} from 'node:crypto';
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
		const hash = createHash('sha256');
		const stream = handle.createReadStream({highWaterMark: readSize, autoClose: false});
		let bytes = 0;
		for await (const chunk of stream as AsyncIterable<Buffer>) {
			signal?.throwIfAborted();
			hash.update(chunk);
			bytes += chunk.length;
			onProgress?.(bytes);
		}

		return hash.digest('hex');
	} catch (error) {
		throw asReadError(path, error);
	} finally {
		await handle.close();
	}
}
