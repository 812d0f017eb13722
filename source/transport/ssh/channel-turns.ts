/** What a session of a server is taken for. */
export type ChannelKind = 'program' | 'files';

interface Waiter {
	readonly kind: ChannelKind;
	readonly grant: (as: 'own' | 'shared') => void;
	readonly fail: (error: unknown) => void;
}

/** How often, and after how many milliseconds at first, a session is asked for again that is just being given back. */
const mostRetries = 8;
const firstRetryMs = 20;

/**
 * The sessions of one connection, of which a server allows only so many (`MaxSessions`). How many is found out when it
 * refuses one; from then on those who want one wait for their turn, first come, first served.
 */
export class ChannelTurns {
	#most = Infinity;
	#taken = 0;
	#succeeded = false;
	readonly #queue: Waiter[] = [];
	readonly #onWaiting: () => void;

	/** @param onWaiting called when somebody begins to wait */
	constructor(onWaiting: () => void) {
		this.#onWaiting = onWaiting;
	}

	/** Whether somebody waits for the only session that there is. */
	get contested(): boolean {
		return this.#most === 1 && this.#queue.length > 0;
	}

	/** Resolves with `shared` where a session for files that is open already is to be used. */
	take(kind: ChannelKind, limitMs: number, onLimit: () => Error): Promise<'own' | 'shared'> {
		if (this.#taken < this.#most && this.#queue.length === 0) {
			this.#taken += 1;
			return Promise.resolve('own');
		}

		return this.#wait(kind, limitMs, onLimit, 'last');
	}

	release(): void {
		this.#taken -= 1;
		this.#serve();
	}

	/** Gives all who come next and want files as well the session that is open; says how many that are. */
	share(): number {
		let shared = 0;
		while (this.#queue[0]?.kind === 'files') {
			this.#queue.shift()?.grant('shared');
			shared += 1;
		}

		return shared;
	}

	/** The server has given a session. */
	succeeded(): void {
		this.#succeeded = true;
	}

	/**
	 * The server has refused a session to somebody who had the turn. Resolves when it may be asked again, with whether
	 * that makes sense. Rejects without the turn, when that took too long.
	 */
	async refused(kind: ChannelKind, retries: number, limitMs: number, onLimit: () => Error): Promise<boolean> {
		const others = this.#taken - 1;
		if (others > 0) {
			this.#most = Math.min(this.#most, others);
			this.#taken -= 1;
			await this.#wait(kind, limitMs, onLimit, 'first');
			return true;
		}

		if (!this.#succeeded || retries >= mostRetries) {
			return false;
		}

		// A server gives a session free a little after it has said that it is closed.
		await new Promise(resolve => setTimeout(resolve, firstRetryMs * 2 ** retries));
		return true;
	}

	/** Ends all waiting. */
	end(error: unknown): void {
		for (const waiter of this.#queue.splice(0)) {
			waiter.fail(error);
		}
	}

	#wait(
		kind: ChannelKind,
		limitMs: number,
		onLimit: () => Error,
		place: 'first' | 'last',
	): Promise<'own' | 'shared'> {
		return new Promise((resolve, reject) => {
			const timer = setTimeout(() => {
				this.#queue.splice(this.#queue.indexOf(waiter), 1);
				reject(onLimit());
			}, limitMs);
			const waiter: Waiter = {
				kind,
				grant(as) {
					clearTimeout(timer);
					resolve(as);
				},
				fail(error) {
					clearTimeout(timer);
					reject(error instanceof Error ? error : new Error(String(error)));
				},
			};
			if (place === 'first') {
				this.#queue.unshift(waiter);
			} else {
				this.#queue.push(waiter);
			}

			this.#serve();
			if (this.#queue.includes(waiter)) {
				this.#onWaiting();
			}
		});
	}

	#serve(): void {
		while (this.#taken < this.#most && this.#queue.length > 0) {
			this.#taken += 1;
			this.#queue.shift()?.grant('own');
		}
	}
}
