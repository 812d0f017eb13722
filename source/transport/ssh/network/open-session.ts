import type {Client} from 'ssh2';
import {UnreachableError} from '../../../agent/machine-errors.ts';
import type {Ssh2} from '../login/agent-keys.ts';
import {LoginRefusedError} from '../login/login-errors.ts';
import {Login} from '../login/login.ts';
import type {SecretStore} from '../secret-store.ts';
import {connectError} from '../ssh-errors.ts';
import type {SshLimits} from '../ssh-options.ts';
import {SshSession} from '../ssh-session.ts';
import {type AcceptedKeys, HostTrust} from '../trust/host-trust.ts';
import type {Hop} from './hop.ts';
import {type Line, openLine, openLineThrough} from './line.ts';
import {PausableLimit} from './pausable-limit.ts';
import type {Person} from './person.ts';

/** The server hung up before it said who it is, which it does when too many want to log in at once (MaxStartups). */
export class DroppedEarly extends Error {
	constructor(readonly error: UnreachableError) {
		super(error.message);
	}
}

/** The server hung up while somebody was being asked. What was answered is not lost. */
export class ClosedWhileAskingError extends UnreachableError {
	constructor(address: string) {
		super(address, 'it closed the connection while an answer was waited for');
	}
}

/** What the logins of a process have in common. */
export interface LoginMemory {
	readonly secrets: SecretStore;
	readonly accepted: AcceptedKeys;
	readonly acceptNewHostKeys: boolean;
}

export interface Attempt {
	readonly hop: Hop;
	/** The session that is gone through, and what its host is called. */
	readonly via?: {readonly session: SshSession; readonly name: string} | undefined;
	readonly limits: SshLimits;
	readonly memory: LoginMemory;
	readonly person: Person;
	readonly signal: AbortSignal;
	/** Lets only so many log in at once. Connecting is not held up by it: a server that is off would hold up others. */
	readonly paced: (logIn: () => Promise<void>) => Promise<void>;
}

/**
 * Connects and logs in. Nothing but the handshake is sent before the server's key was found to be the right one.
 * @throws DroppedEarly, TurnNeeded, and errors for people
 */
export async function openSession(attempt: Attempt): Promise<SshSession> {
	const {hop, via, memory, person, signal} = attempt;
	const {settings, address} = hop;
	const limits = withSettings(attempt);
	const target = {
		address,
		host: settings.hostName,
		port: settings.port,
		addressFamily: settings.addressFamily,
		limitMs: limits.connectTimeoutMs,
		signal,
	};
	// Loaded here, since commands that reach no Agent should not pay for it.
	const [{default: ssh2}, trust] = await Promise.all([
		import('ssh2'),
		HostTrust.of(hop, memory.accepted, memory.acceptNewHostKeys),
	]);
	const line = await (via ? openLineThrough(via.session, via.name, target) : openLine(target));
	const client = new ssh2.Client();
	const session = new SshSession(address, client, line, limits);
	try {
		await attempt.paced(async () => {
			if (line.stream.destroyed) {
				throw new DroppedEarly(new UnreachableError(address, 'it closed the connection'));
			}

			await new LoggingIn(ssh2, client, line, {...attempt, limits}, trust, person).done;
		});
		session.watchOver();
	} catch (error) {
		session.end();
		throw error;
	}

	return session;
}

/** What the configuration says goes before our own, as long as a dead line is noticed as soon. */
function withSettings({limits, hop: {settings}}: Attempt): SshLimits {
	const {connectTimeoutSeconds = 0, serverAliveIntervalSeconds, serverAliveCountMax} = settings;
	const intervalMs = serverAliveIntervalSeconds * 1000;
	const sooner =
		intervalMs > 0 && intervalMs * serverAliveCountMax < limits.keepaliveIntervalMs * limits.keepaliveCount;
	return {
		...limits,
		...(connectTimeoutSeconds > 0 && {connectTimeoutMs: connectTimeoutSeconds * 1000}),
		...(sooner && {keepaliveIntervalMs: intervalMs, keepaliveCount: Math.max(1, serverAliveCountMax)}),
	};
}

/** What ssh2 says when nothing is left to try; its other errors of this kind are about one key. */
const allFailed = 'All configured authentication methods failed';

class LoggingIn {
	readonly done: Promise<void>;
	readonly #address: string;
	readonly #client: Client;
	readonly #trust: HostTrust;
	readonly #person: Person;
	readonly #login: Login;
	readonly #limit: PausableLimit;
	#settle: (error?: Error) => void = () => undefined;
	/** What goes on at our side: while it does, the end of the connection waits. */
	#working = 0;
	#askingNow = false;
	#closed: UnreachableError | DroppedEarly | undefined;
	#introduced = false;
	#accepted: Buffer | undefined;

	constructor(ssh2: Ssh2, client: Client, line: Line, attempt: Attempt, trust: HostTrust, person: Person) {
		const {hop, limits, memory, signal} = attempt;
		this.#address = hop.address;
		this.#client = client;
		this.#trust = trust;
		this.#person = person;
		const {address, settings, privateKey} = hop;
		this.#login = new Login(ssh2, {address, settings, privateKey}, memory.secrets, person);
		this.#login.onFailure = error => this.#finish(error);
		this.#limit = new PausableLimit(limits.connectTimeoutMs, () =>
			this.#finish(new UnreachableError(address, 'its SSH server does not answer')),
		);
		person.whileAsking = asking => this.#whileAsking(asking);
		const abort = () => this.#finish(signal.reason);
		this.done = new Promise((resolve, reject) => {
			this.#settle = error => {
				this.#settle = () => undefined;
				this.#limit.clear();
				signal.removeEventListener('abort', abort);
				if (error === undefined) {
					resolve();
				} else {
					reject(error);
				}
			};
		});
		signal.addEventListener('abort', abort, {once: true});
		this.#listen();
		this.#begin(line, attempt);
		if (signal.aborted) {
			abort();
		}
	}

	#listen(): void {
		this.#client.once('ready', () => this.#settle());
		this.#client.once('handshake', () => (this.#introduced = true));
		this.#client.on('error', error => this.#onError(error));
		this.#client.once('close', () =>
			this.#onClose(
				this.#introduced
					? new UnreachableError(this.#address, 'it closed the connection during the login')
					: new DroppedEarly(new UnreachableError(this.#address, 'it closed the connection')),
			),
		);
	}

	#begin(line: Line, {hop, limits}: Attempt): void {
		try {
			this.#client.connect({
				sock: line.stream,
				username: hop.settings.user,
				// Only our own limit knows when people are being asked.
				readyTimeout: 0,
				keepaliveInterval: limits.keepaliveIntervalMs,
				keepaliveCountMax: Number.MAX_SAFE_INTEGER,
				algorithms: {serverHostKey: [...this.#trust.algorithms]},
				authHandler: (offered, partly, next) => {
					// ssh2 gives null before the server was asked, which its types leave out.
					void this.#work(async () => next((await this.#login.next(offered, partly)) as never));
				},
				hostVerifier: (key: Buffer, verify: (valid: boolean) => void) => {
					void this.#work(async () => {
						// The server shows its key again whenever the two agree on new ciphers.
						if (!this.#accepted?.equals(key)) {
							await this.#trust.check(key, this.#person);
							this.#accepted = key;
						}

						verify(true);
					}, verify);
				},
			});
		} catch (error) {
			this.#finish(connectError(this.#address, error));
		}
	}

	/** Something that takes its time, and is the end of the login where it fails. */
	async #work(act: () => Promise<void>, verify?: (valid: boolean) => void): Promise<void> {
		this.#working += 1;
		try {
			await act();
		} catch (error) {
			this.#finish(error);
			verify?.(false);
			this.#client.end();
		} finally {
			this.#working -= 1;
			this.#settleClosed();
		}
	}

	#whileAsking(asking: boolean): void {
		this.#askingNow = asking;
		if (asking) {
			this.#limit.pause();
		} else {
			this.#limit.resume();
			// After those who wait for the answer have kept it.
			setImmediate(() => this.#settleClosed());
		}
	}

	#onError(error: Error & {level?: string; code?: unknown}): void {
		const {level, message} = error;
		if (level === 'agent' || (level === 'client-authentication' && message !== allFailed)) {
			// Of one key; ssh2 goes on with the next.
			return;
		}

		if (level === 'client-authentication') {
			this.#finish(new LoginRefusedError(this.#address, this.#login.report(false), {cause: error}));
		} else if (this.#introduced && /too many authentication failures/i.test(message)) {
			this.#finish(new LoginRefusedError(this.#address, this.#login.report(true), {cause: error}));
		} else {
			const found = connectError(this.#address, error);
			const dropped =
				!this.#introduced &&
				(message === 'Connection lost before handshake' ||
					error.code === 'ECONNRESET' ||
					error.code === 'EPIPE');
			this.#onClose(dropped ? new DroppedEarly(found) : found);
		}
	}

	#onClose(closed: UnreachableError | DroppedEarly): void {
		this.#closed ??= closed;
		this.#settleClosed();
	}

	#settleClosed(): void {
		if (this.#closed && this.#working === 0 && !this.#askingNow) {
			this.#finish(this.#person.asked ? new ClosedWhileAskingError(this.#address) : this.#closed);
		}
	}

	#finish(error: unknown): void {
		this.#settle(error instanceof Error ? error : new Error(String(error)));
	}
}
