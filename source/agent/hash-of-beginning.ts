import {createHash} from 'node:crypto';
import {createReadStream} from 'node:fs';
import {pipeline} from 'node:stream/promises';
import {LocalFileError} from './local-file-error.ts';

/** Smaller reads cost a third of the speed; larger ones hold up everything else of the process for longer. */
const readBytes = 1024 * 1024;

/** The SHA-256 of the first `length` bytes of a file on this computer, in lower case. `length` is above 0. */
export async function hashOfBeginning(path: string, length: number, signal?: AbortSignal): Promise<string> {
	const hash = createHash('sha256');
	const beginning = createReadStream(path, {end: length - 1, highWaterMark: readBytes});
	try {
		await pipeline(beginning, hash, {...(signal && {signal})});
	} catch (error) {
		signal?.throwIfAborted();
		throw new LocalFileError(path, {cause: error});
	}

	return hash.digest('hex');
}
