import {randomUUID} from 'node:crypto';
import {type FileHandle, mkdir, open, readdir, rename, rm, stat, writeFile} from 'node:fs/promises';
import {setTimeout as sleep} from 'node:timers/promises';
import {LocalFileError} from '../agent/local-file-error.ts';
import {ConnectionLostError, FileOperationError, ProgramTimedOutError} from '../agent/machine-errors.ts';
import type {
	FileChunk,
	FileFacts,
	FollowOptions,
	Machine,
	ProgramCall,
	ProgramResult,
	RunOptions,
	UploadOptions,
} from '../agent/machine.ts';
import {decodeConsole} from '../domain/code-page.ts';
import {encodeConsole} from './console-text.ts';
import {isLock, meetLineFaults} from './line-faults.ts';
import type {ResidentProcess} from './processes.ts';
import {Killed} from './programs/program.ts';
import type {SimulatedAgent} from './simulated-agent.ts';
import {BadPathError, fileNameOf, ifPresent} from './windows-drive.ts';

const defaultMaxBytes = 1024 * 1024;
const defaultTimeoutMs = 60_000;
const chunkBytes = 256 * 1024;

/** What Windows says of a program that is not there, and the exit code that a shell makes of it. */
const noSuchProgram: ProgramResult = {
	exitCode: 1,
	stdout: '',
	stderr: 'The system cannot find the file specified.\r\n',
};

/**
 * A simulated Agent as a program sees it that runs there itself, such as the HTTP service: no network and no shell
 * between. It is a process of the Agent, and after that was killed nothing can be done through it any more.
 */
export class SimulatedMachine implements Machine {
	readonly address: string;
	readonly #agent: SimulatedAgent;
	readonly #process: ResidentProcess;

	constructor(agent: SimulatedAgent) {
		this.#agent = agent;
		this.address = agent.address;
		this.#process = agent.processes.begin('C:\\Program Files\\dms-upgrade\\dms-upgrade.exe', ['serve']);
	}

	async run({program, args}: ProgramCall, options: RunOptions = {}): Promise<ProgramResult> {
		const {signal, timeoutMs = defaultTimeoutMs, onOutput} = options;
		this.#check(signal);
		const {processes, software} = this.#agent;
		const call = await processes.locate(program, args, true);
		if (!call) {
			return noSuchProgram;
		}

		const written = {stdout: '', stderr: ''};
		const hear = (stream: keyof typeof written) => (text: string) => {
			// What the console of this Windows cannot write is lost here, too.
			const heard = decodeConsole(encodeConsole(text, software.codePage), software.codePage);
			written[stream] += heard;
			onOutput?.(heard);
		};
		const child = new AbortController();
		const running = processes.run(call, {write: hear('stdout'), writeError: hear('stderr')}, child.signal);
		const {promise: given, reject: giveUp} = Promise.withResolvers<never>();
		const timer = setTimeout(
			() => giveUp(new ProgramTimedOutError(this.address, fileNameOf(program), timeoutMs)),
			timeoutMs,
		);
		const abort = () => giveUp(signal?.reason);
		const die = () => giveUp(this.#dead());
		signal?.addEventListener('abort', abort, {once: true});
		this.#process.signal.addEventListener('abort', die, {once: true});
		try {
			const exitCode = await Promise.race([running, given]);
			return {exitCode, ...written};
		} catch (error) {
			// Windows lets the children of a process live that was killed.
			if (!this.#process.signal.aborted) {
				child.abort(new Killed('program that started it'));
			}

			throw error;
		} finally {
			clearTimeout(timer);
			signal?.removeEventListener('abort', abort);
			this.#process.signal.removeEventListener('abort', die);
		}
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

	async *follow(path: string, options: FollowOptions): AsyncGenerator<FileChunk, void, undefined> {
		const {pollMs, signal} = options;
		let offset = options.offset ?? 0;
		let restarted = false;
		while (!signal.aborted) {
			const bytes = await this.#withFile(path, undefined, async real => {
				const file = await ifPresent(open(real, 'r'));
				return (
					file &&
					closing(file, async () => {
						if ((await file.stat()).size < offset) {
							offset = 0;
							restarted = true;
						}

						const buffer = Buffer.allocUnsafe(chunkBytes);
						const {bytesRead} = await file.read(buffer, 0, chunkBytes, offset);
						return buffer.subarray(0, bytesRead);
					})
				);
			});
			if (bytes && bytes.length > 0) {
				yield {bytes, offset, restarted};
				offset += bytes.length;
				restarted = false;
			} else {
				// Ends early only with the signals, which the loop then sees.
				const either = AbortSignal.any([signal, this.#process.signal]);
				await sleep(pollMs, undefined, {signal: either}).catch(() => undefined);
			}
		}
	}

	/** Ends the process in the middle of whatever it does. */
	kill(reason: Killed): void {
		this.#process.kill(reason);
	}

	/** Ends the process. */
	close(): Promise<void> {
		this.kill(new Killed('user'));
		return Promise.resolve();
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
		const buffer = Buffer.allocUnsafe(chunkBytes);
		for (let position = from; ;) {
			this.#check(options.signal);
			const {bytesRead} = await local.read(buffer, 0, chunkBytes, position);
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
		return new FileOperationError(this.address, path, code, plain, cause === undefined ? {} : {cause});
	}

	#check(signal: AbortSignal | undefined): void {
		if (this.#process.signal.aborted) {
			throw this.#dead();
		}

		signal?.throwIfAborted();
	}

	#dead(): ConnectionLostError {
		return new ConnectionLostError(this.address, 'its process was killed', {
			cause: this.#process.signal.reason,
		});
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
