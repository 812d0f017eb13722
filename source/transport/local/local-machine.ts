import path from 'node:path';
import {followGrowing} from '../../agent/follow-growing.ts';
import {ConnectionLostError, FileOperationError} from '../../agent/machine-errors.ts';
import type {
	FileChunk,
	FileFacts,
	FollowOptions,
	Machine,
	ProgramCall,
	ProgramResult,
	RunOptions,
	UploadOptions,
} from '../../agent/machine.ts';
import {decodeConsole, parseCodePage} from '../../domain/code-page.ts';
import {Slots} from '../slots.ts';
import {LocalFiles, type LocalPath} from './local-files.ts';
import {type RawResult, runLocally} from './local-program.ts';
import {copyLocally} from './local-upload.ts';
import type {LocalWire} from './local-wire.ts';

export interface LocalMachineOptions {
	/** What this computer is called in messages. */
	readonly address: string;
	readonly wire: LocalWire;
	/** What lies below this folder, on this computer, is not written to any more once it is uploaded from there. */
	readonly settledFolder?: string;
}

const defaultTimeoutMs = 60_000;
const defaultFileBytes = 1024 * 1024;
const programsAtOnce = 6;
const codePageProbe: ProgramCall = {program: 'chcp.com', args: []};
const codePageMs = 30_000;

/** The computer that this program runs on. */
export class LocalMachine implements Machine {
	readonly address: string;
	readonly #wire: LocalWire;
	readonly #files: LocalFiles;
	readonly #programs = new Slots(programsAtOnce);
	readonly #settledFolder: string | undefined;
	readonly #closing = new AbortController();
	#codePage: Promise<number | undefined> | undefined;

	constructor({address, wire, settledFolder}: LocalMachineOptions) {
		this.address = address;
		this.#wire = wire;
		this.#files = new LocalFiles(address);
		this.#settledFolder = settledFolder && path.resolve(settledFolder);
	}

	async run(call: ProgramCall, options: RunOptions = {}): Promise<ProgramResult> {
		const {exitCode, stdout, stderr} = await this.#programs.use(() => this.#run(call, options));
		const foreign = [stdout, stderr].some(bytes => bytes.some(byte => byte >= 0x80));
		const codePage = foreign ? await this.#askCodePage() : undefined;
		return {exitCode, stdout: decodeConsole(stdout, codePage), stderr: decodeConsole(stderr, codePage)};
	}

	async readFile(
		path: string,
		options: {readonly maxBytes?: number; readonly signal?: AbortSignal} = {},
	): Promise<Buffer | undefined> {
		options.signal?.throwIfAborted();
		return this.#files.read(await this.#at(path), options.maxBytes ?? defaultFileBytes);
	}

	async writeFile(
		path: string,
		content: string | Uint8Array,
		mode: 'replace' | 'exclusive',
	): Promise<boolean> {
		return this.#files.write(await this.#at(path), Buffer.from(content), mode);
	}

	async stat(path: string): Promise<FileFacts | undefined> {
		return this.#files.stat(await this.#at(path));
	}

	async list(folder: string): Promise<readonly string[] | undefined> {
		return this.#files.list(await this.#at(folder));
	}

	async makeFolder(path: string): Promise<void> {
		await this.#files.makeFolder(await this.#at(path));
	}

	async remove(path: string): Promise<void> {
		await this.#files.remove(await this.#at(path));
	}

	async rename(from: string, to: string): Promise<void> {
		await this.#files.rename(await this.#at(from), await this.#at(to));
	}

	async upload(localFile: string, target: string, options: UploadOptions): Promise<void> {
		const {shown, real} = await this.#at(target);
		const within = this.#settledFolder && path.relative(this.#settledFolder, path.resolve(localFile));
		const settled =
			within !== undefined && within !== '' && !within.startsWith('..') && !path.isAbsolute(within);
		await copyLocally({address: this.address, shown, target: real, localFile, settled}, options);
	}

	async *follow(path: string, options: FollowOptions): AsyncGenerator<FileChunk, void, undefined> {
		// Where it is may change with what is there; a folder above it may not exist yet.
		yield* followGrowing(options, async (from, size) => this.#files.piece(await this.#at(path), from, size));
	}

	/** Kills the programs that it runs. */
	close(): Promise<void> {
		this.#closing.abort(new ConnectionLostError(this.address, 'it was being closed'));
		return Promise.resolve();
	}

	#run(call: ProgramCall, {signal, timeoutMs, onOutput}: RunOptions): Promise<RawResult> {
		const {signal: closing} = this.#closing;
		return runLocally(this.#wire.start(call), {
			address: this.address,
			program: path.win32.basename(call.program),
			timeoutMs: timeoutMs ?? defaultTimeoutMs,
			signal: signal ? AbortSignal.any([signal, closing]) : closing,
			...(onOutput && {onOutput}),
		});
	}

	/** Asked once: the service has no console of its own whose code page somebody could change. */
	#askCodePage(): Promise<number | undefined> {
		return (this.#codePage ??= this.#run(codePageProbe, {timeoutMs: codePageMs}).then(
			({exitCode, stdout}) => (exitCode === 0 ? parseCodePage(stdout.toString('latin1')) : undefined),
			// What was written is then read as UTF-8, which shows what it cannot read.
			() => undefined,
		));
	}

	async #at(path: string): Promise<LocalPath> {
		this.#closing.signal.throwIfAborted();
		const real = await this.#wire.path(path);
		if (real === undefined) {
			throw new FileOperationError(this.address, path, 'FILE_DENIED', 'it is not on drive C:');
		}

		return {shown: path, real};
	}
}
