import {createReadStream} from 'node:fs';
import {Readable} from 'node:stream';
import {LocalFileError} from '../../../agent/local-file-error.ts';

const defaultPieceBytes = 1024 * 1024;

export interface LocalBytesOptions {
	/** The first byte, and the one behind the last. */
	readonly start?: number;
	readonly end?: number;
	/** Read, and sent, at once. */
	readonly pieceBytes?: number;
	/** Awaited before so many bytes go: a piece, or the last bytes. */
	readonly pace?: (bytes: number) => Promise<void>;
	/** Told how many bytes of this piece of the file have gone. */
	readonly onProgress?: (bytes: number) => void;
}

/** What is sent of a file on this computer. Fails with `LocalFileError`; the file is closed however it ends. */
export function localBytes(path: string, options: LocalBytesOptions = {}): Readable {
	return Readable.from(read(path, options), {objectMode: false, highWaterMark: defaultPieceBytes});
}

async function* read(
	path: string,
	{start = 0, end = Infinity, pieceBytes = defaultPieceBytes, pace, onProgress}: LocalBytesOptions,
): AsyncGenerator<Buffer, void, undefined> {
	// A range of no bytes cannot be asked for.
	if (end <= start) {
		return;
	}

	const file = createReadStream(path, {
		start,
		...(end !== Infinity && {end: end - 1}),
		highWaterMark: pieceBytes,
	});
	let gone = 0;
	const pieces = file[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
	try {
		for (;;) {
			const next = await pieces.next().catch((error: unknown) => {
				throw new LocalFileError(path, {cause: error});
			});
			if (next.done) {
				return;
			}

			await pace?.(next.value.length);
			gone += next.value.length;
			onProgress?.(gone);
			yield next.value;
		}
	} finally {
		file.destroy();
	}
}
