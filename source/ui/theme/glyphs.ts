/** The signs that a terminal's character set allows. Each name stands for the same meaning in both sets. */
export interface Glyphs {
	readonly ascii: boolean;
	/** Ink's name of a box border. */
	readonly border: 'round' | 'classic';
	readonly ellipsis: string;
	/** Between levels: Agents › Manage. */
	readonly level: string;
	/** Between things on one line. */
	readonly dot: string;
	readonly dash: string;
	readonly arrow: string;
	/** Points at the row under the cursor. */
	readonly pointer: string;
	readonly bullet: string;
	/** It runs, it is well. */
	readonly running: string;
	/** It is there and does nothing. */
	readonly idle: string;
	/** It is changing. */
	readonly changing: string;
	readonly done: string;
	readonly failed: string;
	readonly warning: string;
	readonly unknown: string;
	readonly up: string;
	readonly down: string;
	readonly open: string;
	readonly closed: string;
	readonly checked: string;
	readonly unchecked: string;
	readonly chosen: string;
	readonly unchosen: string;
	readonly barFull: string;
	readonly barEmpty: string;
	readonly vertical: string;
	readonly horizontal: string;
	/** First and last line of what belongs together, such as a Failover pair. */
	readonly groupStart: string;
	readonly groupEnd: string;
	readonly caret: string;
}

export const unicodeGlyphs: Glyphs = {
	ascii: false,
	border: 'round',
	ellipsis: '…',
	level: '›',
	dot: '·',
	dash: '—',
	arrow: '→',
	pointer: '❯',
	bullet: '•',
	running: '●',
	idle: '○',
	changing: '◐',
	done: '✓',
	failed: '✗',
	warning: '▲',
	unknown: '?',
	up: '↑',
	down: '↓',
	open: '▾',
	closed: '▸',
	checked: '[✓]',
	unchecked: '[ ]',
	chosen: '(●)',
	unchosen: '( )',
	barFull: '█',
	barEmpty: '░',
	vertical: '│',
	horizontal: '─',
	groupStart: '┌',
	groupEnd: '└',
	caret: '▏',
};

export const asciiGlyphs: Glyphs = {
	ascii: true,
	border: 'classic',
	ellipsis: '...',
	level: '>',
	dot: '-',
	dash: '-',
	arrow: '->',
	pointer: '>',
	bullet: '*',
	running: '*',
	idle: 'o',
	changing: '~',
	done: '+',
	failed: 'x',
	warning: '!',
	unknown: '?',
	up: '^',
	down: 'v',
	open: 'v',
	closed: '>',
	checked: '[x]',
	unchecked: '[ ]',
	chosen: '(*)',
	unchosen: '( )',
	barFull: '#',
	barEmpty: '.',
	vertical: '|',
	horizontal: '-',
	groupStart: '/',
	groupEnd: '\\',
	caret: '_',
};

export function glyphsFor(ascii: boolean): Glyphs {
	return ascii ? asciiGlyphs : unicodeGlyphs;
}

const replacements = new Map([
	['…', '...'],
	['›', '>'],
	['·', '-'],
	['•', '*'],
	['—', '-'],
	['–', '-'],
	['→', '->'],
	['←', '<-'],
	['↑', '^'],
	['↓', 'v'],
	['“', '"'],
	['”', '"'],
	['’', "'"],
	['‘', "'"],
	['×', 'x'],
]);

/** Text as this character set can show it: in ASCII, signs have replacements and letters lose their accents. */
export function inCharset(text: string, glyphs: Glyphs): string {
	// What an ASCII terminal cannot show is one sign, however many code units it has.
	return glyphs.ascii && /[^\u0020-\u007E]/.test(text)
		? text
				.normalize('NFKD')
				.replaceAll(/\p{Mark}/gu, '')
				.replaceAll(/[^\u0020-\u007E]/gu, sign => replacements.get(sign) ?? '?')
		: text;
}
