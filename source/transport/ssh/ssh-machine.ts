import {followGrowing, pieceBytes} from '../../agent/follow-growing.ts';
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
import {SftpChannel} from './sftp-channel.ts';
import {type RemotePath, SftpFiles} from './sftp-files.ts';
import {SftpUpload} from './sftp-upload.ts';
import {Slots} from '../slots.ts';
import {SshLink} from './ssh-link.ts';
import {type SshOptions, type SshWire, windowsWire} from './ssh-options.ts';
import {runLine} from './ssh-program.ts';

const defaultTimeoutMs = 60_000;

/** A Windows computer behind its SSH server: programs by `exec`, files by SFTP, all on one connection. */
export class SshMachine implements Machine {
	readonly address: string;
	readonly #link: SshLink;
	readonly #wire: SshWire;
	readonly #programs: Slots;

	constructor(options: SshOptions) {
		this.address = options.address;
		this.#link = new SshLink(options);
		this.#wire = options.wire ?? windowsWire;
		this.#programs = new Slots(this.#link.limits.programsAtOnce);
	}

	run(call: ProgramCall, options: RunOptions = {}): Promise<ProgramResult> {
		return this.#programs.use(async () => {
			options.signal?.throwIfAborted();
			const session = await this.#link.open();
			const line = this.#wire.command(await this.#link.shell(session), call);
			return runLine(session, this.address, line, this.#link.limits, {
				program: call.program.slice(call.program.lastIndexOf('\\') + 1),
				timeoutMs: options.timeoutMs ?? defaultTimeoutMs,
				codePage: () => this.#link.codePage(session),
				...(options.signal && {signal: options.signal}),
				...(options.onOutput && {onOutput: options.onOutput}),
			});
		});
	}

	async readFile(
		path: string,
		options: {readonly maxBytes?: number; readonly signal?: AbortSignal} = {},
	): Promise<Buffer | undefined> {
		options.signal?.throwIfAborted();
		return this.#withFiles(files => files.read(this.#at(path), options));
	}

	async writeFile(
		path: string,
		content: string | Uint8Array,
		mode: 'replace' | 'exclusive',
	): Promise<boolean> {
		return this.#withFiles(files => files.write(this.#at(path), Buffer.from(content), mode));
	}

	async stat(path: string): Promise<FileFacts | undefined> {
		return this.#withFiles(files => files.stat(this.#at(path)));
	}

	async list(folder: string): Promise<readonly string[] | undefined> {
		return this.#withFiles(files => files.list(this.#at(folder)));
	}

	async makeFolder(path: string): Promise<void> {
		await this.#withFiles(files => files.makeFolder(this.#at(path)));
	}

	async remove(path: string): Promise<void> {
		await this.#withFiles(files => files.remove(this.#at(path)));
	}

	async rename(from: string, to: string): Promise<void> {
		await this.#withFiles(files => files.rename(this.#at(from), this.#at(to)));
	}

	async upload(localFile: string, path: string, options: UploadOptions): Promise<void> {
		options.signal?.throwIfAborted();
		const {limits} = this.#link;
		await this.#withChannel(channel =>
			new SftpUpload(this.address, channel, limits, localFile, this.#at(path), options).send(),
		);
	}

	follow(path: string, options: FollowOptions): AsyncGenerator<FileChunk, void, undefined> {
		return followGrowing(options, async (asked, known) =>
			this.#withFiles(async files => {
				const size = (await files.stat(this.#at(path)))?.size;
				if (size === undefined) {
					return undefined;
				}

				const from = size < asked ? 0 : asked;
				const bytes = size === known ? undefined : await files.readPiece(this.#at(path), from, pieceBytes);
				return {from, bytes: bytes ?? Buffer.alloc(0)};
			}),
		);
	}

	close(): Promise<void> {
		return this.#link.close();
	}

	async #withChannel<Value>(work: (channel: SftpChannel) => Promise<Value>): Promise<Value> {
		const session = await this.#link.open();
		return session.withSftp(sftp => work(new SftpChannel(session, sftp)));
	}

	#withFiles<Value>(work: (files: SftpFiles) => Promise<Value>): Promise<Value> {
		return this.#withChannel(channel => work(new SftpFiles(this.address, channel, this.#link.limits)));
	}

	#at(path: string): RemotePath {
		return {shown: path, wire: this.#wire.path(path)};
	}
}
