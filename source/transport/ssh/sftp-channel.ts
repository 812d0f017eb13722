import type {FileEntryWithStats, InputAttributes, OpenMode, SFTPWrapper, Stats} from 'ssh2';
import {sftpCode, sftpStatus} from './ssh-errors.ts';
import type {SshSession} from './ssh-session.ts';

/** The calls of SFTP that we use, each with the session's limit. They reject with the server's errors as they are. */
export class SftpChannel {
	readonly #session: SshSession;
	readonly #sftp: SFTPWrapper;

	constructor(session: SshSession, sftp: SFTPWrapper) {
		this.#session = session;
		this.#sftp = sftp;
	}

	/** Ends the connection and with it everything that waits. */
	abandon(): void {
		this.#session.end();
	}

	/** Undefined where there is no such file. */
	async stat(path: string): Promise<Stats | undefined> {
		return orMissing(
			this.#session.ask<Stats>('a file was looked at', answer => this.#sftp.stat(path, answer)),
		);
	}

	/** As `stat`, but of a link itself and not of what it leads to. */
	async linkStat(path: string): Promise<Stats | undefined> {
		return orMissing(
			this.#session.ask<Stats>('a file was looked at', answer => this.#sftp.lstat(path, answer)),
		);
	}

	open(path: string, mode: OpenMode): Promise<Buffer> {
		return this.#session.ask('a file was opened', answer => this.#sftp.open(path, mode, answer));
	}

	/** Content with every failure: what counts was answered before. */
	async close(handle: Buffer): Promise<void> {
		await this.#do('a file was closed', done => this.#sftp.close(handle, done)).catch(() => undefined);
	}

	async sizeOf(handle: Buffer): Promise<number> {
		const stats = await this.#session.ask<Stats>('a file was looked at', answer =>
			this.#sftp.fstat(handle, answer),
		);
		return stats.size;
	}

	setSize(handle: Buffer, size: number, limitMs?: number): Promise<void> {
		// SFTP knows this attribute; the types of ssh2 leave it out.
		const attributes = {size} as unknown as InputAttributes;
		return this.#do('a file was cut', done => this.#sftp.fsetstat(handle, attributes, done), limitMs);
	}

	/** What is there at `position`, at most `length` bytes; empty at the end of the file. */
	async read(handle: Buffer, position: number, length: number): Promise<Buffer> {
		const buffer = Buffer.allocUnsafe(length);
		const read = await this.#session
			.ask<number>('a file was read', answer =>
				this.#sftp.read(handle, buffer, 0, length, position, (error, count) => answer(error, count)),
			)
			.catch((error: unknown) => {
				if (sftpCode(error) === sftpStatus.endOfFile) {
					return 0;
				}

				throw error;
			});
		return buffer.subarray(0, read);
	}

	write(handle: Buffer, bytes: Buffer, position: number, limitMs?: number): Promise<void> {
		return this.#do(
			'a file was written',
			done => this.#sftp.write(handle, bytes, 0, bytes.length, position, done),
			limitMs,
		);
	}

	makeFolder(path: string): Promise<void> {
		return this.#do('a folder was made', done => this.#sftp.mkdir(path, done));
	}

	/** Content with its being gone already. */
	async removeFile(path: string): Promise<void> {
		await orMissing(this.#do('a file was removed', done => this.#sftp.unlink(path, done)));
	}

	async removeFolder(path: string): Promise<void> {
		await orMissing(this.#do('a folder was removed', done => this.#sftp.rmdir(path, done)));
	}

	rename(from: string, to: string): Promise<void> {
		return this.#do('a file was renamed', done => this.#sftp.rename(from, to, done));
	}

	/** The renaming that replaces its target, an extension of OpenSSH. False where the server has none. */
	async renameOver(from: string, to: string): Promise<boolean> {
		return this.#session.ask('a file was renamed', answer => {
			try {
				this.#sftp.ext_openssh_rename(from, to, error => answer(error, true));
			} catch {
				// ssh2 throws before it sends anything when the server did not offer the extension.
				answer(undefined, false);
			}
		});
	}

	/** Undefined where there is no such folder. */
	async openFolder(path: string): Promise<Buffer | undefined> {
		return orMissing(
			this.#session.ask<Buffer>('a folder was listed', answer => this.#sftp.opendir(path, answer)),
		);
	}

	async #do(
		during: string,
		call: (done: (error?: Error | null) => void) => void,
		limitMs?: number,
	): Promise<void> {
		await this.#session.ask<undefined>(during, answer => call(error => answer(error, undefined)), limitMs);
	}

	/** The next entries of an open folder; undefined after the last one. */
	async nextEntries(handle: Buffer): Promise<readonly FileEntryWithStats[] | undefined> {
		return this.#session
			.ask<FileEntryWithStats[]>('a folder was listed', answer => this.#sftp.readdir(handle, answer))
			.catch((error: unknown) => {
				if (sftpCode(error) === sftpStatus.endOfFile) {
					return undefined;
				}

				throw error;
			});
	}
}

async function orMissing<Value>(answer: Promise<Value>): Promise<Value | undefined> {
	try {
		return await answer;
	} catch (error) {
		if (sftpCode(error) === sftpStatus.noSuchFile) {
			return undefined;
		}

		throw error;
	}
}
