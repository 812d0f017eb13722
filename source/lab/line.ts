import type {Socket} from 'node:net';
import {Duplex} from 'node:stream';

/**
 * The way between a client and a server of a simulated Agent. It can break, which both ends are told, and fall silent,
 * which nobody is: what either end sends is swallowed, and not even its closing arrives at the other.
 */
export class Line extends Duplex {
	readonly #socket: Socket;
	#silent = false;

	constructor(socket: Socket) {
		super();
		this.#socket = socket;
		socket.on('data', (bytes: Buffer) => {
			if (!this.#silent && !this.push(bytes)) {
				socket.pause();
			}
		});
		socket.on('end', () => {
			if (!this.#silent) {
				this.push(null);
			}
		});
		socket.on('error', error => {
			if (!this.#silent) {
				this.destroy(error);
			}
		});
		socket.on('close', () => {
			if (!this.#silent) {
				this.destroy();
			}
		});
	}

	/** True while what is sent arrives. */
	get carries(): boolean {
		return !this.#silent && !this.#socket.destroyed;
	}

	/** True when both ends have let go of it. */
	get gone(): boolean {
		return this.destroyed && this.#socket.destroyed;
	}

	fallSilent(): void {
		this.#silent = true;
		// What still comes is read and thrown away.
		this.#socket.resume();
	}

	/** Both ends learn of it at once, as far as they still can. */
	reset(): void {
		// Node never finishes to close a socket that is reset while it is being ended.
		if (this.#socket.writableEnded) {
			this.#socket.destroy();
		} else {
			this.#socket.resetAndDestroy();
		}

		this.destroy();
	}

	override _read(): void {
		this.#socket.resume();
	}

	override _write(bytes: Buffer, _encoding: BufferEncoding, done: () => void): void {
		if (this.carries) {
			this.#socket.write(bytes, () => done());
		} else {
			done();
		}
	}

	override _final(done: () => void): void {
		if (this.carries) {
			this.#socket.end();
		} else {
			// The other end will never answer with a close of its own.
			this.destroy();
		}

		done();
	}

	override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
		if (this.carries) {
			this.#socket.destroy();
		}

		done(error);
	}
}
