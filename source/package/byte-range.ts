import type {FileHandle} from 'node:fs/promises';
import {RandomAccessReader} from 'yauzl';

const KiB = 1024;

/** A directory of 6,000 entries has about 600 KiB: three reads instead of 12,000. */
const readAhead = 256 * KiB;

/** Bytes that one step of a stream brings. */
const chunkSize = 256 * KiB;

/** A stretch of an open file that can be read as if it were a file of its own. It does not own the handle. */
export class ByteRange {
	readonly #handle: FileHandle;
	readonly #start: number;
	/** Bytes. */
	readonly length: number;

	constructor(handle: FileHandle, start: number, length: number) {
		this.#handle = handle;
		this.#start = start;
		this.length = length;
	}

	/** The caller sees to it that it lies inside. */
	slice(start: number, length: number): ByteRange {
		return new ByteRange(this.#handle, this.#start + start, length);
	}

	/** Fills the buffer from `position` on; resolves with fewer bytes only where the range, or the file, ends. */
	async read(buffer: Buffer, position: number): Promise<number> {
		if (!Number.isSafeInteger(position) || position < 0 || position >= this.length) {
			return 0;
		}

		const wanted = Math.min(buffer.length, this.length - position);
		let done = 0;
		while (done < wanted) {
			const {bytesRead} = await this.#handle.read(buffer, done, wanted - done, this.#start + position + done);
			if (bytesRead === 0) {
				break;
			}

			done += bytesRead;
		}

		return done;
	}

	async *chunks(start: number, end: number, signal?: AbortSignal): AsyncGenerator<Buffer, void> {
		for (let position = start; position < end;) {
			signal?.throwIfAborted();
			const buffer = Buffer.allocUnsafe(Math.min(chunkSize, end - position));
			const bytes = await this.read(buffer, position);
			if (bytes === 0) {
				return;
			}

			yield buffer.subarray(0, bytes);
			position += bytes;
		}
	}
}

type ReadCallback = (error: Error | null, bytesRead?: number) => void;

/**
 * Lets yauzl list a zip out of memory. yauzl asks for each directory entry with two tiny reads, which cost 50 times
 * as much as the listing itself when each goes to the disk.
 */
export class ReadAheadReader extends RandomAccessReader {
	#window = Buffer.alloc(0);
	#windowStart = 0;

	readonly #range: ByteRange;

	constructor(range: ByteRange) {
		super();
		this.#range = range;
	}

	override read(
		buffer: Buffer,
		offset: number,
		length: number,
		position: number,
		callback: ReadCallback,
	): void {
		if (this.#serve(buffer, offset, length, position)) {
			// yauzl reads on from within its callbacks: answers on the spot would nest until the stack is full.
			process.nextTick(callback, null, length);
			return;
		}

		this.#fill(length, position).then(
			() => {
				const available = Math.min(length, this.#window.length);
				this.#window.copy(buffer, offset, 0, available);
				process.nextTick(callback, null, available);
			},
			(error: unknown) => process.nextTick(callback, error),
		);
	}

	override close(callback: (error: Error | null) => void): void {
		setImmediate(callback, null);
	}

	#serve(buffer: Buffer, offset: number, length: number, position: number): boolean {
		const start = position - this.#windowStart;
		if (start < 0 || start + length > this.#window.length) {
			return false;
		}

		this.#window.copy(buffer, offset, start, start + length);
		return true;
	}

	async #fill(length: number, position: number): Promise<void> {
		const window = Buffer.allocUnsafe(Math.max(length, readAhead));
		const bytes = await this.#range.read(window, position);
		this.#window = window.subarray(0, bytes);
		this.#windowStart = position;
	}
}
