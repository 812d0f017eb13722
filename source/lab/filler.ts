import {createCipheriv, createHash} from 'node:crypto';
import {Readable} from 'node:stream';

const chunkSize = 64 * 1024;

/** Bytes that cannot be compressed and are the same for the same seed, so that a package has one checksum forever. */
export function fillerBytes(seed: string, size: number): Readable {
	return Readable.from(generate(seed, size), {objectMode: false});
}

function* generate(seed: string, size: number): Generator<Buffer> {
	const key = createHash('sha256').update(seed).digest().subarray(0, 16);
	const cipher = createCipheriv('aes-128-ctr', key, Buffer.alloc(16));
	const zeros = Buffer.alloc(chunkSize);
	for (let left = size; left > 0; left -= chunkSize) {
		yield cipher.update(zeros.subarray(0, Math.min(chunkSize, left)));
	}
}
