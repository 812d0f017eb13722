import {open} from 'node:fs/promises';
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

/** Writes what comes at once, so that a service that is killed has lost nothing but what was on the line. */
export class UploadStore extends FileStore {
	override async write(readable: Readable, id: string, offset: number): Promise<number> {
		const file = await open(path.join(this.directory, id), 'r+');
		let position = offset;
		try {
			for await (const chunk of readable as AsyncIterable<Buffer>) {
				for (let done = 0; done < chunk.length;) {
					const {bytesWritten} = await file.write(chunk, done, chunk.length - done, position);
					done += bytesWritten;
					position += bytesWritten;
				}
			}
		} catch (error) {
			const code = (error as NodeJS.ErrnoException).code;
			throw code === 'ENOSPC' || code === 'EDQUOT' ? new TusError(507, 'The disk is full') : error;
		} finally {
			await file.close();
		}

		return position;
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
