import {randomUUID} from 'node:crypto';
import {lstat, mkdir, open, readdir, rename, rm, stat} from 'node:fs/promises';
import {setTimeout as sleep} from 'node:timers/promises';
import {type GrownPiece, pieceBytes} from '../../agent/follow-growing.ts';
import {FileOperationError, MachineError} from '../../agent/machine-errors.ts';
import type {FileFacts} from '../../agent/machine.ts';
import {codeOf, fileFailure, isMissing} from './local-file-failure.ts';

/** Under which name a file is known, and where it is. */
export interface LocalPath {
	readonly shown: string;
	readonly real: string;
}

/** A virus scanner may hold a file for a moment; Windows then refuses to rename it. */
const renameAttempts = 20;
const renamePauseMs = 100;

/** The files of this computer, with errors as every machine has them. */
export class LocalFiles {
	readonly #address: string;

	constructor(address: string) {
		this.#address = address;
	}

	async read(path: LocalPath, maxBytes: number): Promise<Buffer | undefined> {
		return this.#attempt(path, 'reading it', async () => {
			const file = await open(path.real, 'r').catch(undefinedWhereMissing);
			if (!file) {
				return undefined;
			}

			try {
				// One byte more tells a file that has grown meanwhile.
				const buffer = Buffer.alloc(Math.min(maxBytes, (await file.stat()).size) + 1);
				let length = 0;
				for (;;) {
					const {bytesRead} = await file.read(buffer, length, buffer.length - length, length);
					length += bytesRead;
					if (bytesRead === 0 || length === buffer.length) {
						break;
					}
				}

				if (length > maxBytes) {
					throw new FileOperationError(
						this.#address,
						path.shown,
						'FILE_TOO_LARGE',
						`it has more than ${maxBytes} bytes`,
					);
				}

				return buffer.subarray(0, length);
			} finally {
				await file.close();
			}
		});
	}

	async write(path: LocalPath, content: Uint8Array, mode: 'replace' | 'exclusive'): Promise<boolean> {
		return this.#attempt(path, 'writing it', async () => {
			if (mode === 'exclusive') {
				return create(path.real, content);
			}

			const temporary = `${path.real}.${randomUUID()}.tmp`;
			try {
				await create(temporary, content);
				await replace(temporary, path.real);
			} finally {
				await rm(temporary, {force: true});
			}

			return true;
		});
	}

	async stat(path: LocalPath): Promise<FileFacts | undefined> {
		return this.#attempt(path, 'looking at it', async () => {
			const facts = await stat(path.real).catch(undefinedWhereMissing);
			return facts && {size: facts.size, modifiedAt: facts.mtimeMs, folder: facts.isDirectory()};
		});
	}

	async list(folder: LocalPath): Promise<readonly string[] | undefined> {
		return this.#attempt(folder, 'listing it', () => readdir(folder.real).catch(undefinedWhereMissing));
	}

	async makeFolder(path: LocalPath): Promise<void> {
		await this.#attempt(path, 'making it', () => mkdir(path.real, {recursive: true}));
	}

	/** A link is removed, never what it leads to. */
	async remove(path: LocalPath): Promise<void> {
		await this.#attempt(path, 'removing it', async () => {
			if (await lstat(path.real).catch(undefinedWhereMissing)) {
				await rm(path.real, {recursive: true, force: true, maxRetries: 3});
			}
		});
	}

	async rename(from: LocalPath, to: LocalPath): Promise<void> {
		await this.#attempt(to, 'renaming to it', () => replace(from.real, to.real));
	}

	/** For `followGrowing`. */
	async piece(path: LocalPath, asked: number, known: number): Promise<GrownPiece | undefined> {
		return this.#attempt(path, 'reading it', async () => {
			const file = await open(path.real, 'r').catch(undefinedWhereMissing);
			if (!file) {
				return undefined;
			}

			try {
				const {size} = await file.stat();
				const from = size < asked ? 0 : asked;
				const buffer = Buffer.allocUnsafe(size === known ? 0 : Math.min(pieceBytes, size - from));
				const {bytesRead} = await file.read(buffer, 0, buffer.length, from);
				return {from, bytes: buffer.subarray(0, bytesRead)};
			} finally {
				await file.close();
			}
		});
	}

	async #attempt<Value>({shown}: LocalPath, what: string, work: () => Promise<Value>): Promise<Value> {
		try {
			return await work();
		} catch (error) {
			throw error instanceof MachineError ? error : fileFailure(this.#address, shown, what, error);
		}
	}
}

/** Answers false where the file is there already. */
async function create(file: string, content: Uint8Array): Promise<boolean> {
	const handle = await open(file, 'wx').catch((error: unknown) => {
		if (codeOf(error) === 'EEXIST') {
			return undefined;
		}

		throw error;
	});
	if (!handle) {
		return false;
	}

	try {
		await handle.writeFile(content);
		await handle.sync();
	} catch (error) {
		// Half a file would keep others from creating it.
		await rm(file, {force: true}).catch(() => undefined);
		throw error;
	} finally {
		await handle.close();
	}

	return true;
}

async function replace(from: string, to: string): Promise<void> {
	for (let attempt = 1; ; attempt += 1) {
		try {
			await rename(from, to);
			return;
		} catch (error) {
			const held = ['EPERM', 'EACCES', 'EBUSY'].includes(codeOf(error) ?? '');
			if (!held || process.platform !== 'win32' || attempt === renameAttempts) {
				throw error;
			}
		}

		await sleep(renamePauseMs);
	}
}

function undefinedWhereMissing(error: unknown): undefined {
	if (!isMissing(error)) {
		throw error;
	}
}
