import type {Shell} from '../../agent/command-line.ts';
import {commandLine} from '../../agent/command-line.ts';
import type {ProgramCall} from '../../agent/machine.ts';
import type {HostSettings} from './client-config/host-settings.ts';
import type {SshNetwork} from './network/ssh-network.ts';

/** How a machine is reached: by all that the configuration of SSH says, or by a key and a fingerprint alone. */
export type SshOptions = RoutedSshOptions | PinnedSshOptions;

interface CommonSshOptions {
	/** What the machine is called in messages. */
	readonly address: string;
	readonly limits?: Partial<SshLimits>;
	/** How Windows paths and program calls look on the wire. Windows OpenSSH unless something else is given. */
	readonly wire?: SshWire;
	/** What all connections of the process share: who is asked, secrets, jump hosts. One of its own by default. */
	readonly network?: SshNetwork;
}

export interface RoutedSshOptions extends CommonSshOptions {
	/** The machine last, and before it the jump hosts in the order in which they are connected to. */
	readonly route: readonly HostSettings[];
	/** The only host key that is trusted for the machine, as `ssh-keygen -l` prints it; else known_hosts decides. */
	readonly hostKey?: string;
}

/** Without a configuration, and without asking anybody. */
export interface PinnedSshOptions extends CommonSshOptions {
	readonly port: number;
	readonly user: string;
	/** The content of a private key file without passphrase. */
	readonly privateKey: string | Buffer;
	/** The fingerprint of the server's key, as `ssh-keygen -l` prints it: `SHA256:…`. */
	readonly hostKey: string;
}

export interface SshWire {
	readonly path: (windowsPath: string) => string;
	readonly command: (shell: Shell, call: ProgramCall) => string;
}

/** As Windows OpenSSH takes them: SFTP names `C:\a\b` `/C:/a/b`. */
export const windowsWire: SshWire = {
	path: windowsPath => `/${windowsPath.replaceAll('\\', '/')}`,
	command: commandLine,
};

/** Times in milliseconds, sizes in bytes. */
export interface SshLimits {
	/**
	 * For the TCP connection, and again for everything up to the login; not counting the time that people take to
	 * answer. `ConnectTimeout` goes before it.
	 */
	readonly connectTimeoutMs: number;
	/** Between two moments at which the server is asked for a sign of life. */
	readonly keepaliveIntervalMs: number;
	/**
	 * The connection counts as lost when not a byte came during so many of these intervals, one after the other. Any
	 * byte counts, since behind an upload on a slow line an answer to the question itself takes long.
	 */
	readonly keepaliveCount: number;
	/** For one answer of the server; after it the connection counts as lost. */
	readonly answerMs: number;
	/** For a server that allows few sessions at once, until one of those that run has ended. */
	readonly turnMs: number;
	/** How often a login is tried again where the server hangs up at once, as with `MaxStartups`. */
	readonly retriesWhenDropped: number;
	/** For the answers that are still due after an upload failed. */
	readonly settleMs: number;
	/** Of each output of a program; the rest is read and dropped. */
	readonly outputBytes: number;
	/**
	 * Windows OpenSSH refuses writes above 100 KiB (Win32-OpenSSH#1395). With what goes before it, one of 63 KiB fills two
	 * packets as OpenSSH takes them, of 32 KiB; one of 64 KiB needs a third.
	 */
	readonly writeBytes: number;
	readonly readBytes: number;
	/** Writes that may be under way at once. A cut costs no more than these, which are below 1 MiB. */
	readonly writesInFlight: number;
	/** Programs that may run at once on one connection; sshd allows 10 sessions by default (`MaxSessions`). */
	readonly programsAtOnce: number;
	/** Entries of one folder, and of all folders that one removal goes through. */
	readonly entries: number;
}

export const defaultSshLimits: SshLimits = {
	connectTimeoutMs: 15_000,
	keepaliveIntervalMs: 2500,
	keepaliveCount: 4,
	answerMs: 30_000,
	turnMs: 10 * 60_000,
	retriesWhenDropped: 6,
	settleMs: 5000,
	outputBytes: 4 * 1024 * 1024,
	writeBytes: 63 * 1024,
	readBytes: 64 * 1024,
	writesInFlight: 15,
	programsAtOnce: 6,
	entries: 50_000,
};
