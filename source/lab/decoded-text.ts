/** The text of a Windows file: UTF-16 where a byte order mark says so, else UTF-8. */
export function decodedText(bytes: Buffer): string {
	return bytes[0] === 0xff && bytes[1] === 0xfe
		? bytes.toString('utf16le', 2)
		: bytes.toString('utf8').replace(/^\uFEFF/, '');
}
