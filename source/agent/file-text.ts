/**
 * The text of a file from an Agent: UTF-16 or UTF-8 by its byte order mark, and UTF-8 without one. The end of a
 * UTF-16 file, which has no mark, is recognized by its zero bytes. Bytes that are no text become U+FFFD.
 */
export function decodeText(bytes: Uint8Array): string {
	return new TextDecoder(encodingOf(bytes)).decode(bytes);
}

export type TextEncoding = 'utf-8' | 'utf-16le' | 'utf-16be';

/** From the first bytes of a file, or of a piece of it that begins at a character. */
export function encodingOf(bytes: Uint8Array): TextEncoding {
	const [first, second] = bytes;
	if (first === 0xff && second === 0xfe) {
		return 'utf-16le';
	}

	if (first === 0xfe && second === 0xff) {
		return 'utf-16be';
	}

	if (first !== undefined && second !== undefined && (first === 0) !== (second === 0)) {
		return second === 0 ? 'utf-16le' : 'utf-16be';
	}

	return 'utf-8';
}

/** The lines that are not blank, without what surrounds them. */
export function linesOf(text: string): readonly string[] {
	return text
		.split(/\r\n|\n|\r/)
		.map(line => line.trim())
		.filter(line => line !== '');
}
