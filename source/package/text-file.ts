import type {Archive} from './archive.ts';
import type {ArchiveEntry} from './archive-entry.ts';

export interface TextFile {
	readonly text: string;
	/** True when the file goes on after what was read. */
	readonly cut: boolean;
}

/** Reads the beginning of a text file, at most `limit` bytes of it. */
export async function readTextFile(
	archive: Archive,
	entry: ArchiveEntry,
	limit: number,
	signal?: AbortSignal,
): Promise<TextFile> {
	const chunks: Buffer[] = [];
	let size = 0;
	for await (const chunk of archive.read(entry, signal)) {
		chunks.push(chunk);
		size += chunk.length;
		if (size > limit) {
			break;
		}
	}

	return {text: decodeText(Buffer.concat(chunks).subarray(0, limit)), cut: size > limit};
}

/** Windows programs write UTF-16 and UTF-8 with a mark, and without one the code page of their country. */
export function decodeText(bytes: Buffer): string {
	if (bytes[0] === 0xff && bytes[1] === 0xfe) {
		return new TextDecoder('utf-16le').decode(bytes);
	}

	try {
		return new TextDecoder('utf-8', {fatal: true}).decode(bytes);
	} catch {
		return new TextDecoder('windows-1252').decode(bytes);
	}
}
