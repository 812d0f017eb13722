import {randomUUID} from 'node:crypto';
import {type FileHandle, mkdir, open, readdir, rename, rm, stat, writeFile} from 'node:fs/promises';
import {type GrownPiece, pieceBytes} from '../agent/follow-growing.ts';
import {LocalFileError} from '../agent/local-file-error.ts';
import {FileOperationError} from '../agent/machine-errors.ts';
import type {FileFacts, UploadOptions} from '../agent/machine.ts';
import {isLock, meetLineFaults} from './line-faults.ts';
import type {SimulatedAgent} from './simulated-agent.ts';
import {BadPathError, ifPresent} from './windows-drive.ts';

const defaultMaxBytes = 1024 * 1024;

/** The files of a simulated Agent, as a program meets them that runs there. Rejects as `Machine` does. */
export class SimulatedFiles {
	readonly #agent: SimulatedAgent;
	readonly #check: (signal: AbortSignal | undefined) => void;

	/** `check` throws when nothing can be done any more. */
	constructor(agent: SimulatedAgent, check: (signal: AbortSignal | undefined) => void) {
		this.#agent = agent;
		this.#check = check;
	}

	async readFile(
		path: string,
		{maxBytes = defaultMaxBytes, signal}: {readonly maxBytes?: number; readonly signal?: AbortSignal} = {},
	): Promise<Buffer | undefined> {
		return this.#withFile(path, signal, async real => {
			const file = await ifPresent(open(real, 'r'));
			return file && closing(file, () => this.#readAll(path, file, maxBytes));
		});
	}

	async writeFile(
		path: string,
		content: string | Uint8Array,
		mode: 'replace' | 'exclusive',
	): Promise<boolean> {
		const size = Buffer.byteLength(content);
		const written = await this.#withFile(path, undefined, async real => {
			if (mode === 'exclusive') {
				return writeFile(real, content, {flag: 'wx'}).then(
					() => true,
					(error: unknown) => {
						if (codeOf(error) === 'EEXIST') {
							return false;
						}

						throw error;
					},
				);
			}

			const temporary = `${real}.${randomUUID()}.tmp`;
			try {
				await writeFile(temporary, content, {flag: 'wx'});
				await rename(temporary, real);
			} catch (error) {
				await rm(temporary, {force: true});
				throw error;
			}

			return true;
		});
		if (written) {
			this.#note('file-uploaded', {path: this.#named(path), size, exclusive: mode === 'exclusive'});
			if (mode === 'exclusive' && isLock(path)) {
				meetLineFaults(this.#agent, 'lock');
			}
		}

		return written;
	}

	async stat(path: string): Promise<FileFacts | undefined> {
		return this.#withFile(path, undefined, async real => {
			const facts = await ifPresent(stat(real));
			return (
				facts && {
					size: facts.size,
					modifiedAt: Math.floor(facts.mtimeMs) + this.#agent.clock.aheadMs,
					folder: facts.isDirectory(),
				}
			);
		});
	}

	async list(folder: string): Promise<readonly string[] | undefined> {
		return this.#withFile(folder, undefined, real => ifPresent(readdir(real)));
	}

	async makeFolder(path: string): Promise<void> {
		await this.#withFile(path, undefined, real => mkdir(real, {recursive: true}));
	}

	async remove(path: string): Promise<void> {
		const removed = await this.#withFile(path, undefined, async real => {
			const there = await ifPresent(stat(real));
			await rm(real, {recursive: true, force: true});
			return there !== undefined;
		});
		if (removed) {
			this.#note('file-removed', {path: this.#named(path)});
		}
	}

	async rename(from: string, to: string): Promise<void> {
		await this.#withFile(to, undefined, async target =>
			rename(await this.#agent.drive.resolve(from), target),
		);
		this.#note('file-renamed', {from: this.#named(from), to: this.#named(to)});
	}

	async upload(localFile: string, path: string, options: UploadOptions): Promise<void> {
		const {from = 0, signal} = options;
		this.#check(signal);
		const local = await open(localFile, 'r').catch((error: unknown) => {
			throw new LocalFileError(localFile, {cause: error});
		});
		await closing(local, () =>
			this.#withFile(path, signal, async real => {
				const target = await open(real, from === 0 ? 'w' : 'r+');
				await closing(target, async () => {
					const {size} = await target.stat();
					if (size < from) {
						throw this.#failure(
							path,
							'FILE_FAILED',
							`it has ${size} bytes, so nothing can be added at byte ${from}`,
						);
					}

					await target.truncate(from);
					await this.#copy(local, target, from, options);
				});
			}),
		);
		const size = (await this.stat(path))?.size ?? 0;
		this.#note('file-uploaded', {path: this.#named(path), size, exclusive: false});
	}

	/** For `followGrowing`. */
	async readPiece(path: string, asked: number, known: number): Promise<GrownPiece | undefined> {
		return this.#withFile(path, undefined, async real => {
			const file = await ifPresent(open(real, 'r'));
			return (
				file &&
				closing(file, async () => {
					const {size} = await file.stat();
					const from = size < asked ? 0 : asked;
					const buffer = Buffer.allocUnsafe(size === known ? 0 : Math.min(pieceBytes, size - from));
					const {bytesRead} = await file.read(buffer, 0, buffer.length, from);
					return {bytes: buffer.subarray(0, bytesRead), from};
				})
			);
		});
	}

	async #readAll(path: string, file: FileHandle, maxBytes: number): Promise<Buffer> {
		const {size} = await file.stat();
		const content = size > maxBytes ? undefined : await file.readFile();
		if (content === undefined || content.length > maxBytes) {
			throw this.#failure(
				path,
				'FILE_TOO_LARGE',
				`it is larger than the ${maxBytes} bytes that are expected at most`,
			);
		}

		return content;
	}

	async #copy(local: FileHandle, target: FileHandle, from: number, options: UploadOptions): Promise<void> {
		const buffer = Buffer.allocUnsafe(pieceBytes);
		for (let position = from; ;) {
			this.#check(options.signal);
			const {bytesRead} = await local.read(buffer, 0, buffer.length, position);
			if (bytesRead === 0) {
				return;
			}

			await target.write(buffer, 0, bytesRead, position);
			position += bytesRead;
			options.onProgress?.(position);
		}
	}

	/** Finds the real file, and turns what the disk says into our errors. */
	async #withFile<Value>(
		path: string,
		signal: AbortSignal | undefined,
		work: (real: string) => Promise<Value>,
	): Promise<Value> {
		this.#check(signal);
		try {
			const value = await work(await this.#agent.drive.resolve(path));
			this.#check(undefined);
			return value;
		} catch (error) {
			throw this.#translated(path, error);
		}
	}

	#translated(path: string, error: unknown): unknown {
		if (error instanceof BadPathError) {
			return this.#failure(
				path,
				error.kind === 'denied' ? 'FILE_DENIED' : 'FILE_FAILED',
				error.message,
				error,
			);
		}

		const code = codeOf(error);
		if (!(error instanceof Error) || code === undefined || !('syscall' in error)) {
			return error;
		}

		switch (code) {
			case 'ENOSPC': {
				return this.#failure(path, 'DISK_FULL', 'there is not enough space on the disk', error);
			}

			case 'EACCES':
			case 'EPERM': {
				return this.#failure(path, 'FILE_DENIED', 'access is denied', error);
			}

			default: {
				return this.#failure(path, 'FILE_FAILED', `the file operation failed (${code})`, error);
			}
		}
	}

	#failure(
		path: string,
		code: FileOperationError['code'],
		reason: string,
		cause?: unknown,
	): FileOperationError {
		const plain = reason.replace(/\.$/, '');
		return new FileOperationError(this.#agent.address, path, code, plain, cause === undefined ? {} : {cause});
	}

	#named(path: string): string {
		return this.#agent.drive.normalize(path);
	}

	#note(
		event: 'file-uploaded' | 'file-removed' | 'file-renamed',
		detail: Record<string, string | number | boolean>,
	) {
		this.#agent.events.note(this.#agent.name, event, detail);
	}
}

async function closing<Value>(file: FileHandle, work: () => Promise<Value>): Promise<Value> {
	try {
		return await work();
	} finally {
		await file.close();
	}
}

function codeOf(error: unknown): string | undefined {
	return (error as NodeJS.ErrnoException | null)?.code;
}
