// Control characters (C0, DEL, C1), and the ones that change the direction or the shape of what stands beside them.
const unsafe = /[\u0000-\u001F\u007F-\u009F\u200B-\u200F\u2028-\u202E\u2060-\u2069\uFEFF]/g;

/**
 * Makes text from an Agent, a package or a file safe for a terminal: control characters become visible
 * (`\x1b`), line breaks too, and it is cut at `limit` characters.
 */
export function visibleText(text: string, limit = 2000): string {
	const shown = text.length > limit ? `${text.slice(0, limit)}…` : text;
	return shown.replaceAll(unsafe, character => {
		const code = character.charCodeAt(0);
		if (character === '\t') {
			return ' ';
		}

		return code < 0x1_00
			? `\\x${code.toString(16).padStart(2, '0')}`
			: `\\u${code.toString(16).padStart(4, '0')}`;
	});
}
