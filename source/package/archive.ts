import {crc32} from 'node:zlib';
import {type ZipFile, fromRandomAccessReaderPromise} from 'yauzl';
import {type ArchiveEntry, toArchiveEntry} from './archive-entry.ts';
import {ArchiveError} from './archive-error.ts';
import {type ByteRange, ReadAheadReader} from './byte-range.ts';
import {comparable} from './entry-name.ts';
import {inflate} from './inflate.ts';
import {fixedHeaderSize, localHeaderLength} from './local-header.ts';
import type {PackageLimits} from './package-limits.ts';

const noDirectory = 'End of central directory record signature not found';

/** Bytes of the record that ends a zip, without its comment. */
const endRecordSize = 22;

const localHeaderSignature = 0x04_03_4b_50;

/** So many entries are listed before others get their turn. */
const entriesPerTurn = 512;

/** Where the directory of a zip stands. */
export interface DirectoryPlace {
	readonly start: number;
	/** After its last entry that was counted. */
	readonly end: number;
	/** Where the record begins that ends the zip. */
	readonly endRecord: number;
}

/** A zip whose directory has been read. Everything that it says is a claim until its bytes have been read. */
export class Archive {
	/** The whole zip. */
	readonly bytes: ByteRange;
	readonly entries: readonly ArchiveEntry[];
	/** Sum of what all entries claim to be. */
	readonly unpackedSize: number;
	readonly directory: DirectoryPlace;

	private constructor(
		bytes: ByteRange,
		entries: readonly ArchiveEntry[],
		unpackedSize: number,
		directory: DirectoryPlace,
	) {
		this.bytes = bytes;
		this.entries = entries;
		this.unpackedSize = unpackedSize;
		this.directory = directory;
	}

	static async open(bytes: ByteRange, limits: PackageLimits, signal?: AbortSignal): Promise<Archive> {
		const zip = await openZip(bytes);
		try {
			return await Archive.#list(bytes, zip, limits, signal);
		} finally {
			zip.close();
		}
	}

	static async #list(bytes: ByteRange, zip: ZipFile, limits: PackageLimits, signal?: AbortSignal) {
		if (zip.entryCount > limits.entries) {
			throw new ArchiveError('too-large', `it lists ${zip.entryCount} entries`);
		}

		const entries: ArchiveEntry[] = [];
		const start = cursorOf(zip);
		let names = 0;
		let unpackedSize = 0;
		try {
			for await (const entry of zip.eachEntry()) {
				const read = toArchiveEntry(entry);
				names += read.name.length;
				unpackedSize += read.size;
				if (read.name.length > limits.nameLength || names > limits.allNames) {
					throw new ArchiveError('too-large', `the names of its entries are ${names} characters long`);
				}

				if (unpackedSize > limits.unpackedBytes) {
					throw new ArchiveError('too-large', `it claims to unpack to ${unpackedSize} bytes`);
				}

				entries.push(read);
				if (entries.length % entriesPerTurn === 0) {
					signal?.throwIfAborted();
					await new Promise(resolve => setImmediate(resolve));
				}
			}
		} catch (error) {
			throw signal?.aborted ? signal.reason : asArchiveError(error);
		}

		return new Archive(bytes, entries, unpackedSize, {
			start,
			end: cursorOf(zip),
			endRecord: bytes.length - endRecordSize - zip.comment.length,
		});
	}

	/** The files with this name, without regard to case. */
	find(name: string): readonly ArchiveEntry[] {
		const key = comparable(name);
		return this.entries.filter(entry => entry.key === key && !entry.folder);
	}

	/** Where the bytes of an entry stand, still compressed if they are. */
	async packedBytes(entry: ArchiveEntry): Promise<ByteRange> {
		const {start, end} = await this.#locate(entry);
		return this.bytes.slice(start, end - start);
	}

	/**
	 * The content of an entry, never more bytes than it claims. Ends with an error unless size and checksum come out
	 * right; whoever stops early gets no such proof.
	 */
	async *read(entry: ArchiveEntry, signal?: AbortSignal): AsyncGenerator<Buffer, void> {
		const {start, end} = await this.#locate(entry);
		let size = 0;
		let crc = 0;
		for await (const chunk of inflate(entry, this.bytes.chunks(start, end, signal))) {
			signal?.throwIfAborted();
			size += chunk.length;
			if (size > entry.size) {
				throw new ArchiveError('damaged', `${entry.name} is larger than it claims`);
			}

			crc = crc32(chunk, crc);
			yield chunk;
		}

		if (size !== entry.size) {
			throw new ArchiveError('damaged', `${entry.name} has ${size} bytes instead of ${entry.size}`);
		}

		if (crc !== entry.crc) {
			throw new ArchiveError('damaged', `the checksum of ${entry.name} is wrong`);
		}
	}

	async #locate(entry: ArchiveEntry): Promise<{start: number; end: number}> {
		if (entry.encrypted) {
			throw new ArchiveError('encrypted', entry.name);
		}

		const header = Buffer.alloc(fixedHeaderSize);
		const bytes = await this.bytes.read(header, entry.headerOffset);
		const start = entry.headerOffset + localHeaderLength(header.subarray(0, bytes), entry);
		const end = start + entry.packedSize;
		if (end > this.directory.start) {
			throw new ArchiveError('damaged', `${entry.name} reaches beyond the end`);
		}

		return {start, end};
	}
}

/** Where yauzl reads the next entry of the directory; its types call the number a boolean. */
function cursorOf(zip: ZipFile): number {
	return Number(zip.readEntryCursor);
}

async function openZip(bytes: ByteRange): Promise<ZipFile> {
	try {
		return await fromRandomAccessReaderPromise(new ReadAheadReader(bytes), bytes.length, {
			autoClose: false,
			// Names are judged here: yauzl would end the whole listing at the first bad one.
			decodeStrings: false,
		});
	} catch (error) {
		if (!(error instanceof Error && error.message.startsWith(noDirectory))) {
			throw asArchiveError(error);
		}

		// A zip has its directory at its end: what begins as one and has none lost its end.
		const start = Buffer.alloc(4);
		await bytes.read(start, 0);
		throw start.readUInt32LE(0) === localHeaderSignature
			? new ArchiveError('cut-off', 'is cut off', {cause: error})
			: new ArchiveError('no-zip', 'is no zip file', {cause: error});
	}
}

/** yauzl's errors have texts only; those of the operating system have codes and are passed on. */
function asArchiveError(error: unknown): unknown {
	if (!(error instanceof Error) || error instanceof ArchiveError || 'syscall' in error) {
		return error;
	}

	if (error.message.includes('encryption')) {
		return new ArchiveError('encrypted', 'its directory', {cause: error});
	}

	const reason = error.message.startsWith('Invalid comment length')
		? 'something follows where it should end'
		: `its directory is broken (${error.message})`;
	return new ArchiveError('damaged', reason, {cause: error});
}
