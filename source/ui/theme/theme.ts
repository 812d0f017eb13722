import type {TextProps} from 'ink';

/** What a piece of text is for. Components name roles, never colours. */
export type Role =
	| 'text'
	/** Names of things: headings, the selected Agent. */
	| 'title'
	/** Where the eye should go: the open tab, the running step. */
	| 'accent'
	/** What matters less: units, hints, times. */
	| 'muted'
	| 'good'
	| 'warning'
	| 'bad'
	/** The row under the cursor. */
	| 'selected'
	/** A key in the bottom line or the help. */
	| 'key';

export type TextStyle = Pick<TextProps, 'color' | 'bold' | 'dimColor' | 'inverse' | 'underline'>;

export interface Theme {
	readonly role: Readonly<Record<Role, TextStyle>>;
	/** Props for Ink's `Box` beside `borderStyle`. */
	readonly border: {readonly borderDimColor: boolean};
}

export type Tone = 'info' | 'warning' | 'danger';

const toneRoles = {info: 'accent', warning: 'warning', danger: 'bad'} as const satisfies Record<Tone, Role>;

export function roleOfTone(tone: Tone): Role {
	return toneRoles[tone];
}

// White and black are left out: one of them is invisible on every terminal.
const colored: Theme['role'] = {
	text: {},
	title: {bold: true},
	accent: {color: 'cyan', bold: true},
	muted: {dimColor: true},
	good: {color: 'green'},
	warning: {color: 'yellow'},
	bad: {color: 'red', bold: true},
	selected: {inverse: true},
	key: {color: 'cyan'},
};

const colorless: Theme['role'] = {
	text: {},
	title: {bold: true},
	accent: {bold: true},
	muted: {dimColor: true},
	good: {},
	warning: {bold: true},
	bad: {bold: true},
	selected: {inverse: true},
	key: {bold: true},
};

export function themeFor(color: boolean): Theme {
	return {role: color ? colored : colorless, border: {borderDimColor: true}};
}
