import {followGrowing} from '../agent/follow-growing.ts';
import {ConnectionLostError, ProgramTimedOutError} from '../agent/machine-errors.ts';
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
import type {ResidentProcess} from './processes.ts';
import {Killed} from './programs/program.ts';
import {SimulatedFiles} from './simulated-files.ts';
import type {SimulatedAgent} from './simulated-agent.ts';
import {fileNameOf} from './windows-drive.ts';

const defaultTimeoutMs = 60_000;

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
	readonly #files: SimulatedFiles;

	constructor(agent: SimulatedAgent) {
		this.#agent = agent;
		this.address = agent.address;
		this.#process = agent.processes.begin('C:\\Program Files\\dms-upgrade\\dms-upgrade.exe', ['serve']);
		this.#files = new SimulatedFiles(agent, signal => this.#check(signal));
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

	readFile(
		path: string,
		options: {readonly maxBytes?: number; readonly signal?: AbortSignal} = {},
	): Promise<Buffer | undefined> {
		return this.#files.readFile(path, options);
	}

	writeFile(path: string, content: string | Uint8Array, mode: 'replace' | 'exclusive'): Promise<boolean> {
		return this.#files.writeFile(path, content, mode);
	}

	stat(path: string): Promise<FileFacts | undefined> {
		return this.#files.stat(path);
	}

	list(folder: string): Promise<readonly string[] | undefined> {
		return this.#files.list(folder);
	}

	makeFolder(path: string): Promise<void> {
		return this.#files.makeFolder(path);
	}

	remove(path: string): Promise<void> {
		return this.#files.remove(path);
	}

	rename(from: string, to: string): Promise<void> {
		return this.#files.rename(from, to);
	}

	upload(localFile: string, path: string, options: UploadOptions): Promise<void> {
		return this.#files.upload(localFile, path, options);
	}

	follow(path: string, options: FollowOptions): AsyncGenerator<FileChunk, void, undefined> {
		return followGrowing(options, (from, size) => this.#files.readPiece(path, from, size));
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
}
