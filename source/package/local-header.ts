import type {ArchiveEntry} from './archive-entry.ts';
import {ArchiveError} from './archive-error.ts';

/** What stands before the content of an entry; it repeats what the directory says. */
export interface LocalHeader {
	readonly flags: number;
	readonly method: number;
	readonly crc: number;
	readonly packedSize: number;
	readonly size: number;
	readonly rawName: Buffer;
	/** Bytes from its start to the content. */
	readonly length: number;
}

export const fixedHeaderSize = 30;
const signature = 0x04_03_4b_50;

/** Crc and sizes follow the content, and stand as zeros before it. */
const sizesFollow = 0x08;
const descriptorSignature = 0x08_07_4b_50;
/** Signature, crc and two sizes of 64 bits. */
export const longestDescriptor = 24;

/** The value of a field whose real value stands in the zip64 extra field. */
const elsewhere = 0xff_ff_ff_ff;

/** How many bytes the header has, told by its fixed part. Throws an `ArchiveError` where there is none. */
export function localHeaderLength(bytes: Buffer, entry: ArchiveEntry): number {
	if (bytes.length < fixedHeaderSize || bytes.readUInt32LE(0) !== signature) {
		throw new ArchiveError('damaged', `${entry.name} is not where the directory says`);
	}

	return fixedHeaderSize + bytes.readUInt16LE(26) + bytes.readUInt16LE(28);
}

/** Reads a header that is there at least as far as its name. */
export function parseLocalHeader(bytes: Buffer, entry: ArchiveEntry): LocalHeader {
	const length = localHeaderLength(bytes, entry);
	return {
		flags: bytes.readUInt16LE(6),
		method: bytes.readUInt16LE(8),
		crc: bytes.readUInt32LE(14),
		packedSize: bytes.readUInt32LE(18),
		size: bytes.readUInt32LE(22),
		rawName: bytes.subarray(fixedHeaderSize, fixedHeaderSize + bytes.readUInt16LE(26)),
		length,
	};
}

/**
 * In what a header contradicts the directory. Programs differ in which of the two they believe, so that a package
 * with two truths can be one thing to us and another to whoever unpacks it.
 */
export function contradictions(header: LocalHeader, entry: ArchiveEntry): string[] {
	const follow = (header.flags & sizesFollow) !== 0;
	const agrees = (claim: number, truth: number) =>
		claim === truth || claim === elsewhere || (follow && claim === 0);
	return [
		...(header.rawName.equals(entry.rawName) ? [] : ['name']),
		...(header.method === entry.method ? [] : ['compression']),
		...(header.flags === entry.flags ? [] : ['flags']),
		...(agrees(header.size, entry.size) && agrees(header.packedSize, entry.packedSize) ? [] : ['size']),
		...(agrees(header.crc, entry.crc) ? [] : ['checksum']),
	];
}

/** True where an entry has checksum and sizes once more after its content. */
export function hasDescriptor(entry: ArchiveEntry): boolean {
	return (entry.flags & sizesFollow) !== 0;
}

/** Whether what follows the content says what the directory says. Its signature is optional, its sizes have two widths. */
export function descriptorAgrees(bytes: Buffer, entry: ArchiveEntry): boolean {
	const starts = bytes.length >= 4 && bytes.readUInt32LE(0) === descriptorSignature ? [4, 0] : [0];
	return starts.some(
		start =>
			(start + 12 <= bytes.length &&
				bytes.readUInt32LE(start) === entry.crc &&
				bytes.readUInt32LE(start + 4) === entry.packedSize &&
				bytes.readUInt32LE(start + 8) === entry.size) ||
			(start + 20 <= bytes.length &&
				bytes.readUInt32LE(start) === entry.crc &&
				bytes.readBigUInt64LE(start + 4) === BigInt(entry.packedSize) &&
				bytes.readBigUInt64LE(start + 12) === BigInt(entry.size)),
	);
}
