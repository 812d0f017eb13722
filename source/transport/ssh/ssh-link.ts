import type {Shell} from '../../agent/command-line.ts';
import {ConnectionLostError} from '../../agent/machine-errors.ts';
import {parseCodePage} from '../../domain/code-page.ts';
import {UserError} from '../../domain/user-error.ts';
import {type SshLimits, type SshOptions, defaultSshLimits} from './ssh-options.ts';
import {runLine} from './ssh-program.ts';
import type {SshSession} from './ssh-session.ts';
import type {Backoff} from './network/backoff.ts';
import {type Hop, hopsOf} from './network/hop.ts';
import {type SshNetwork, ownNetwork, unlessAborted} from './network/ssh-network.ts';

/** What cmd.exe answers with a path, and PowerShell, which knows no such variable, with the text itself. */
const shellProbe = 'echo %ComSpec%';
/** Tells the code page of the console; the same in every shell. */
const codePageProbe = 'chcp.com';

/** The one connection to a machine: made when it is needed, shared, and made anew after it was lost. */
export class SshLink {
	readonly limits: SshLimits;
	readonly #address: string;
	readonly #hops: readonly Hop[];
	readonly #network: SshNetwork;
	readonly #backoff: Backoff;
	readonly #closing = new AbortController();
	readonly #shells = new WeakMap<SshSession, Promise<Shell>>();
	readonly #codePages = new WeakMap<SshSession, Promise<number | undefined>>();
	#session: Promise<SshSession> | undefined;

	constructor(options: SshOptions) {
		this.#address = options.address;
		this.#hops = hopsOf(options);
		this.#network = options.network ?? ownNetwork;
		this.#backoff = this.#network.newBackoff();
		this.limits = {...defaultSshLimits, ...options.limits};
	}

	async open(): Promise<SshSession> {
		for (;;) {
			this.#closing.signal.throwIfAborted();
			const opening = (this.#session ??= this.#connect());
			try {
				const session = await opening;
				if (!session.ended) {
					return session;
				}

				this.#forget(opening);
			} catch (error) {
				this.#forget(opening);
				throw error;
			}
		}
	}

	/** In which shell the server runs what it is told; asked once per connection. */
	shell(session: SshSession): Promise<Shell> {
		const known = this.#shells.get(session);
		if (known) {
			return known;
		}

		const asked = runLine(session, this.#address, shellProbe, this.limits, {
			program: 'The shell of the SSH server',
			timeoutMs: this.limits.answerMs,
		}).then(({stdout}): Shell => (stdout.includes('%') ? 'powershell' : 'cmd'));
		this.#shells.set(session, asked);
		asked.catch(() => this.#shells.delete(session));
		return asked;
	}

	/**
	 * In which code page programs there write; asked once per connection, when first needed. Undefined where the server
	 * does not tell.
	 */
	codePage(session: SshSession): Promise<number | undefined> {
		const asked =
			this.#codePages.get(session) ??
			runLine(session, this.#address, codePageProbe, this.limits, {
				program: codePageProbe,
				timeoutMs: this.limits.answerMs,
			}).then(
				({exitCode, stdout}) => (exitCode === 0 ? parseCodePage(stdout) : undefined),
				(error: unknown) => {
					if (error instanceof UserError) {
						return undefined;
					}

					throw error;
				},
			);
		this.#codePages.set(session, asked);
		return asked;
	}

	close(): Promise<void> {
		this.#closing.abort(new ConnectionLostError(this.#address, 'it was being closed'));
		// A login that fails now leaves nothing to close, and one that succeeds all the same is closed then.
		this.#session?.then(
			session => session.end(),
			() => undefined,
		);
		return Promise.resolve();
	}

	/** Connects; after a failure or a lost connection not before its time has come. */
	async #connect(): Promise<SshSession> {
		const {clock} = this.#network;
		const {signal} = this.#closing;
		const waitMs = this.#backoff.waitMs(clock.now());
		if (waitMs > 0) {
			await clock.sleep(waitMs, signal);
		}

		try {
			const opening = this.#network.open(this.#hops, this.limits, signal);
			opening.then(
				session => signal.aborted && session.end(),
				() => undefined,
			);
			const session = await unlessAborted(opening, signal);
			const startedAt = clock.now();
			session.onEnd(() => this.#backoff.ended(startedAt, clock.now()));
			return session;
		} catch (error) {
			this.#backoff.failed(clock.now());
			throw error;
		}
	}

	#forget(session: Promise<SshSession>): void {
		// Whoever else found it ended may have begun a new one meanwhile.
		if (this.#session === session) {
			this.#session = undefined;
		}
	}
}
