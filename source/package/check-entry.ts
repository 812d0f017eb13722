import {promisify} from 'node:util';
import {type InflateRaw, crc32, inflateRaw} from 'node:zlib';
import type {Archive} from './archive.ts';
import {type ArchiveEntry, stored} from './archive-entry.ts';
import {ArchiveError} from './archive-error.ts';
import {asDamage, checkConsumed, checkMethod} from './inflate.ts';
import {
	contradictions,
	descriptorAgrees,
	fixedHeaderSize,
	hasDescriptor,
	localHeaderLength,
	longestDescriptor,
	parseLocalHeader,
} from './local-header.ts';

const MiB = 1024 ** 2;

/**
 * Entries up to this size are read and unpacked in one piece, which is twice as fast as in a stream; with the four
 * at a time that makes at most 40 MiB.
 */
const onePiece = {packed: 2 * MiB, unpacked: 8 * MiB};

/** What extra fields usually take, so that one read brings the whole entry. */
const usualExtra = 64;

/** Smaller reads cost a third of the speed. */
const readSize = MiB;

const unpackAll = promisify(
	(
		packed: Buffer,
		size: number,
		callback: (error: Error | null, result?: {buffer: Buffer; engine: InflateRaw}) => void,
	) =>
		inflateRaw(
			packed,
			// One byte more than there should be shows that there is more; a chunk that is large enough saves a copy.
			{info: true, maxOutputLength: size + 1, chunkSize: Math.max(64, size + 1)},
			(error, result) =>
				callback(error, result as unknown as {buffer: Buffer; engine: InflateRaw} | undefined),
		),
);

/** What the reading of an entry calls when it has read so many bytes more of the packed content. */
export type OnRead = (bytes: number) => void;

/**
 * Reads an entry from its first byte to its last. Resolves with the fields in which its own header, or what follows
 * it, contradicts the directory; rejects with an `ArchiveError` where the content is not what the directory says.
 */
export async function checkEntry(
	archive: Archive,
	entry: ArchiveEntry,
	onRead: OnRead,
	signal?: AbortSignal,
): Promise<string[]> {
	checkMethod(entry);
	const small = entry.packedSize <= onePiece.packed && entry.size <= onePiece.unpacked;
	const {found, rest, end} = await readHeader(
		archive,
		entry,
		small ? entry.packedSize + longestDescriptor : 0,
	);
	if (small) {
		onRead(entry.packedSize);
		await checkPiece(entry, rest.subarray(0, entry.packedSize));
		return withTrailer(entry, found, () => rest.subarray(entry.packedSize));
	}

	await (entry.method === stored
		? checkStored(archive, entry, end, onRead, signal)
		: checkStream(archive, entry, onRead, signal));
	return withTrailer(entry, found, () => readAt(archive, end, longestDescriptor));
}

/** The contradictions alone, of an entry whose content is known to be right. */
export async function checkHeaders(archive: Archive, entry: ArchiveEntry): Promise<string[]> {
	const {found, end} = await readHeader(archive, entry, 0);
	return withTrailer(entry, found, () => readAt(archive, end, longestDescriptor));
}

/** Reads the header of an entry and, in the same breath if possible, so many bytes of what follows it. */
async function readHeader(archive: Archive, entry: ArchiveEntry, wanted: number) {
	const guess = fixedHeaderSize + entry.rawName.length + usualExtra + wanted;
	let bytes = await readAt(archive, entry.headerOffset, guess);
	const length = localHeaderLength(bytes, entry);
	const end = entry.headerOffset + length + entry.packedSize;
	if (end > archive.directory.start) {
		throw new ArchiveError('damaged', `${entry.name} reaches beyond the end`);
	}

	if (length + wanted > bytes.length && bytes.length === guess) {
		bytes = await readAt(archive, entry.headerOffset, length + wanted);
	}

	return {
		found: contradictions(parseLocalHeader(bytes, entry), entry),
		rest: bytes.subarray(length, length + wanted),
		/** After the packed content. */
		end,
	};
}

async function withTrailer(
	entry: ArchiveEntry,
	found: string[],
	read: () => Buffer | Promise<Buffer>,
): Promise<string[]> {
	return !hasDescriptor(entry) || descriptorAgrees(await read(), entry) ? found : [...found, 'trailer'];
}

async function readAt(archive: Archive, position: number, length: number): Promise<Buffer> {
	const buffer = Buffer.allocUnsafe(length);
	return buffer.subarray(0, await archive.bytes.read(buffer, position));
}

async function checkPiece(entry: ArchiveEntry, packed: Buffer): Promise<void> {
	if (packed.length < entry.packedSize) {
		throw new ArchiveError('damaged', `${entry.name} is cut off`);
	}

	if (entry.method === stored) {
		checkContent(entry, packed.length, crc32(packed));
		return;
	}

	let result;
	try {
		result = await unpackAll(packed, entry.size);
	} catch (error) {
		throw isLarger(error)
			? new ArchiveError('damaged', `${entry.name} is larger than it claims`, {cause: error})
			: asDamage(entry, error);
	}

	if (!result) {
		throw new ArchiveError('damaged', `${entry.name} cannot be decompressed`);
	}

	checkConsumed(entry, result.engine.bytesWritten);
	checkContent(entry, result.buffer.length, crc32(result.buffer));
}

function isLarger(error: unknown): boolean {
	return error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
}

async function checkStored(
	archive: Archive,
	entry: ArchiveEntry,
	end: number,
	onRead: OnRead,
	signal: AbortSignal | undefined,
): Promise<void> {
	const buffer = Buffer.allocUnsafe(readSize);
	let crc = 0;
	let size = 0;
	for (let position = end - entry.packedSize; position < end;) {
		signal?.throwIfAborted();
		const wanted = Math.min(readSize, end - position);
		const bytes = await archive.bytes.read(buffer.subarray(0, wanted), position);
		if (bytes === 0) {
			break;
		}

		crc = crc32(buffer.subarray(0, bytes), crc);
		position += bytes;
		size += bytes;
		onRead(bytes);
	}

	checkContent(entry, size, crc);
}

/** Progress is told by what came out, in proportion: the stream reads ahead. */
async function checkStream(
	archive: Archive,
	entry: ArchiveEntry,
	onRead: OnRead,
	signal: AbortSignal | undefined,
): Promise<void> {
	let size = 0;
	let told = 0;
	for await (const chunk of archive.read(entry, signal)) {
		size += chunk.length;
		const packed = Math.floor((size / entry.size) * entry.packedSize);
		onRead(packed - told);
		told = packed;
	}
}

function checkContent(entry: ArchiveEntry, size: number, crc: number): void {
	if (size !== entry.size) {
		throw new ArchiveError('damaged', `${entry.name} has ${size} bytes instead of ${entry.size}`);
	}

	if (crc !== entry.crc) {
		throw new ArchiveError('damaged', `the checksum of ${entry.name} is wrong`);
	}
}
