import {createHash} from 'node:crypto';
import {type Socket, connect as connectSocket} from 'node:net';
import type {Client, ClientChannel, SFTPWrapper} from 'ssh2';
import {
	ConnectionLostError,
	HostKeyMismatchError,
	MachineError,
	UnreachableError,
} from '../../agent/machine-errors.ts';
import {connectError} from './ssh-errors.ts';
import type {SshLimits, SshOptions} from './ssh-options.ts';

/** A callback as ssh2 calls it. */
export type Answer<Value> = (error: Error | null | undefined, value: Value) => void;

/** How often an answer is waited for once more while the server answers others. */
const mostExtensions = 20;

/** One login: everything on it fails together when it ends, and nothing on it waits without limit. */
export class SshSession {
	readonly #address: string;
	readonly #client: Client;
	readonly #socket: Socket;
	readonly #limits: SshLimits;
	readonly #waiting = new Set<() => void>();
	#sftp: Promise<SFTPWrapper> | undefined;
	#keepalive: NodeJS.Timeout | undefined;
	#ended = false;

	constructor(address: string, client: Client, socket: Socket, limits: SshLimits) {
		this.#address = address;
		this.#client = client;
		this.#socket = socket;
		this.#limits = limits;
		client.on('error', () => this.end());
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
		this.#socket.destroy();
		for (const giveUp of [...this.#waiting]) {
			giveUp();
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

		let received = this.#socket.bytesRead;
		let silent = 0;
		// Counted and not measured: a computer that slept has heard nothing either, and finds the answers afterwards.
		this.#keepalive = setInterval(() => {
			const {bytesRead} = this.#socket;
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
			let received = this.#socket.bytesRead;
			let patience = mostExtensions;
			const expire = () => {
				// On a slow line an answer waits behind an upload that goes on: others are being answered meanwhile.
				if (this.#socket.bytesRead > received && patience > 0) {
					received = this.#socket.bytesRead;
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
		const {ended} = await this.ask<{ended: Promise<T>}>('a program was started', answer =>
			this.#client.exec(line, (error, channel) => {
				if (error) {
					answer(error, undefined as never);
					return;
				}

				const ended = begin(channel);
				ended.catch(() => undefined);
				answer(undefined, {ended});
			}),
		).catch((error: unknown) => {
			throw error instanceof MachineError
				? error
				: new UnreachableError(this.#address, 'its SSH server starts no programs', {cause: error});
		});
		return ended;
	}

	/** The SFTP channel, opened once; a new one when that was closed by the server. */
	sftp(): Promise<SFTPWrapper> {
		this.#sftp ??= this.#openSftp().catch((error: unknown) => {
			this.#sftp = undefined;
			throw error;
		});
		return this.#sftp;
	}

	async #openSftp(): Promise<SFTPWrapper> {
		const sftp = await this.ask<SFTPWrapper>('file transfer was started', answer =>
			this.#client.sftp(answer),
		).catch((error: unknown) => {
			throw error instanceof MachineError
				? error
				: new UnreachableError(this.#address, 'its SSH server offers no file transfer (SFTP)', {
						cause: error,
					});
		});
		const forget = () => (this.#sftp = undefined);
		sftp.on('error', forget);
		sftp.on('end', forget);
		sftp.on('close', forget);
		return sftp;
	}
}

/** Connects and logs in. Nothing but the handshake is sent before the server's key was found to be the right one. */
export async function openSession(options: SshOptions, limits: SshLimits): Promise<SshSession> {
	// Loaded here, since commands that reach no Agent should not pay for it.
	const [{default: ssh2}, socket] = await Promise.all([
		import('ssh2'),
		openSocket(options.address, options.port, limits.connectTimeoutMs),
	]);
	const client = new ssh2.Client();
	const session = new SshSession(options.address, client, socket, limits);
	try {
		await logIn(client, socket, options, limits);
		session.watchOver();
	} catch (error) {
		session.end();
		throw error;
	}

	return session;
}

function openSocket(address: string, port: number, limitMs: number): Promise<Socket> {
	return new Promise((resolve, reject) => {
		const socket = connectSocket({host: address, port, noDelay: true});
		const timer = setTimeout(() => {
			socket.destroy();
			reject(new UnreachableError(address, `it did not answer within ${Math.round(limitMs / 1000)} s`));
		}, limitMs);
		socket.once('connect', () => {
			clearTimeout(timer);
			socket.removeAllListeners('error');
			// From here on ssh2 listens; this one only keeps an early error from ending the process.
			socket.on('error', () => undefined);
			resolve(socket);
		});
		socket.once('error', error => {
			clearTimeout(timer);
			reject(connectError(address, error));
		});
	});
}

function logIn(client: Client, socket: Socket, options: SshOptions, limits: SshLimits): Promise<void> {
	const {address, user, privateKey, hostKey} = options;
	return new Promise((resolve, reject) => {
		let mismatch: HostKeyMismatchError | undefined;
		client.once('ready', resolve);
		client.on('error', error => reject(mismatch ?? connectError(address, error)));
		client.once('close', () =>
			reject(mismatch ?? new UnreachableError(address, 'it closed the connection during the login')),
		);
		try {
			client.connect({
				sock: socket,
				username: user,
				privateKey,
				readyTimeout: limits.connectTimeoutMs,
				keepaliveInterval: limits.keepaliveIntervalMs,
				keepaliveCountMax: Number.MAX_SAFE_INTEGER,
				authHandler: ['publickey'],
				hostVerifier: (key: Buffer) => {
					const offered = fingerprint(key);
					mismatch = offered === hostKey ? undefined : new HostKeyMismatchError(address, hostKey, offered);
					return mismatch === undefined;
				},
			});
		} catch (error) {
			reject(connectError(address, error));
		}
	});
}

/** As `ssh-keygen -l` prints it. */
export function fingerprint(key: Buffer): string {
	return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}
