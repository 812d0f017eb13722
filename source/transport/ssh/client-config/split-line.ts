const blanks = ' \t\r\n';

/** What `nextWord` took, and what is left. Without `word` a quote was never closed; without `rest` nothing is left. */
export interface NextWord {
	readonly word: string | undefined;
	readonly rest: string | undefined;
}

/**
 * Takes the first word of a line as OpenSSH takes keywords and the criteria of `Match`: words end at blanks, at one
 * `=`, or at the second double quote. Source: OpenSSH misc.c, `strdelim`.
 */
export function nextWord(text: string): NextWord {
	const end = firstOf(text, `${blanks}"=`);
	if (end === -1) {
		return {word: text, rest: undefined};
	}

	if (text[end] === '"') {
		const unquoted = text.slice(0, end) + text.slice(end + 1);
		const close = unquoted.indexOf('"', end);
		return close === -1
			? {word: undefined, rest: undefined}
			: {word: unquoted.slice(0, close), rest: withoutBlanks(unquoted.slice(close + 1))};
	}

	const rest = withoutBlanks(text.slice(end + 1));
	const oneMore = text[end] !== '=' && rest.startsWith('=');
	return {word: text.slice(0, end), rest: oneMore ? withoutBlanks(rest.slice(1)) : rest};
}

/** A line of a configuration: its keyword as written, and all behind it. */
export interface ConfigLine {
	readonly keyword: string;
	readonly rest: string;
}

/** Nothing for an empty line or a comment, and the reason where the keyword cannot be read. */
export function splitLine(line: string): ConfigLine | 'nothing' | 'unclosed quote' {
	// Form feeds are taken off the end only.
	const trimmed = line.replace(/[ \t\r\n\f]+$/, '');
	const first = nextWord(trimmed);
	const {word, rest} = first.word === '' && first.rest !== undefined ? nextWord(first.rest) : first;
	if (word === undefined) {
		return 'unclosed quote';
	}

	return word === '' || word.startsWith('#') ? 'nothing' : {keyword: word, rest: withoutBlanks(rest ?? '')};
}

/**
 * Splits what follows a keyword: blanks separate, single and double quotes hold together, a backslash takes a quote, a
 * backslash, or outside quotes a blank as it is, and a `#` where an argument would begin ends the line. Nothing where a
 * quote is not closed. Source: OpenSSH misc.c, `argv_split`.
 */
export function splitArguments(text: string): readonly string[] | undefined {
	const found: string[] = [];
	let at = 0;
	while (at < text.length) {
		if (isSeparator(text[at])) {
			at++;
			continue;
		}

		if (text[at] === '#') {
			break;
		}

		let argument = '';
		let quote = '';
		for (; at < text.length; at++) {
			const character = text[at] ?? '';
			const next = text[at + 1] ?? '';
			if (character === '\\' && next !== '' && (`'"\\`.includes(next) || (quote === '' && next === ' '))) {
				argument += next;
				at++;
			} else if (quote === '' && isSeparator(character)) {
				break;
			} else if (quote === '' && (character === '"' || character === "'")) {
				quote = character;
			} else if (quote !== '' && character === quote) {
				quote = '';
			} else {
				argument += character;
			}
		}

		if (quote !== '') {
			return undefined;
		}

		found.push(argument);
	}

	return found;
}

function isSeparator(character: string | undefined): boolean {
	return character === ' ' || character === '\t';
}

function firstOf(text: string, characters: string): number {
	for (let index = 0; index < text.length; index++) {
		if (characters.includes(text[index] ?? '')) {
			return index;
		}
	}

	return -1;
}

function withoutBlanks(text: string): string {
	return text.replace(/^[ \t\r\n]+/, '');
}
