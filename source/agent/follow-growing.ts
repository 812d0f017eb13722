import {setTimeout as sleep} from 'node:timers/promises';
import type {FileChunk, FollowOptions} from './machine.ts';

/** What `FileLook` found. */
export interface GrownPiece {
	/** The first bytes of the file from `from` on, at most `pieceBytes` of them. */
	readonly bytes: Buffer;
	/** Where that was asked for; 0 where the file has fewer bytes. */
	readonly from: number;
}

/**
 * Reads what stands behind byte `from`; from the beginning where the file is shorter. Answers no bytes where it has
 * exactly `size`, and undefined where there is no such file.
 */
export type FileLook = (from: number, size: number) => Promise<GrownPiece | undefined>;

/** So much of a growing file is read at once, in bytes. */
export const pieceBytes = 256 * 1024;

/**
 * So many of the bytes that were read last are read once more with those after them: a file that took the place of
 * another one has others there, even where it is longer. More than a line with its time.
 */
const overlapBytes = 256;

/** What is appended to a file, until aborted; all of the file that takes its place. */
export async function* followGrowing(
	{offset: begin = 0, pollMs, signal}: FollowOptions,
	look: FileLook,
): AsyncGenerator<FileChunk, void, undefined> {
	let offset = begin;
	let last: Buffer = Buffer.alloc(0);
	let restarted = false;
	while (!signal.aborted) {
		const from = offset - last.length;
		const found = await look(from, offset);
		if (found && !continues(found, from, last)) {
			offset = 0;
			last = Buffer.alloc(0);
			restarted = true;
			continue;
		}

		const bytes = found?.bytes.subarray(last.length);
		if (bytes && bytes.length > 0) {
			yield {bytes, offset, restarted};
			offset += bytes.length;
			last = Buffer.from(Buffer.concat([last, bytes]).subarray(-overlapBytes));
			restarted = false;
		} else {
			// Ends early only with the signal, which the loop then sees.
			await sleep(pollMs, undefined, {signal}).catch(() => undefined);
		}
	}
}

function continues(found: GrownPiece, from: number, last: Buffer): boolean {
	const again = found.bytes.subarray(0, last.length);
	return found.from === from && again.equals(last.subarray(0, again.length));
}
