import type {Client, ClientChannel, SFTPWrapper} from 'ssh2';
import {ConnectionLostError, MachineError, UnreachableError} from '../../agent/machine-errors.ts';
import {type ChannelKind, ChannelTurns} from './channel-turns.ts';
import {NoFileTransferError} from './login/login-errors.ts';
import type {Line} from './network/line.ts';
import {SessionFiles} from './session-files.ts';
import {isSessionRefusal} from './ssh-errors.ts';
import type {SshLimits} from './ssh-options.ts';

/** A callback as ssh2 calls it. */
export type Answer<Value> = (error: Error | null | undefined, value: Value) => void;

/** How often an answer is waited for once more while the server answers others. */
const mostExtensions = 20;

/** One login: everything on it fails together when it ends, and nothing on it waits without limit. */
export class SshSession {
	readonly #address: string;
	readonly #client: Client;
	readonly #line: Line;
	readonly #limits: SshLimits;
	readonly #waiting = new Set<() => void>();
	readonly #turns: ChannelTurns;
	readonly #files: SessionFiles;
	readonly #onEnd = new Set<() => void>();
	#keepalive: NodeJS.Timeout | undefined;
	#ended = false;

	constructor(address: string, client: Client, line: Line, limits: SshLimits) {
		this.#address = address;
		this.#client = client;
		this.#line = line;
		this.#limits = limits;
		this.#turns = new ChannelTurns(() => this.#files.giveWay());
		this.#files = new SessionFiles(this.#turns, {
			take: () => this.#takeTurn('files'),
			open: () => this.#openFiles(),
		});
		client.on('error', ({level}: Error & {level?: string}) => {
			// What goes wrong with one key is no end: another one is tried.
			if (level !== 'agent' && level !== 'client-authentication') {
				this.end();
			}
		});
		client.on('close', () => this.end());
		client.on('end', () => this.end());
	}

	get ended(): boolean {
		return this.#ended;
	}

	/** Ends the connection at once, and with it all that is under way. */
	end(): void {
		if (this.#ended) {
			return;
		}

		this.#ended = true;
		clearInterval(this.#keepalive);
		this.#client.end();
		this.#line.destroy();
		for (const giveUp of [...this.#waiting]) {
			giveUp();
		}

		this.#turns.end(new ConnectionLostError(this.#address, 'a session was waited for'));
		for (const listener of this.#onEnd) {
			listener();
		}

		this.#onEnd.clear();
	}

	/** Calls the listener when the session ends, or at once where it has ended. */
	onEnd(listener: () => void): void {
		if (this.#ended) {
			listener();
		} else {
			this.#onEnd.add(listener);
		}
	}

	/**
	 * Ends the session when its line is dead. To be called once, after the login, from which on ssh2 asks the server for
	 * a sign of life; that it is given is looked after here, since ssh2 counts nothing but the answers to its questions.
	 */
	watchOver(): void {
		if (this.#ended) {
			return;
		}

		let received = this.#line.bytesRead;
		let silent = 0;
		// Counted and not measured: a computer that slept has heard nothing either, and finds the answers afterwards.
		this.#keepalive = setInterval(() => {
			const {bytesRead} = this.#line;
			silent = bytesRead === received ? silent + 1 : 0;
			received = bytesRead;
			if (silent >= this.#limits.keepaliveCount) {
				this.end();
			}
		}, this.#limits.keepaliveIntervalMs);
	}

	/**
	 * Waits for one answer of the server, at most `limitMs`. A server that owes an answer for so long is gone: the
	 * connection is ended, and whatever else waits on it ends too.
	 */
	ask<Value>(
		during: string,
		call: (answer: Answer<Value>) => void,
		limitMs: number = this.#limits.answerMs,
	): Promise<Value> {
		return new Promise((resolve, reject) => {
			const lost = (cause?: unknown) => {
				settle();
				reject(new ConnectionLostError(this.#address, during, {cause}));
			};
			const giveUp = () => lost();
			let received = this.#line.bytesRead;
			let patience = mostExtensions;
			const expire = () => {
				// On a slow line an answer waits behind an upload that goes on: others are being answered meanwhile.
				if (this.#line.bytesRead > received && patience > 0) {
					received = this.#line.bytesRead;
					patience--;
					timer = setTimeout(expire, limitMs);
					return;
				}

				lost(new Error(`no answer within ${limitMs} ms`));
				this.end();
			};
			let timer = setTimeout(expire, limitMs);
			const settle = () => {
				clearTimeout(timer);
				this.#waiting.delete(giveUp);
			};
			if (this.#ended) {
				lost();
				return;
			}

			this.#waiting.add(giveUp);
			try {
				call((error, value) => {
					settle();
					if (!error) {
						resolve(value);
					} else if (this.#ended || /^(?:No response from server|Not connected)/.test(error.message)) {
						lost(error);
					} else {
						reject(error);
					}
				});
			} catch (error) {
				// ssh2 throws where it finds the connection gone before it has told anybody.
				lost(error);
			}
		});
	}

	/**
	 * Starts a program. `begin` listens to it in the same turn in which it is known: a program that ends at once has
	 * said everything by the next one.
	 */
	async exec<T>(line: string, begin: (channel: ClientChannel) => Promise<T>): Promise<T> {
		await this.#takeTurn('program');
		const {ended, closed} = await this.#onTurn('program', () =>
			this.ask<{ended: Promise<T>; closed: Promise<void>}>('a program was started', answer =>
				this.#client.exec(line, (error, channel) => {
					if (error) {
						answer(error, undefined as never);
						return;
					}

					const closed = new Promise<void>(resolve => channel.once('close', () => resolve()));
					const ended = begin(channel);
					ended.catch(() => undefined);
					answer(undefined, {ended, closed});
				}),
			),
		).catch((error: unknown) => {
			throw error instanceof MachineError
				? error
				: new UnreachableError(this.#address, 'its SSH server starts no programs', {cause: error});
		});
		void closed.then(() => this.#turns.release());
		return ended;
	}

	/** Does something on the SFTP channel, which all share. */
	withSftp<Value>(work: (sftp: SFTPWrapper) => Promise<Value>): Promise<Value> {
		return this.#files.use(work);
	}

	/** Opens a connection from the server on to another host, as for a jump. */
	forward(host: string, port: number): Promise<ClientChannel> {
		return new Promise((resolve, reject) => {
			if (this.#ended) {
				reject(new ConnectionLostError(this.#address, 'it was to be gone through'));
				return;
			}

			const lost = () => reject(new ConnectionLostError(this.#address, 'it was gone through'));
			this.onEnd(lost);
			// What the server is told about where the connection comes from is of no use to anybody.
			this.#client.forwardOut('127.0.0.1', 0, host, port, (error, channel) => {
				this.#onEnd.delete(lost);
				if (error) {
					reject(error);
				} else {
					resolve(channel);
				}
			});
		});
	}

	async #openFiles(): Promise<SFTPWrapper> {
		return this.#onTurn('files', () =>
			this.ask<SFTPWrapper>('file transfer was started', answer => this.#client.sftp(answer)),
		).catch((error: unknown) => {
			throw error instanceof MachineError ? error : new NoFileTransferError(this.#address, {cause: error});
		});
	}

	#takeTurn(kind: ChannelKind): Promise<'own' | 'shared'> {
		return this.#turns.take(kind, this.#limits.turnMs, this.#tooLong);
	}

	/** Asks for a session on the turn that is held, again and again where the server has too few of them. */
	async #onTurn<Value>(kind: ChannelKind, open: () => Promise<Value>): Promise<Value> {
		for (let retries = 0; ; retries++) {
			try {
				const opened = await open();
				this.#turns.succeeded();
				return opened;
			} catch (error) {
				if (!isSessionRefusal(error)) {
					this.#turns.release();
					throw error;
				}

				if (!(await this.#turns.refused(kind, retries, this.#limits.turnMs, this.#tooLong))) {
					this.#turns.release();
					throw error;
				}
			}
		}
	}

	readonly #tooLong = () =>
		new UnreachableError(
			this.#address,
			`its SSH server allows too few sessions at once (MaxSessions), and none became free within ${Math.round(this.#limits.turnMs / 60_000)} min`,
		);
}
