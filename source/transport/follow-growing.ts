import {setTimeout as sleep} from 'node:timers/promises';
import type {FileChunk, FollowOptions} from '../agent/machine.ts';

/** What there is of a file from a byte on. `from` is 0 where the file became shorter than what was read of it. */
export interface GrownPiece {
	readonly bytes: Buffer;
	readonly from: number;
}

/** So much of a growing file is read at once, in bytes. */
export const pieceBytes = 256 * 1024;

/** What is appended to a file, until aborted. `look` answers undefined while there is no such file. */
export async function* followGrowing(
	{offset: begin = 0, pollMs, signal}: FollowOptions,
	look: (offset: number) => Promise<GrownPiece | undefined>,
): AsyncGenerator<FileChunk, void, undefined> {
	let offset = begin;
	let restarted = false;
	while (!signal.aborted) {
		const found = await look(offset);
		if (found && found.from < offset) {
			offset = found.from;
			restarted = true;
		}

		if (found && found.bytes.length > 0) {
			yield {bytes: found.bytes, offset, restarted};
			offset += found.bytes.length;
			restarted = false;
		} else {
			// Ends early only with the signal, which the loop then sees.
			await sleep(pollMs, undefined, {signal}).catch(() => undefined);
		}
	}
}
