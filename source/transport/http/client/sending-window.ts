/**
 * How much of an upload may be on its way: what the service has not told to be stored yet. When the connection breaks, no
 * more than that has to be sent again.
 */
export class SendingWindow {
	/** Whether the service tells what it has stored: another one, or a proxy between, may not. */
	told = false;
	readonly #most: number;
	#sent = 0;
	#stored = 0;
	#moved = Promise.withResolvers<undefined>();

	/** `most` bytes may be on their way. */
	constructor(most: number) {
		this.#most = most;
	}

	/** The next byte that is sent is this one of the upload; those before it have been stored. */
	begin(offset: number): void {
		this.#sent = offset;
		this.#move(offset);
	}

	/** The service has told that the first `bytes` of the upload are stored. */
	store(bytes: number): void {
		if (bytes > this.#stored && bytes <= this.#sent) {
			this.told = true;
			this.#move(bytes);
		}
	}

	/** Resolves when so many bytes may follow; they count as sent then. Rejects with the reason of the signal. */
	async room(bytes: number, signal: AbortSignal): Promise<void> {
		const aborted = Promise.withResolvers<never>();
		const abort = () => aborted.reject(signal.reason as Error);
		aborted.promise.catch(() => undefined);
		signal.addEventListener('abort', abort, {once: true});
		try {
			signal.throwIfAborted();
			while (this.told && this.#sent + bytes - this.#stored > this.#most) {
				await Promise.race([this.#moved.promise, aborted.promise]);
			}

			this.#sent += bytes;
		} finally {
			signal.removeEventListener('abort', abort);
		}
	}

	#move(stored: number): void {
		this.#stored = stored;
		const {resolve} = this.#moved;
		this.#moved = Promise.withResolvers();
		resolve(undefined);
	}
}
