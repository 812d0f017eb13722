import type {Shell} from '../../agent/command-line.ts';
import {ConnectionLostError} from '../../agent/machine-errors.ts';
import {type SshLimits, type SshOptions, defaultSshLimits} from './ssh-options.ts';
import {runLine} from './ssh-program.ts';
import {type SshSession, openSession} from './ssh-session.ts';

/** What cmd.exe answers with a path, and PowerShell, which knows no such variable, with the text itself. */
const shellProbe = 'echo %ComSpec%';

/** The one connection to a machine: made when it is needed, shared, and made anew after it was lost. */
export class SshLink {
	readonly limits: SshLimits;
	readonly #options: SshOptions;
	readonly #shells = new WeakMap<SshSession, Promise<Shell>>();
	#session: Promise<SshSession> | undefined;
	#closed = false;

	constructor(options: SshOptions) {
		this.#options = options;
		this.limits = {...defaultSshLimits, ...options.limits};
	}

	async open(): Promise<SshSession> {
		for (;;) {
			if (this.#closed) {
				throw new ConnectionLostError(this.#options.address, 'it was being closed');
			}

			const opening = (this.#session ??= openSession(this.#options, this.limits));
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

		const asked = runLine(session, this.#options.address, shellProbe, this.limits, {
			program: 'The shell of the SSH server',
			timeoutMs: this.limits.answerMs,
		}).then(({stdout}): Shell => (stdout.includes('%') ? 'powershell' : 'cmd'));
		this.#shells.set(session, asked);
		asked.catch(() => this.#shells.delete(session));
		return asked;
	}

	async close(): Promise<void> {
		this.#closed = true;
		// A login that fails now leaves nothing to close.
		const session = await this.#session?.catch(() => undefined);
		session?.end();
	}

	#forget(session: Promise<SshSession>): void {
		// Whoever else found it ended may have begun a new one meanwhile.
		if (this.#session === session) {
			this.#session = undefined;
		}
	}
}
