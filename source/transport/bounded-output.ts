import {StringDecoder} from 'node:string_decoder';

/** Output; what goes beyond the limit is dropped, so that a program that never stops cannot fill our memory. */
export class BoundedOutput {
	// Whoever listens while it comes is told at once, before anybody knows of code pages.
	readonly #decoder = new StringDecoder('utf8');
	readonly #onText: ((text: string) => void) | undefined;
	readonly #pieces: Buffer[] = [];
	#left: number;

	/** `limit`: in bytes. */
	constructor(limit: number, onText?: (text: string) => void) {
		this.#left = limit;
		this.#onText = onText;
	}

	push(bytes: Buffer): void {
		const kept = bytes.subarray(0, this.#left);
		this.#left -= kept.length;
		this.#pieces.push(kept);
		const text = this.#onText ? this.#decoder.write(kept) : '';
		if (text !== '') {
			this.#onText?.(text);
		}
	}

	end(): Buffer {
		return Buffer.concat(this.#pieces);
	}
}
