import {type FileHandle, open} from 'node:fs/promises';
import {LocalFileError} from '../../agent/local-file-error.ts';
import {FileOperationError, MachineError, UploadStalledError} from '../../agent/machine-errors.ts';
import type {UploadOptions} from '../../agent/machine.ts';
import {ContiguousBytes} from './contiguous-bytes.ts';
import type {SftpChannel} from './sftp-channel.ts';
import type {RemotePath} from './sftp-files.ts';
import {fileError, sftpCode} from './ssh-errors.ts';
import type {SshLimits} from './ssh-options.ts';

/** The stall rule watches over the writes, together; a slow line may take long for one of them. */
const noLimit = 2 ** 31 - 1;

/** So many writes are read from the local file at once. */
const writesPerRead = 16;

/** One upload: writes in order, several under way, and never a hole below what is reported as there. */
export class SftpUpload {
	readonly #address: string;
	readonly #channel: SftpChannel;
	readonly #limits: SshLimits;
	readonly #path: RemotePath;
	readonly #localFile: string;
	readonly #options: UploadOptions;
	readonly #written: ContiguousBytes;
	readonly #failed = new AbortController();
	#inFlight = 0;
	/** Whether nothing is sent because its turn has not come. */
	#paced = false;
	#wake: (() => void) | undefined;
	#stallTimer: NodeJS.Timeout | undefined;

	constructor(
		address: string,
		channel: SftpChannel,
		limits: SshLimits,
		localFile: string,
		path: RemotePath,
		options: UploadOptions,
	) {
		this.#address = address;
		this.#channel = channel;
		this.#limits = limits;
		this.#localFile = localFile;
		this.#path = path;
		this.#options = options;
		this.#written = new ContiguousBytes(options.from ?? 0);
	}

	async send(): Promise<void> {
		const {signal} = this.#options;
		signal?.throwIfAborted();
		const abort = () => this.#fail(signal?.reason);
		const local = await open(this.#localFile, 'r').catch((error: unknown) => {
			throw new LocalFileError(this.#localFile, {cause: error});
		});
		try {
			signal?.addEventListener('abort', abort, {once: true});
			await this.#sendFrom(local);
		} finally {
			signal?.removeEventListener('abort', abort);
			clearTimeout(this.#stallTimer);
			await local.close();
		}
	}

	async #sendFrom(local: FileHandle): Promise<void> {
		const from = this.#options.from ?? 0;
		const handle = await this.#open(from);
		this.#watchForStall();
		try {
			await this.#pump(local, handle, from);
			this.#failed.signal.throwIfAborted();
		} catch (error) {
			await this.#settle(handle);
			throw error instanceof MachineError || sftpCode(error) === undefined
				? error
				: fileError(this.#address, this.#path.shown, 'writing to it', error);
		} finally {
			await this.#channel.close(handle);
		}
	}

	async #open(from: number): Promise<Buffer> {
		try {
			if (from === 0) {
				return await this.#channel.open(this.#path.wire, 'w');
			}

			const handle = await this.#channel.open(this.#path.wire, 'r+');
			const size = await this.#channel.sizeOf(handle);
			if (size < from) {
				await this.#channel.close(handle);
				throw new FileOperationError(
					this.#address,
					this.#path.shown,
					'FILE_FAILED',
					`it has ${size} bytes, so nothing can be added at byte ${from}`,
				);
			}

			// What stands behind would be taken for sent if this upload broke off.
			if (size > from) {
				await this.#channel.setSize(handle, from);
			}

			return handle;
		} catch (error) {
			throw error instanceof MachineError
				? error
				: fileError(this.#address, this.#path.shown, 'opening it', error);
		}
	}

	/** Sends what is left of the local file; ends when every write was answered, or at the first failure. */
	async #pump(local: FileHandle, handle: Buffer, from: number): Promise<void> {
		const {writeBytes, writesInFlight} = this.#limits;
		let position = from;
		for (;;) {
			const block = Buffer.allocUnsafe(writeBytes * writesPerRead);
			const {bytesRead} = await this.#read(local, block, position);
			if (bytesRead === 0) {
				break;
			}

			for (let at = 0; at < bytesRead; at += writeBytes) {
				const bytes = block.subarray(at, Math.min(at + writeBytes, bytesRead));
				await this.#until(() => this.#inFlight < writesInFlight);
				await this.#pace(bytes.length);
				this.#write(handle, bytes, position + at);
			}

			position += bytesRead;
		}

		await this.#until(() => this.#inFlight === 0);
	}

	async #pace(bytes: number): Promise<void> {
		const {pace} = this.#options;
		if (!pace) {
			return;
		}

		const {signal} = this.#failed;
		this.#paced = true;
		try {
			await pace(bytes, signal);
		} finally {
			this.#paced = false;
		}

		signal.throwIfAborted();
		if (this.#inFlight === 0) {
			this.#watchForStall();
		}
	}

	async #read(local: FileHandle, block: Buffer, position: number): Promise<{bytesRead: number}> {
		try {
			return await local.read(block, 0, block.length, position);
		} catch (error) {
			throw new LocalFileError(this.#localFile, {cause: error});
		}
	}

	#write(handle: Buffer, bytes: Buffer, position: number): void {
		this.#inFlight += 1;
		this.#channel
			.write(handle, bytes, position, noLimit)
			.then(
				() => {
					this.#watchForStall();
					if (this.#written.add(position, position + bytes.length)) {
						this.#options.onProgress?.(this.#written.end);
					}
				},
				(error: unknown) => this.#fail(error),
			)
			// A listener of ours that throws ends the upload as well.
			.catch((error: unknown) => this.#fail(error))
			.finally(() => {
				this.#inFlight -= 1;
				this.#wake?.();
			});
	}

	#fail(error: unknown): void {
		this.#failed.abort(error);
		this.#wake?.();
	}

	/** Waits for a condition that only the answer to a write changes; rejects when the upload has failed. */
	async #until(condition: () => boolean): Promise<void> {
		for (;;) {
			this.#failed.signal.throwIfAborted();
			if (condition()) {
				return;
			}

			await new Promise<void>(resolve => (this.#wake = resolve));
		}
	}

	#watchForStall(): void {
		clearTimeout(this.#stallTimer);
		const {stallMs} = this.#options;
		this.#stallTimer = setTimeout(() => {
			// Everything that was sent has arrived; it is we who hold the rest back.
			if (this.#paced && this.#inFlight === 0) {
				return;
			}

			this.#fail(new UploadStalledError(this.#address, stallMs));
			// Whatever is still under way has waited as long; the line is dead.
			this.#channel.abandon();
		}, stallMs);
	}

	/**
	 * After a failure: writes that were under way may still arrive behind one that did not. The file is cut to what is
	 * there without a gap. Where the connection is gone nothing can be cut, and nothing behind the gap was written,
	 * since the server carries the writes out in their order.
	 */
	async #settle(handle: Buffer): Promise<void> {
		clearTimeout(this.#stallTimer);
		const {settleMs} = this.#limits;
		const until = Date.now() + settleMs;
		while (this.#inFlight > 0 && Date.now() < until) {
			await new Promise<void>(resolve => {
				const timer = setTimeout(resolve, until - Date.now());
				this.#wake = () => {
					clearTimeout(timer);
					resolve();
				};
			});
		}

		// What broke the upload off matters more than that this may fail too.
		await this.#channel.setSize(handle, this.#written.end, settleMs).catch(() => undefined);
	}
}
