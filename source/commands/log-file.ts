import {closeSync, fstatSync, openSync, renameSync, writeSync} from 'node:fs';
import {visibleText} from '../domain/text.ts';
import {UserError} from '../domain/user-error.ts';

const mostBytes = 10 * 1024 * 1024;

/**
 * Takes lines into a file; one that is full becomes `FILE.1`, so that a log never fills a disk. What cannot be written
 * is lost rather than ending whoever writes it.
 */
export class LogFile {
	readonly #file: string;
	#descriptor: number;
	#bytes: number;

	/** Throws `LogFileError`. */
	constructor(file: string) {
		this.#file = file;
		try {
			this.#descriptor = openSync(file, 'a', 0o600);
			this.#bytes = fstatSync(this.#descriptor).size;
		} catch (error) {
			throw new LogFileError(file, {cause: error});
		}
	}

	write(line: string): void {
		try {
			if (this.#bytes > mostBytes) {
				this.#rotate();
			}

			this.#bytes += writeSync(this.#descriptor, line);
		} catch {
			// On a full disk the service goes on; the next line may fit again.
		}
	}

	close(): void {
		closeSync(this.#descriptor);
	}

	#rotate(): void {
		renameSync(this.#file, `${this.#file}.1`);
		const old = this.#descriptor;
		this.#descriptor = openSync(this.#file, 'a', 0o600);
		this.#bytes = 0;
		closeSync(old);
	}
}

/** The log cannot be written where it was asked for. */
export class LogFileError extends UserError {
	readonly code = 'LOG_FILE';
	readonly nextSteps = ['Name a file that you may write with --log.'];
	constructor(
		readonly file: string,
		options: ErrorOptions,
	) {
		const {cause} = options;
		const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
		super(`The log ${visibleText(file)} cannot be written: the system says ${code}.`, options);
	}
}
