import path from 'node:path';
import pty from '@lydell/node-pty';
import xterm from '@xterm/headless';

export const root = path.join(import.meta.dirname, '../..');
export const program = path.join(root, 'dist/cli.js');

interface TerminalOptions {
	readonly columns?: number;
	readonly rows?: number;
	/** Added to the environment; undefined takes a variable away. */
	readonly environment?: Record<string, string | undefined>;
	readonly folder?: string;
}

/** A real terminal with a program in it; what it shows is read from an emulator and never from the raw bytes. */
export class TestTerminal {
	readonly #emulator: InstanceType<typeof xterm.Terminal>;
	readonly #process: pty.IPty;
	readonly #exited: Promise<number>;
	readonly #arrivals: {at: number; end: number}[] = [];
	#raw = '';
	#exitCode: number | undefined;

	constructor(file: string, args: readonly string[], options: TerminalOptions = {}) {
		const {columns = 80, rows = 24, environment = {}, folder = root} = options;
		this.#emulator = new xterm.Terminal({cols: columns, rows, allowProposedApi: true});
		const inherited = {
			...process.env,
			LANG: 'C.UTF-8',
			TERM: 'xterm-256color',
			CI: undefined,
			NO_COLOR: undefined,
			NODE_ENV: undefined,
			FORCE_COLOR: undefined,
		};
		const env = Object.fromEntries(
			Object.entries({...inherited, ...environment}).filter(
				(entry): entry is [string, string] => entry[1] !== undefined,
			),
		);
		this.#process = pty.spawn(file, [...args], {
			name: env['TERM'] ?? 'xterm-256color',
			cols: columns,
			rows,
			cwd: folder,
			env,
		});
		this.#process.onData(data => {
			this.#raw += data;
			this.#arrivals.push({at: performance.now(), end: this.#raw.length});
			this.#emulator.write(data);
		});
		this.#exited = new Promise(resolve => {
			this.#process.onExit(({exitCode}) => {
				// The emulator takes in what it is given a moment later: only then does the screen show the last words.
				this.#emulator.write('', () => {
					this.#exitCode = exitCode;
					resolve(exitCode);
				});
			});
		});
	}

	get raw(): string {
		return this.#raw;
	}

	/** When the first byte came that made everything so far fit, by `performance.now()`; undefined while it does not. */
	arrivalOf(wanted: (raw: string) => boolean): number | undefined {
		return this.#arrivals.find(({end}) => wanted(this.#raw.slice(0, end)))?.at;
	}

	/** The lines that are visible now, without trailing blanks. */
	get lines(): readonly string[] {
		const {active} = this.#emulator.buffer;
		return Array.from(
			{length: this.#emulator.rows},
			(_, row) => active.getLine(active.baseY + row)?.translateToString(true) ?? '',
		);
	}

	get screen(): string {
		return this.lines.join('\n');
	}

	/** The lines that the cursor of a list, form or dialog stands on: those drawn inverse. */
	get marked(): readonly string[] {
		const {active} = this.#emulator.buffer;
		return this.lines.filter((_, row) => {
			const line = active.getLine(active.baseY + row);
			return Array.from({length: 6}, (__, column) => line?.getCell(column + 1)?.isInverse()).some(
				inverse => inverse,
			);
		});
	}

	get inAlternateScreen(): boolean {
		return this.#emulator.buffer.active.type === 'alternate';
	}

	/** Sends keys as a terminal would, all in one write. */
	type(keys: string): void {
		this.#process.write(keys);
	}

	resize(columns: number, rows: number): void {
		this.#emulator.resize(columns, rows);
		this.#process.resize(columns, rows);
	}

	kill(signal: string): void {
		this.#process.kill(signal);
	}

	/** Waits until the screen shows the text, or fits the expression or condition. Rejects with the screen in the message. */
	async until(wanted: string | RegExp | ((screen: string) => boolean), limit = 45_000): Promise<void> {
		const fits =
			typeof wanted === 'function'
				? wanted
				: (screen: string) => (typeof wanted === 'string' ? screen.includes(wanted) : wanted.test(screen));
		const deadline = Date.now() + limit;
		while (!fits(this.screen)) {
			if (Date.now() > deadline || this.#exitCode !== undefined) {
				const ended = this.#exitCode === undefined ? '' : ` (it ended with ${this.#exitCode})`;
				throw new Error(`the screen never showed ${String(wanted)}${ended}; it shows:\n${this.screen}`);
			}

			await new Promise(resolve => setTimeout(resolve, 5));
		}
	}

	async exit(limit = 30_000): Promise<number> {
		let timer: NodeJS.Timeout | undefined;
		const late = new Promise<never>((_, reject) => {
			timer = setTimeout(() => reject(new Error(`it did not end; the screen shows:\n${this.screen}`)), limit);
		});
		try {
			return await Promise.race([this.#exited, late]);
		} finally {
			clearTimeout(timer);
		}
	}

	/** Ends the program if it still runs. */
	async dispose(): Promise<void> {
		if (this.#exitCode === undefined) {
			this.#process.kill('SIGKILL');
			await this.#exited;
		}

		this.#emulator.dispose();
	}
}
