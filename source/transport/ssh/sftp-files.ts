import {randomUUID} from 'node:crypto';
import {FileOperationError, MachineError} from '../../agent/machine-errors.ts';
import type {FileFacts} from '../../agent/machine.ts';
import type {SftpChannel} from './sftp-channel.ts';
import {fileError, sftpCode, sftpStatus} from './ssh-errors.ts';
import type {SshLimits} from './ssh-options.ts';

/** A file or folder: what it is called in messages, and how the server names it. */
export interface RemotePath {
	readonly shown: string;
	readonly wire: string;
}

const deepestFolder = 32;
const defaultMaxBytes = 1024 * 1024;

/** The file operations of a machine on one SFTP channel. */
export class SftpFiles {
	readonly #address: string;
	readonly #channel: SftpChannel;
	readonly #limits: SshLimits;

	constructor(address: string, channel: SftpChannel, limits: SshLimits) {
		this.#address = address;
		this.#channel = channel;
		this.#limits = limits;
	}

	async read(
		path: RemotePath,
		{maxBytes = defaultMaxBytes, signal}: {maxBytes?: number; signal?: AbortSignal} = {},
	): Promise<Buffer | undefined> {
		return this.#attempt(path, 'reading it', async () => {
			const handle = await this.#openToRead(path);
			if (!handle) {
				return undefined;
			}

			try {
				const pieces: Buffer[] = [];
				let length = 0;
				for (;;) {
					signal?.throwIfAborted();
					const piece = await this.#channel.read(handle, length, this.#limits.readBytes);
					if (piece.length === 0) {
						return Buffer.concat(pieces);
					}

					length += piece.length;
					pieces.push(piece);
					if (length > maxBytes) {
						throw new FileOperationError(
							this.#address,
							path.shown,
							'FILE_TOO_LARGE',
							`it is larger than the ${maxBytes} bytes that are expected at most`,
						);
					}
				}
			} finally {
				await this.#channel.close(handle);
			}
		});
	}

	/** At most `length` bytes from `position` on; undefined where there is no such file. */
	async readPiece(path: RemotePath, position: number, length: number): Promise<Buffer | undefined> {
		return this.#attempt(path, 'reading it', async () => {
			const handle = await this.#openToRead(path);
			if (!handle) {
				return undefined;
			}

			try {
				return await this.#channel.read(handle, position, length);
			} finally {
				await this.#channel.close(handle);
			}
		});
	}

	async write(path: RemotePath, content: Buffer, mode: 'replace' | 'exclusive'): Promise<boolean> {
		return this.#attempt(path, 'writing it', async () => {
			if (mode === 'exclusive') {
				const handle = await this.#createNew(path);
				if (handle) {
					await this.#fill(handle, content).catch(async (error: unknown) => {
						// Half a file would keep others from creating it; that it may stay is the lesser evil.
						await this.#channel.removeFile(path.wire).catch(() => undefined);
						throw error;
					});
				}

				return handle !== undefined;
			}

			const temporary = sibling(path, `.${randomUUID()}.tmp`);
			try {
				await this.#fill(await this.#channel.open(temporary.wire, 'wx'), content);
				await this.#replace(temporary, path);
			} catch (error) {
				// What went wrong matters; that the temporary file may stay behind does not.
				await this.#channel.removeFile(temporary.wire).catch(() => undefined);
				throw error;
			}

			return true;
		});
	}

	async stat(path: RemotePath): Promise<FileFacts | undefined> {
		return this.#attempt(path, 'looking at it', async () => {
			const stats = await this.#channel.stat(path.wire);
			return stats && {size: stats.size, modifiedAt: stats.mtime * 1000, folder: stats.isDirectory()};
		});
	}

	async list(folder: RemotePath): Promise<readonly string[] | undefined> {
		return this.#attempt(folder, 'listing it', async () => {
			const entries = await this.#entries(folder);
			return entries?.map(entry => entry.name);
		});
	}

	async makeFolder(path: RemotePath): Promise<void> {
		await this.#attempt(path, 'making it', async () => {
			const missing: RemotePath[] = [];
			let at: RemotePath | undefined = path;
			while (at !== undefined && missing.length < deepestFolder && !(await this.#channel.stat(at.wire))) {
				missing.unshift(at);
				at = parent(at);
			}

			for (const folder of missing) {
				await this.#channel.makeFolder(folder.wire).catch(async (error: unknown) => {
					// Somebody else may have made it meanwhile.
					if (!(await this.#channel.stat(folder.wire))) {
						throw error;
					}
				});
			}
		});
	}

	async remove(path: RemotePath): Promise<void> {
		await this.#attempt(path, 'removing it', async () => {
			// A link is removed, never what it leads to.
			const stats = await this.#channel.linkStat(path.wire);
			if (stats?.isDirectory()) {
				await this.#removeFolder(path, {entries: this.#limits.entries}, 0);
			} else if (stats) {
				await this.#channel.removeFile(path.wire);
			}
		});
	}

	async rename(from: RemotePath, to: RemotePath): Promise<void> {
		await this.#attempt(to, 'renaming to it', () => this.#replace(from, to));
	}

	async #openToRead(path: RemotePath): Promise<Buffer | undefined> {
		return this.#channel.open(path.wire, 'r').catch((error: unknown) => {
			if (sftpCode(error) === sftpStatus.noSuchFile) {
				return undefined;
			}

			throw error;
		});
	}

	/** Undefined where the file is there already; SFTP has no code for that, so a failure is looked into. */
	async #createNew(path: RemotePath): Promise<Buffer | undefined> {
		try {
			return await this.#channel.open(path.wire, 'wx');
		} catch (error) {
			if (!(error instanceof MachineError) && (await this.#channel.stat(path.wire))) {
				return undefined;
			}

			throw error;
		}
	}

	async #fill(handle: Buffer, content: Buffer): Promise<void> {
		try {
			for (let at = 0; at < content.length; at += this.#limits.writeBytes) {
				await this.#channel.write(handle, content.subarray(at, at + this.#limits.writeBytes), at);
			}
		} finally {
			await this.#channel.close(handle);
		}
	}

	async #replace(from: RemotePath, to: RemotePath): Promise<void> {
		if (await this.#channel.renameOver(from.wire, to.wire)) {
			return;
		}

		try {
			await this.#channel.rename(from.wire, to.wire);
		} catch (error) {
			// Without the extension a rename does not replace. Nobody can do better than remove the target first.
			if (error instanceof MachineError || !(await this.#channel.stat(to.wire))) {
				throw error;
			}

			await this.#channel.removeFile(to.wire);
			await this.#channel.rename(from.wire, to.wire);
		}
	}

	async #removeFolder(path: RemotePath, left: {entries: number}, depth: number): Promise<void> {
		for (const {name, folder} of (await this.#entries(path)) ?? []) {
			left.entries -= 1;
			if (left.entries < 0 || depth >= deepestFolder) {
				throw new FileOperationError(
					this.#address,
					path.shown,
					'FILE_FAILED',
					'it holds more than this program removes',
				);
			}

			const child = below(path, name);
			if (folder) {
				await this.#removeFolder(child, left, depth + 1);
			} else {
				await this.#channel.removeFile(child.wire);
			}
		}

		await this.#channel.removeFolder(path.wire);
	}

	async #entries(path: RemotePath): Promise<readonly {name: string; folder: boolean}[] | undefined> {
		const handle = await this.#channel.openFolder(path.wire);
		if (!handle) {
			return undefined;
		}

		const entries: {name: string; folder: boolean}[] = [];
		let seen = 0;
		try {
			for (;;) {
				const more = await this.#channel.nextEntries(handle);
				if (!more) {
					return entries;
				}

				for (const {filename, attrs} of more) {
					// A name that is a path would lead out of the folder that was asked for.
					if (filename !== '.' && filename !== '..' && !/[/\\\0]/.test(filename)) {
						entries.push({name: filename, folder: attrs.isDirectory()});
					}
				}

				// ssh2 takes `.` and `..` out, which can leave nothing; a server without an end is still left in the end.
				seen += Math.max(1, more.length);
				if (seen > this.#limits.entries) {
					throw new FileOperationError(
						this.#address,
						path.shown,
						'FILE_TOO_LARGE',
						`it has more than ${this.#limits.entries} entries, or no end`,
					);
				}
			}
		} finally {
			await this.#channel.close(handle);
		}
	}

	/** Turns the server's errors into ours. */
	async #attempt<Value>(path: RemotePath, what: string, work: () => Promise<Value>): Promise<Value> {
		try {
			return await work();
		} catch (error) {
			throw error instanceof MachineError || sftpCode(error) === undefined
				? error
				: fileError(this.#address, path.shown, what, error);
		}
	}
}

function parent({shown, wire}: RemotePath): RemotePath | undefined {
	const cut = wire.lastIndexOf('/');
	return cut <= 0 ? undefined : {shown: shown.slice(0, shown.lastIndexOf('\\')), wire: wire.slice(0, cut)};
}

function below({shown, wire}: RemotePath, name: string): RemotePath {
	return {shown: `${shown}\\${name}`, wire: `${wire}/${name}`};
}

function sibling({shown, wire}: RemotePath, ending: string): RemotePath {
	return {shown: shown + ending, wire: wire + ending};
}
