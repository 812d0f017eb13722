import {PassThrough, Writable} from 'node:stream';
import {setImmediate as nextTurn} from 'node:timers/promises';
import xterm from '@xterm/headless';
import {render} from 'ink';
import type {ReactNode} from 'react';
import {widthOf} from '../../source/ui/components/fit.ts';
import {type Appearance, AppearanceProvider} from '../../source/ui/theme/appearance.tsx';

const {Terminal} = xterm;
type Terminal = InstanceType<typeof xterm.Terminal>;

/** What terminals send for keys. Escape is sent in its unambiguous form, for which nobody has to wait. */
export const keys = {
	up: '\u001B[A',
	down: '\u001B[B',
	right: '\u001B[C',
	left: '\u001B[D',
	home: '\u001B[H',
	end: '\u001B[F',
	pageup: '\u001B[5~',
	pagedown: '\u001B[6~',
	delete: '\u001B[3~',
	enter: '\r',
	esc: '\u001B[27u',
	tab: '\t',
	'shift+tab': '\u001B[Z',
	space: ' ',
	backspace: '\u007F',
} as const;

/** The bytes for a key as the key table names it. */
export function bytesOf(key: string): string {
	if (key in keys) {
		return keys[key as keyof typeof keys];
	}

	return key.startsWith('ctrl+') ? String.fromCharCode(key.charCodeAt(5) - 96) : key;
}

export function pasted(text: string): string {
	return `\u001B[200~${text}\u001B[201~`;
}

export type Variant = 'color' | 'no-color' | 'ascii';

export const appearances: Readonly<Record<Variant, Appearance>> = {
	color: {color: true, ascii: false, animated: false},
	'no-color': {color: false, ascii: false, animated: false},
	ascii: {color: false, ascii: true, animated: false},
};

export interface MountOptions {
	readonly columns?: number;
	readonly rows?: number;
	readonly variant?: Variant;
}

/** A program on an emulated terminal. */
export interface Mounted {
	/** What stands on the screen, without the spaces at the ends of lines. */
	screen(): readonly string[];
	text(): string;
	/** One sign a cell: a letter for the colour (capital: bold), `-` dim, `#` inverse, `_` underlined, `*` bold, `.` plain. */
	styles(): readonly string[];
	/** Sends bytes as one chunk and resolves when what they led to is drawn. */
	type(bytes: string): Promise<void>;
	/** Resolves when everything that was changed so far is drawn. */
	settle(): Promise<void>;
	/** Resolves when the screen is as described; fails after some seconds with what stands there. */
	until(described: (text: string) => boolean): Promise<void>;
	resize(columns: number, rows: number): Promise<void>;
	unmount(): Promise<void>;
	readonly stdout: NodeJS.WriteStream;
	readonly stdin: NodeJS.ReadStream;
}

class FakeStdout extends Writable {
	readonly isTTY = true;
	columns: number;
	rows: number;
	readonly #terminal: Terminal;

	constructor(terminal: Terminal) {
		super();
		this.#terminal = terminal;
		this.columns = terminal.cols;
		this.rows = terminal.rows;
	}

	override _write(chunk: unknown, _encoding: string, callback: () => void): void {
		this.#terminal.write(String(chunk).replaceAll(/\r?\n/g, '\r\n'), callback);
	}
}

class FakeStdin extends PassThrough {
	readonly isTTY = true;
	isRaw = false;

	setRawMode(raw: boolean): this {
		this.isRaw = raw;
		return this;
	}

	ref(): this {
		return this;
	}

	unref(): this {
		return this;
	}
}

/** A terminal without a program; `mount` puts one on it. */
export function fakeTerminal({columns = 80, rows = 24}: MountOptions = {}) {
	const terminal = new Terminal({cols: columns, rows, allowProposedApi: true});
	const stdout = new FakeStdout(terminal);
	const stdin = new FakeStdin();
	return {
		terminal,
		resize(toColumns: number, toRows: number) {
			terminal.resize(toColumns, toRows);
			stdout.columns = toColumns;
			stdout.rows = toRows;
			stdout.emit('resize');
		},
		// Ink uses of a terminal's streams only what the fakes have.
		stdout: stdout as unknown as NodeJS.WriteStream,
		stdin: stdin as unknown as NodeJS.ReadStream,
		send: (bytes: string) => stdin.write(bytes),
		screen: () => linesOf(terminal).map(line => line.translateToString(true)),
		styles: () => stylesOf(terminal),
	};
}

/** Draws a component on an emulated terminal of the given size, with the options that the program uses. */
export async function mount(node: ReactNode, options: MountOptions = {}): Promise<Mounted> {
	const fake = fakeTerminal(options);
	const app = render(
		<AppearanceProvider appearance={appearances[options.variant ?? 'color']}>{node}</AppearanceProvider>,
		{
			stdout: fake.stdout,
			stdin: fake.stdin,
			interactive: true,
			exitOnCtrlC: false,
			patchConsole: false,
			alternateScreen: true,
			incrementalRendering: true,
			maxFps: 1000,
		},
	);

	const text = () => fake.screen().join('\n');
	const settle = async () => {
		// Input arrives one turn after it was written, React draws in the next.
		await nextTurn();
		await nextTurn();
		await app.waitUntilRenderFlush();
	};
	const until = (described: (text: string) => boolean) => waitFor(text, described, settle);
	await settle();
	return {
		screen: fake.screen,
		text,
		styles: fake.styles,
		settle,
		until,
		async type(bytes) {
			fake.send(bytes);
			await settle();
		},
		async resize(columns, rows) {
			fake.resize(columns, rows);
			await settle();
			await settle();
		},
		async unmount() {
			app.unmount();
			await app.waitUntilExit();
		},
		stdout: fake.stdout,
		stdin: fake.stdin,
	};
}

/** Polls a screen until it is as described. */
export async function waitFor(
	text: () => string,
	described: (text: string) => boolean,
	turn: () => Promise<void> = async () => {
		await nextTurn();
	},
): Promise<void> {
	const limit = Date.now() + 10_000;
	while (!described(text())) {
		if (Date.now() > limit) {
			throw new Error(`The screen never became as described. It shows:\n${text()}`);
		}

		await turn();
	}
}

/** A frame as a readable file: the text, and below it, where there are colours, the style of each cell. */
export function golden(mounted: Pick<Mounted, 'screen' | 'styles'>, variant: Variant): string {
	const lines = mounted.screen();
	return variant === 'color'
		? `${lines.join('\n')}\n\n${mounted.styles().join('\n')}\n`
		: `${lines.join('\n')}\n`;
}

/** What is true of every frame. Returns what is wrong with this one. */
export function flawsOf(
	mounted: Pick<Mounted, 'screen' | 'styles'>,
	{columns, rows, variant}: Required<MountOptions>,
): readonly string[] {
	const lines = mounted.screen();
	const text = lines.join('\n');
	return [
		...(lines.length === rows ? [] : [`${lines.length} lines instead of ${rows}`]),
		...lines.filter(line => widthOf(line) > columns).map(line => `too wide: ${line}`),
		...(/undefined|NaN|\[object/.test(text) ? ['shows undefined, NaN or an object'] : []),
		...(variant === 'ascii' && !/^[\u0020-\u007E\n]*$/.test(text) ? ['not ASCII'] : []),
		...(variant !== 'color' && /[a-z]/i.test(mounted.styles().join('')) ? ['has colours'] : []),
	];
}

function linesOf(terminal: Terminal) {
	const {active} = terminal.buffer;
	return Array.from({length: terminal.rows}, (_, row) => active.getLine(active.baseY + row)!);
}

const colorLetters = 'krgybmcwkrgybmcw';

function stylesOf(terminal: Terminal): readonly string[] {
	return linesOf(terminal).map(line => {
		let styles = '';
		for (let column = 0; column < terminal.cols; column++) {
			const cell = line.getCell(column)!;
			const letter = cell.isFgDefault() ? undefined : colorLetters[cell.getFgColor()];
			if (cell.isInverse()) {
				styles += '#';
			} else if (letter !== undefined) {
				styles += cell.isBold() ? letter.toUpperCase() : letter;
			} else if (cell.isDim()) {
				styles += '-';
			} else if (cell.isUnderline()) {
				styles += '_';
			} else if (cell.isBold()) {
				styles += '*';
			} else {
				styles += cell.getChars().trim() === '' ? ' ' : '.';
			}
		}

		return styles.trimEnd();
	});
}
