/** One part of a pattern: any number of characters, or one for which something holds. */
export type PatternPart = '*' | ((character: string) => boolean);

/** Whether characters are, one after the other, what the parts describe. */
export function matchesParts(characters: readonly string[], parts: readonly PatternPart[]): boolean {
	// Goes back to the last star only, so that nothing takes longer than the one length times the other.
	let at = 0;
	let partAt = 0;
	let afterStar = -1;
	let atStar = 0;
	while (at < characters.length) {
		const part = parts[partAt];
		if (part === '*') {
			afterStar = ++partAt;
			atStar = at;
		} else if (part?.(characters[at] ?? '')) {
			partAt++;
			at++;
		} else if (afterStar !== -1) {
			partAt = afterStar;
			at = ++atStar;
		} else {
			return false;
		}
	}

	return parts.slice(partAt).every(part => part === '*');
}

/**
 * Whether a text is what a pattern describes: `*` stands for any characters, `?` for one; letters count as they are
 * written. Source: OpenSSH match.c, `match_pattern`.
 */
export function matchesPattern(text: string, pattern: string): boolean {
	const parts = Array.from(pattern, (wanted): PatternPart =>
		wanted === '*' ? '*' : character => wanted === '?' || wanted === character,
	);
	return matchesParts(Array.from(text), parts);
}

/**
 * Whether a text is in a list of patterns with commas between them: one has to describe it, and none that begins with
 * `!` may. Source: OpenSSH match.c, `match_pattern_list`.
 */
export function matchesPatternList(text: string, list: string): boolean {
	const patterns = list.split(',');
	const denied = patterns.some(each => each.startsWith('!') && matchesPattern(text, each.slice(1)));
	return !denied && patterns.some(each => !each.startsWith('!') && matchesPattern(text, each));
}

/** As `matchesPatternList`, for host names, whose letters may be small or capital. */
export function matchesHostList(host: string, list: string): boolean {
	return matchesPatternList(lowerCase(host), lowerCase(list));
}

/** Small letters for A to Z only, as OpenSSH makes them. */
export function lowerCase(text: string): string {
	return text.replaceAll(/[A-Z]/g, letter => letter.toLowerCase());
}
