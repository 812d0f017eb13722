import {Readable, pipeline} from 'node:stream';
import {createInflateRaw} from 'node:zlib';
import {type ArchiveEntry, deflated, stored} from './archive-entry.ts';
import {ArchiveError} from './archive-error.ts';

/** Bytes that one step of unpacking brings. */
const chunkSize = 256 * 1024;

/** The content of an entry out of its packed bytes; rejects with an `ArchiveError` where they do not hold together. */
export async function* inflate(
	entry: ArchiveEntry,
	packed: AsyncGenerator<Buffer, void>,
): AsyncGenerator<Buffer, void> {
	checkMethod(entry);
	if (entry.method === stored) {
		yield* packed;
		return;
	}

	const engine = createInflateRaw({chunkSize});
	// The error reaches the reader of the stream; the callback only says that somebody listens.
	const unpacked = pipeline(Readable.from(packed, {objectMode: false}), engine, () => undefined);
	try {
		yield* unpacked as AsyncIterable<Buffer>;
	} catch (error) {
		throw asDamage(entry, error);
	}

	checkConsumed(entry, engine.bytesWritten);
}

/** Rejects with an `ArchiveError` where we cannot undo the compression. */
export function checkMethod(entry: ArchiveEntry): void {
	if (entry.method !== stored && entry.method !== deflated) {
		throw new ArchiveError('compression', `${entry.name} by method ${entry.method}`);
	}
}

/** Bytes that the unpacking did not need are bytes that nobody checks. */
export function checkConsumed(entry: ArchiveEntry, bytes: number): void {
	if (bytes !== entry.packedSize) {
		throw new ArchiveError('damaged', `${entry.name} goes on after its end`);
	}
}

/** Turns the errors of zlib into an `ArchiveError`; others are returned as they are. */
export function asDamage(entry: ArchiveEntry, error: unknown): unknown {
	const code = error instanceof Error && 'code' in error ? error.code : undefined;
	return typeof code === 'string' && (code.startsWith('Z_') || code === 'ERR_STREAM_PREMATURE_CLOSE')
		? new ArchiveError('damaged', `${entry.name} cannot be decompressed`, {cause: error})
		: error;
}
