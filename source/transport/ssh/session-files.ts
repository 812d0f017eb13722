import type {SFTPWrapper} from 'ssh2';
import type {ChannelTurns} from './channel-turns.ts';

interface OpenFiles {
	readonly sftp: Promise<SFTPWrapper>;
	users: number;
	/** Whether its turn has not come yet. */
	pending: boolean;
}

/** How a session gets its SFTP channel. */
export interface FilesOpener {
	/** Waits for the turn; with `shared` the channel that is open is to be used. */
	take(): Promise<'own' | 'shared'>;
	/** Opens a channel on the turn that is held, and gives the turn back where that fails. */
	open(): Promise<SFTPWrapper>;
}

/**
 * The SFTP channel of a session: opened when it is needed, shared, and opened anew after the server closed it. Where
 * the server allows one session only, it is given back as soon as somebody else waits for that.
 */
export class SessionFiles {
	readonly #turns: ChannelTurns;
	readonly #opener: FilesOpener;
	#files: OpenFiles | undefined;

	constructor(turns: ChannelTurns, opener: FilesOpener) {
		this.#turns = turns;
		this.#opener = opener;
	}

	async use<Value>(work: (sftp: SFTPWrapper) => Promise<Value>): Promise<Value> {
		const files = await this.#enter();
		try {
			return await work(await files.sftp);
		} finally {
			files.users -= 1;
			if (this.#files === files) {
				this.giveWay();
			}
		}
	}

	/** Gives the session to those who wait for it, where nobody uses it. */
	giveWay(): void {
		const files = this.#files;
		if (!files || files.users > 0 || !this.#turns.contested) {
			return;
		}

		files.users += this.#turns.share();
		if (files.users === 0) {
			this.#files = undefined;
			files.sftp.then(
				sftp => sftp.end(),
				() => undefined,
			);
		}
	}

	async #enter(): Promise<OpenFiles> {
		for (;;) {
			const files = this.#files;
			if (!files) {
				return this.#open(this.#opener.take());
			}

			if (files.pending || !this.#turns.contested) {
				files.users += 1;
				return files;
			}

			// Somebody else comes first; the channel is closed for them as soon as nobody uses it.
			const turn = await this.#opener.take();
			if (turn === 'shared') {
				return this.#files ?? files;
			}

			if (!this.#files) {
				return this.#open(Promise.resolve(turn));
			}

			this.#turns.release();
		}
	}

	#open(turn: Promise<unknown>): OpenFiles {
		const files: OpenFiles = {sftp: turn.then(() => this.#opener.open()), users: 1, pending: true};
		this.#files = files;
		const forget = () => {
			if (this.#files === files) {
				this.#files = undefined;
			}
		};
		files.sftp.then(sftp => {
			files.pending = false;
			for (const event of ['error', 'end', 'close']) {
				sftp.on(event, forget);
			}

			sftp.once('close', () => this.#turns.release());
		}, forget);
		return files;
	}
}
