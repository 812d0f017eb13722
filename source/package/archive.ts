import {Readable, pipeline} from 'node:stream';
import {crc32, createInflateRaw} from 'node:zlib';
import {type Entry, type ZipFile, fromRandomAccessReaderPromise, getFileNameLowLevel} from 'yauzl';
import {type ByteRange, ReadAheadReader} from './byte-range.ts';
import {type NameFlaw, comparable, flawOf} from './entry-name.ts';
import type {PackageLimits} from './package-limits.ts';

/** Why a zip, or one of its entries, cannot be read. */
export type ArchiveFault = 'no-zip' | 'cut-off' | 'damaged' | 'encrypted' | 'compression' | 'too-large';

/** Says what is wrong with a zip without knowing which one it is: whoever opened it knows. */
export class ArchiveError extends Error {
	constructor(
		readonly fault: ArchiveFault,
		message: string,
		options?: ErrorOptions,
	) {
		super(message, options);
	}
}

export interface ArchiveEntry {
	/** With forward slashes, otherwise as it stands there: untrusted. */
	readonly name: string;
	/** The name in the form in which Windows compares names. */
	readonly key: string;
	readonly flaw?: NameFlaw;
	readonly folder: boolean;
	readonly encrypted: boolean;
	/** 0: stored, 8: deflated. */
	readonly method: number;
	/** Bytes, as the directory claims. */
	readonly size: number;
	readonly packedSize: number;
	readonly crc: number;
	readonly headerOffset: number;
}

export const stored = 0;
const deflated = 8;

const noDirectory = 'End of central directory record signature not found';

const localHeaderSize = 30;
const localHeaderSignature = 0x04_03_4b_50;

/** So many entries are listed before others get their turn. */
const entriesPerTurn = 512;

/** A zip whose directory has been read. Everything that it says is a claim until its bytes have been read. */
export class Archive {
	private constructor(
		private readonly bytes: ByteRange,
		readonly entries: readonly ArchiveEntry[],
		/** Sum of what all entries claim to be. */
		readonly unpackedSize: number,
	) {}

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

		return new Archive(bytes, entries, unpackedSize);
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

		const header = Buffer.alloc(localHeaderSize);
		const bytes = await this.bytes.read(header, entry.headerOffset);
		if (bytes < localHeaderSize || header.readUInt32LE(0) !== localHeaderSignature) {
			throw new ArchiveError('damaged', `${entry.name} is not where the directory says`);
		}

		const start = entry.headerOffset + localHeaderSize + header.readUInt16LE(26) + header.readUInt16LE(28);
		const end = start + entry.packedSize;
		if (end > this.bytes.length) {
			throw new ArchiveError('damaged', `${entry.name} reaches beyond the end`);
		}

		return {start, end};
	}
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

function toArchiveEntry(entry: Entry): ArchiveEntry {
	const name = getFileNameLowLevel(entry.generalPurposeBitFlag, entry.fileNameRaw, entry.extraFields, false);
	const flaw = flawOf(name);
	return {
		name,
		key: comparable(name),
		...(flaw && {flaw}),
		folder: name.endsWith('/'),
		encrypted: entry.isEncrypted(),
		method: entry.compressionMethod,
		size: entry.uncompressedSize,
		packedSize: entry.compressedSize,
		crc: entry.crc32,
		headerOffset: entry.relativeOffsetOfLocalHeader,
	};
}

async function* inflate(
	entry: ArchiveEntry,
	packed: AsyncGenerator<Buffer, void>,
): AsyncGenerator<Buffer, void> {
	if (entry.method === stored) {
		yield* packed;
		return;
	}

	if (entry.method !== deflated) {
		throw new ArchiveError('compression', `${entry.name} by method ${entry.method}`);
	}

	// The error reaches the reader of the stream; the callback only says that somebody listens.
	const unpacked = pipeline(
		Readable.from(packed, {objectMode: false}),
		createInflateRaw({chunkSize: 256 * 1024}),
		() => undefined,
	);
	try {
		yield* unpacked as AsyncIterable<Buffer>;
	} catch (error) {
		throw isZlibError(error)
			? new ArchiveError('damaged', `${entry.name} cannot be decompressed`, {cause: error})
			: error;
	}
}

function isZlibError(error: unknown): boolean {
	const code = error instanceof Error && 'code' in error ? error.code : undefined;
	return typeof code === 'string' && (code.startsWith('Z_') || code === 'ERR_STREAM_PREMATURE_CLOSE');
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
