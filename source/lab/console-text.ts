import {decodeConsole} from '../domain/code-page.ts';

const utf8 = 65_001;
const bytesOf = new Map<number, ReadonlyMap<string, number>>();

/** As a console of Windows writes it; what its code page does not have becomes a question mark, as there. */
export function encodeConsole(text: string, codePage: number): Buffer {
	if (codePage === utf8) {
		return Buffer.from(text);
	}

	let bytes = bytesOf.get(codePage);
	if (!bytes) {
		const upper = Array.from({length: 128}, (_, index) => index + 128);
		bytes = new Map(upper.map(byte => [decodeConsole(Buffer.from([byte]), codePage), byte]));
		bytesOf.set(codePage, bytes);
	}

	const known = bytes;
	return Buffer.from(
		Array.from(text, character =>
			character < '\u0080' ? character.charCodeAt(0) : (known.get(character) ?? '?'.charCodeAt(0)),
		),
	);
}
