import {type FileHandle, open, readdir, rm, stat} from 'node:fs/promises';
import path from 'node:path';
import type {Readable} from 'node:stream';
import {FileStore} from '@tus/file-store';
import type {Lock, Locker} from '@tus/server';

/** What @tus/server answers with when it is thrown in one of its hooks. */
export class TusError extends Error {
	readonly body: string;
	constructor(
		readonly status_code: number,
		message: string,
	) {
		super(message);
		this.body = `${message}\n`;
	}
}

/** What arrives while something is written waits, up to so many bytes. */
const mostWaiting = 512 * 1024;

/** Told how many bytes of an upload are in its file. */
export type OnStored = (id: string, bytes: number) => void;

/** Writes what comes at once, so that a service that is killed has lost next to nothing but what was on the line. */
export class UploadStore extends FileStore {
	readonly #onStored: OnStored;

	constructor(options: ConstructorParameters<typeof FileStore>[0], onStored: OnStored) {
		super(options);
		// Whether there is room for an upload is known by its length only.
		this.extensions = this.extensions.filter(extension => extension !== 'creation-defer-length');
		this.#onStored = onStored;
	}

	/** Content with what others remove meanwhile, which the original takes for a failure that nobody waits for. */
	override async deleteExpired(): Promise<number> {
		const oldest = Date.now() - this.getExpiration();
		let deleted = 0;
		for (const name of await readdir(this.directory)) {
			const file = path.join(this.directory, name);
			const facts = await this.configstore.get(path.basename(name, '.json'));
			// Without its facts, as a service leaves it that is killed, an upload is as old as its file.
			const since =
				Date.parse(facts?.creation_date ?? '') || (await stat(file).catch(() => undefined))?.mtimeMs;
			if (since !== undefined && since < oldest) {
				await rm(file, {force: true});
				deleted += 1;
			}
		}

		return deleted;
	}

	override async write(readable: Readable, id: string, offset: number): Promise<number> {
		const file = await open(path.join(this.directory, id), 'r+');
		const tail = new FileTail(file, offset, bytes => this.#onStored(id, bytes));
		try {
			try {
				for await (const chunk of readable as AsyncIterable<Buffer>) {
					await tail.add(chunk);
				}
			} finally {
				// Also of a request that broke off.
				await tail.end();
			}
		} catch (error) {
			const code = (error as NodeJS.ErrnoException).code;
			throw code === 'ENOSPC' || code === 'EDQUOT' ? new TusError(507, 'The disk is full') : error;
		} finally {
			await file.close();
		}

		return tail.position;
	}
}

/** Appends to a file. A line brings small pieces: those that came during one write go together in the next. */
class FileTail {
	/** Behind the last byte that is in the file. */
	position: number;
	readonly #file: FileHandle;
	readonly #onWritten: (position: number) => void;
	#waiting: Buffer[] = [];
	#waitingBytes = 0;
	#writing: Promise<void> | undefined;
	#failure: unknown;

	constructor(file: FileHandle, position: number, onWritten: (position: number) => void) {
		this.#file = file;
		this.position = position;
		this.#onWritten = onWritten;
	}

	/** Resolves at once while there is room for more. Rejects with what an earlier write met. */
	async add(bytes: Buffer): Promise<void> {
		this.#waiting.push(bytes);
		this.#waitingBytes += bytes.length;
		this.#writing ??= this.#write();
		if (this.#waitingBytes >= mostWaiting) {
			await this.#writing;
		}

		this.#throwFailure();
	}

	/** Resolves once all is written. */
	async end(): Promise<void> {
		await this.#writing;
		this.#throwFailure();
	}

	async #write(): Promise<void> {
		try {
			while (this.#waitingBytes > 0) {
				let left: readonly Buffer[] = this.#waiting;
				let leftBytes = this.#waitingBytes;
				this.#waiting = [];
				this.#waitingBytes = 0;
				// A write may take less than it is given, as on a disk that is almost full.
				while (leftBytes > 0) {
					const {bytesWritten} = await this.#file.writev(left, this.position);
					this.position += bytesWritten;
					leftBytes -= bytesWritten;
					left = leftBytes === 0 ? [] : [Buffer.concat(left).subarray(bytesWritten)];
				}

				this.#onWritten(this.position);
			}
		} catch (error) {
			this.#failure = error;
		} finally {
			this.#writing = undefined;
		}
	}

	#throwFailure(): void {
		if (this.#failure !== undefined) {
			throw this.#failure as Error;
		}
	}
}

const lockMs = 30_000;

interface Held {
	readonly askToRelease: () => Promise<void> | void;
	readonly released: Promise<undefined>;
	readonly release: () => void;
}

/**
 * One request at a time writes to an upload. A client that lost its connection comes back before the service has noticed
 * that; whoever comes later therefore asks the one before to let go.
 */
export class UploadLocks implements Locker {
	readonly #held = new Map<string, Held>();

	newLock(id: string): Lock {
		return {
			lock: async (signal, askToRelease) => {
				const limit = AbortSignal.any([signal, AbortSignal.timeout(lockMs)]);
				const over = new Promise<undefined>(resolve => {
					limit.addEventListener('abort', () => resolve(undefined), {once: true});
				});
				for (let held = this.#held.get(id); held; held = this.#held.get(id)) {
					await held.askToRelease();
					await Promise.race([held.released, over]);
					if (limit.aborted) {
						throw new TusError(423, 'Another request writes to this upload');
					}
				}

				const {promise, resolve} = Promise.withResolvers<undefined>();
				this.#held.set(id, {askToRelease, released: promise, release: () => resolve(undefined)});
			},
			unlock: () => {
				const held = this.#held.get(id);
				this.#held.delete(id);
				held?.release();
				return Promise.resolve();
			},
		};
	}
}
