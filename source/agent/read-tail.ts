import type {Machine} from './machine.ts';

const longestWait = 10_000;

/**
 * The end of a file, at most `maxBytes` of it, for logs that grow without bound. Undefined where there is no such file.
 * The first line may be a part of one.
 */
export async function readTail(
	machine: Machine,
	path: string,
	maxBytes: number,
	signal?: AbortSignal,
): Promise<Buffer | undefined> {
	const facts = await machine.stat(path);
	if (!facts || facts.folder) {
		return undefined;
	}

	// An even offset, so that the characters of a UTF-16 file stay whole.
	const offset = Math.floor(Math.max(0, facts.size - maxBytes) / 2) * 2;
	const enough = new AbortController();
	const stop = AbortSignal.any([
		enough.signal,
		AbortSignal.timeout(longestWait),
		...(signal ? [signal] : []),
	]);
	const pieces: Buffer[] = [];
	let missing = facts.size - offset;
	if (missing > 0) {
		for await (const {bytes, restarted} of machine.follow(path, {offset, pollMs: 100, signal: stop})) {
			pieces.push(bytes);
			missing -= bytes.length;
			// Whoever cut the file while it was read will write it anew; what is there now is its end.
			if (missing <= 0 || restarted) {
				break;
			}
		}
	}

	enough.abort();
	signal?.throwIfAborted();
	// A file that was removed before it could be read gives nothing.
	return facts.size > offset && pieces.length === 0 ? undefined : Buffer.concat(pieces);
}
