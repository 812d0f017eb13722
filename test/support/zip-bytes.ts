import {buffer} from 'node:stream/consumers';
import {ZipFile} from 'yazl';

export interface ZipFileSpec {
	readonly content: string | Buffer;
	readonly stored?: boolean;
	readonly zip64?: boolean;
}

/** A zip by the names of its files; a plain text is a deflated file. */
export type ZipSpec = Readonly<Record<string, string | Buffer | ZipFileSpec>>;

const mtime = new Date('2026-01-02T03:04:05Z');

export async function zipBytes(files: ZipSpec): Promise<Buffer> {
	const zip = new ZipFile();
	for (const [name, file] of Object.entries(files)) {
		const {
			content,
			stored = false,
			zip64 = false,
		} = typeof file === 'string' || Buffer.isBuffer(file) ? {content: file} : file;
		zip.addBuffer(Buffer.from(content), name, {mtime, compress: !stored, forceZip64Format: zip64});
	}

	zip.end();
	return buffer(zip.outputStream);
}

/** Puts a name that no honest program would write in the place of one of the same length. */
export function renamed(zip: Buffer, from: string, to: string): Buffer {
	const [old, replacement] = [Buffer.from(from), Buffer.from(to)];
	if (old.length !== replacement.length) {
		throw new Error(`"${from}" and "${to}" differ in length`);
	}

	const copy = Buffer.from(zip);
	let found = 0;
	for (let at = copy.indexOf(old); at >= 0; at = copy.indexOf(old, at + 1)) {
		replacement.copy(copy, at);
		found++;
	}

	if (found < 2) {
		throw new Error(`"${from}" is not in the zip`);
	}

	return copy;
}

/** Fields of a directory entry, with their place in it and their width in bytes. */
const directoryFields = {
	flags: [8, 2],
	method: [10, 2],
	crc: [16, 4],
	packedSize: [20, 4],
	size: [24, 4],
	offset: [42, 4],
} as const;

/** Makes the directory lie about one file. */
export function lying(
	zip: Buffer,
	name: string,
	lies: Partial<Record<keyof typeof directoryFields, number>>,
): Buffer {
	const copy = Buffer.from(zip);
	const at = directoryEntry(copy, name);
	for (const [field, value] of Object.entries(lies)) {
		const [offset, width] = directoryFields[field as keyof typeof directoryFields];
		copy.writeUIntLE(value, at + offset, width);
	}

	return copy;
}

/** Where the directory's entry for a file begins. */
export function directoryEntry(zip: Buffer, name: string): number {
	const signature = Buffer.from([0x50, 0x4b, 1, 2]);
	for (let at = zip.lastIndexOf(signature); at >= 0; at = zip.lastIndexOf(signature, at - 1)) {
		const length = zip.readUInt16LE(at + 28);
		if (zip.toString('utf8', at + 46, at + 46 + length) === name) {
			return at;
		}

		if (at === 0) {
			break;
		}
	}

	throw new Error(`${name} is not in the directory`);
}
