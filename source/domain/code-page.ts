import {oemCodePages} from './oem-code-pages.ts';

/** What Node calls the code pages of Windows that it knows. Source: "Code Page Identifiers" of the Windows documentation */
const labels: ReadonlyMap<number, string> = new Map([
	[874, 'windows-874'],
	[932, 'shift_jis'],
	[936, 'gbk'],
	[949, 'euc-kr'],
	[950, 'big5'],
	...Array.from({length: 9}, (_, index): [number, string] => [1250 + index, `windows-${1250 + index}`]),
	[20_866, 'koi8-r'],
	[21_866, 'koi8-u'],
	[54_936, 'gb18030'],
	[65_001, 'utf-8'],
]);

/**
 * What a program wrote on the console of a Windows server, by the code page of that console; undefined where that is not
 * known, which is taken for UTF-8. A byte that means nothing there is shown as U+FFFD, never as some other character.
 */
export function decodeConsole(bytes: Uint8Array, codePage: number | undefined): string {
	// Some of Node's tables exchange control characters.
	if (bytes.every(byte => byte < 0x80)) {
		return decodeBytes(bytes, '');
	}

	const upper = codePage === undefined ? undefined : oemCodePages.get(codePage);
	const label = codePage === undefined ? 'utf-8' : labels.get(codePage);
	return upper === undefined && label !== undefined
		? new TextDecoder(label).decode(bytes)
		: decodeBytes(bytes, upper ?? '');
}

/** One character a byte, those above ASCII by a table. */
function decodeBytes(bytes: Uint8Array, upper: string): string {
	const characters: string[] = [];
	for (const byte of bytes) {
		characters.push(byte < 0x80 ? String.fromCharCode(byte) : (upper[byte - 0x80] ?? '\uFFFD'));
	}

	return characters.join('');
}

/** The number at the end of what `chcp.com` prints, whatever the language: `Active code page: 850`. */
export function parseCodePage(output: string): number | undefined {
	const digits = /(?<page>\d{3,5})\D{0,3}\s*$/.exec(output)?.groups?.['page'];
	return digits === undefined ? undefined : Number(digits);
}
