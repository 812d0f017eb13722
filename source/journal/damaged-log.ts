import {closeSync, openSync, readSync} from 'node:fs';
import {sizeOf} from './journal-files.ts';

const headerSize = 32;
const frameHeaderSize = 24;
const framesPerRead = 64;
/** Between two looks at a log that seems damaged while somebody may be writing it, in milliseconds. */
const betweenLooks = 10;
const mostLooks = 20;

/** What SQLite passes over in silence when it recovers a write-ahead log: it takes the first bad frame for its end. */
export interface LogDamage {
	/** The first frame that is not as it was written; 0 for the header before them. */
	readonly frame: number;
	/** How many commits end there or behind it: they cannot be read any more. Unknown when the header is damaged. */
	readonly commits?: number;
	/**
	 * Whether it can be no more than the last commit: power went, or its process was killed, while it was written, so
	 * that it never counted. Every commit before it was on the disk then.
	 */
	readonly mayBeTorn: boolean;
}

/**
 * Looks whether a write-ahead log is whole. One that ends early is taken for a shorter one: that cannot be told.
 * Another process may be writing it meanwhile, so that what is found counts when it stays.
 * Source: https://www.sqlite.org/fileformat2.html#walformat
 */
export function findLogDamage(path: string): LogDamage | undefined {
	let last: LogDamage | undefined;
	for (let look = 0; look < mostLooks; look++) {
		const found = lookThrough(path);
		if (!found || (found.frame === last?.frame && found.commits === last.commits)) {
			return found;
		}

		last = found;
		Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, betweenLooks);
	}

	// It changes all the time: somebody writes it, and knows where it ends.
	return undefined;
}

function lookThrough(path: string): LogDamage | undefined {
	const size = sizeOf(path);
	if (size <= headerSize + frameHeaderSize) {
		return undefined;
	}

	const file = openSync(path, 'r');
	try {
		return lookThroughFile(file);
	} finally {
		closeSync(file);
	}
}

function lookThroughFile(file: number): LogDamage | undefined {
	const header = read(file, 0, headerSize);
	const log = header && logIn(header);
	if (!log) {
		return {frame: 0, mayBeTorn: false};
	}

	let sum = log.sum;
	let bad: number | undefined;
	let commits = 0;
	for (const {number, frame} of framesOf(file, log.pageSize)) {
		const isOfThisLog = frame.getUint32(8) === log.salts[0] && frame.getUint32(12) === log.salts[1];
		if (bad === undefined) {
			sum = checksum(frame, frameHeaderSize, checksum(frame, 0, sum, log.littleEndian, 8), log.littleEndian);
			if (!isOfThisLog || !isSum(frame, 16, sum)) {
				bad = number;
			}
		}

		// Frames of the log that was there before, and was read to its end, may follow: they bear other salts.
		if (bad !== undefined && isOfThisLog && frame.getUint32(4) !== 0) {
			commits++;
		}
	}

	return bad !== undefined && commits > 0 ? {frame: bad, commits, mayBeTorn: commits === 1} : undefined;
}

interface Log {
	readonly littleEndian: boolean;
	readonly pageSize: number;
	readonly salts: readonly [number, number];
	readonly sum: Sum;
}

/** Undefined for a header that SQLite does not accept. */
function logIn(header: DataView): Log | undefined {
	const magic = header.getUint32(0);
	const littleEndian = magic === 0x37_7f_06_82;
	const sum = checksum(header, 0, [0, 0], littleEndian, 24);
	return (littleEndian || magic === 0x37_7f_06_83) && isSum(header, 24, sum)
		? {
				littleEndian,
				pageSize: header.getUint32(8),
				salts: [header.getUint32(16), header.getUint32(20)],
				sum,
			}
		: undefined;
}

type Sum = readonly [number, number];

function checksum(
	view: DataView,
	from: number,
	[first, second]: Sum,
	littleEndian: boolean,
	to = view.byteLength,
): Sum {
	for (let at = from; at < to; at += 8) {
		first = (first + view.getUint32(at, littleEndian) + second) | 0;
		second = (second + view.getUint32(at + 4, littleEndian) + first) | 0;
	}

	return [first, second];
}

function isSum(view: DataView, at: number, [first, second]: Sum): boolean {
	return view.getInt32(at) === first && view.getInt32(at + 4) === second;
}

function* framesOf(file: number, pageSize: number): Generator<{number: number; frame: DataView}> {
	const frameSize = frameHeaderSize + pageSize;
	for (let number = 1; ;) {
		const part = read(file, headerSize + (number - 1) * frameSize, framesPerRead * frameSize, frameSize);
		if (!part) {
			return;
		}

		for (let at = 0; at + frameSize <= part.byteLength; at += frameSize) {
			yield {number: number++, frame: new DataView(part.buffer, part.byteOffset + at, frameSize)};
		}
	}
}

/** Undefined where there is less than `least`. */
function read(file: number, position: number, length: number, least = length): DataView | undefined {
	const bytes = new Uint8Array(length);
	let count = 0;
	for (let got = -1; got !== 0 && count < length; count += got) {
		got = readSync(file, bytes, count, length - count, position + count);
	}

	return count < least ? undefined : new DataView(bytes.buffer, 0, count);
}
