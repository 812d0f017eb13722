/**
 * A Windows computer that we can reach. Paths are Windows paths (`C:\Skyline DataMiner\…`); every implementation
 * maps them to what it speaks. Everything that it answers is untrusted.
 *
 * Every method rejects with a `MachineError`; after a lost connection the next call connects again.
 */
export interface Machine {
	/** For messages: the address as the user knows it. */
	readonly address: string;

	/** Runs a program and waits for its end. The exit code is an answer, never an error. */
	run(call: ProgramCall, options?: RunOptions): Promise<ProgramResult>;

	/** Undefined where there is no such file. Rejects with `FILE_TOO_LARGE` above `maxBytes` (default 1 MiB). */
	readFile(
		path: string,
		options?: {readonly maxBytes?: number; readonly signal?: AbortSignal},
	): Promise<Buffer | undefined>;

	/**
	 * `replace`: readers see the old or the new content, never a part of it.
	 * `exclusive`: answers false, and changes nothing, where the file is there already.
	 */
	writeFile(path: string, content: string | Uint8Array, mode: 'replace' | 'exclusive'): Promise<boolean>;

	stat(path: string): Promise<FileFacts | undefined>;

	/** Names only, in no order; undefined where there is no such folder. */
	list(folder: string): Promise<readonly string[] | undefined>;

	/** With the folders above it; content with being there already. */
	makeFolder(path: string): Promise<void>;

	/** A file, or a folder with all that is in it; content with being gone already. */
	remove(path: string): Promise<void>;

	/** Replaces the target. */
	rename(from: string, to: string): Promise<void>;

	/**
	 * Sends a local file from byte `from` on, to the same offset of the remote file. What had arrived before a
	 * failure stays there. Rejects with `UPLOAD_STALLED` when no byte moves for `stallMs`.
	 */
	upload(localFile: string, path: string, options: UploadOptions): Promise<void>;

	/**
	 * Yields what is appended to a file from byte `offset` on, until aborted; waits while there is no such file.
	 * A file that became shorter than what was read is read from its start again (`restarted`).
	 */
	follow(path: string, options: FollowOptions): AsyncIterable<FileChunk>;

	close(): Promise<void>;
}

/** A program and its arguments as a list: quoting is the machine's business, and done in one place. */
export interface ProgramCall {
	readonly program: string;
	readonly args: readonly string[];
}

export interface RunOptions {
	readonly signal?: AbortSignal;
	/** After this it is given up with `PROGRAM_TIMED_OUT`. Default 60,000 ms. */
	readonly timeoutMs?: number;
	readonly onOutput?: (text: string) => void;
}

export interface ProgramResult {
	readonly exitCode: number;
	readonly stdout: string;
	readonly stderr: string;
}

export interface FileFacts {
	readonly size: number;
	/** Milliseconds since 1970-01-01 UTC, by the machine's clock. */
	readonly modifiedAt: number;
	readonly folder: boolean;
}

export interface UploadOptions {
	readonly from?: number;
	readonly stallMs: number;
	readonly signal?: AbortSignal;
	/** Asked before so many bytes are sent; they are once it resolves. The time that it takes counts as no stall. */
	readonly pace?: (bytes: number, signal: AbortSignal) => Promise<void>;
	/** Bytes of the file that are there now, the ones before `from` included. */
	readonly onProgress?: (bytes: number) => void;
}

export interface FollowOptions {
	readonly offset?: number;
	readonly pollMs: number;
	readonly signal: AbortSignal;
}

export interface FileChunk {
	readonly bytes: Buffer;
	/** Of the first byte of `bytes`. */
	readonly offset: number;
	readonly restarted: boolean;
}
