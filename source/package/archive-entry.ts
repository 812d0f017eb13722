import {type Entry, getFileNameLowLevel} from 'yauzl';
import {type NameFlaw, comparable, flawOf, flawOfBytes} from './entry-name.ts';

/** What the directory of a zip says of one file or folder. */
export interface ArchiveEntry {
	/** With forward slashes, otherwise as it stands there: untrusted. */
	readonly name: string;
	/** The bytes of the name, in whatever encoding. */
	readonly rawName: Buffer;
	/** The name in the form in which Windows compares names. */
	readonly key: string;
	readonly flaw?: NameFlaw;
	readonly folder: boolean;
	readonly encrypted: boolean;
	/** The general purpose bits. */
	readonly flags: number;
	/** 0: stored, 8: deflated. */
	readonly method: number;
	/** Bytes, as the directory claims. */
	readonly size: number;
	readonly packedSize: number;
	readonly crc: number;
	readonly headerOffset: number;
}

export const stored = 0;
export const deflated = 8;

export function toArchiveEntry(entry: Entry): ArchiveEntry {
	const name = getFileNameLowLevel(entry.generalPurposeBitFlag, entry.fileNameRaw, entry.extraFields, false);
	// An extra field may bring another name, which Windows does not look at: it unpacks to this one.
	const plain = getFileNameLowLevel(entry.generalPurposeBitFlag, entry.fileNameRaw, [], false);
	const flaw = worstFlaw([flawOf(name), flawOf(plain), flawOfBytes(entry.fileNameRaw)]);
	return {
		name,
		// A copy: a slice would keep the whole piece of the directory that it was read from.
		rawName: Buffer.from(entry.fileNameRaw),
		key: comparable(name),
		...(flaw && {flaw}),
		folder: name.endsWith('/'),
		encrypted: entry.isEncrypted(),
		flags: entry.generalPurposeBitFlag,
		method: entry.compressionMethod,
		size: entry.uncompressedSize,
		packedSize: entry.compressedSize,
		crc: entry.crc32,
		headerOffset: entry.relativeOffsetOfLocalHeader,
	};
}

const kindsByRank: readonly NameFlaw['kind'][] = ['escapes', 'invalid', 'misleading'];

function worstFlaw(flaws: readonly (NameFlaw | undefined)[]): NameFlaw | undefined {
	return kindsByRank.map(kind => flaws.find(flaw => flaw?.kind === kind)).find(flaw => flaw !== undefined);
}
