import type {UnsupportedOption} from './config-errors.ts';
import type {JumpHost} from './jump-hosts.ts';
import type {AddressFamily, StrictHostKeyChecking} from './option-values.ts';

/** Whom to reach, as somebody asked for it; what is given here goes before the configuration. */
export interface HostTarget {
	/** A name for which the configuration may have a `Host` block, or an address. */
	readonly host: string;
	readonly user?: string;
	readonly port?: number;
	/** The way to the host, in place of `ProxyJump` and `ProxyCommand`, as with `ssh -J`. */
	readonly jumpHosts?: readonly JumpHost[];
}

/** A file with a key of the user. */
export interface IdentityFile {
	/** Relative to the working folder where the configuration has it so. The file need not exist. */
	readonly path: string;
	/** As the configuration has it. */
	readonly written: string;
	/** Whether nobody named the file, and ssh tries it because it has always done so. */
	readonly byDefault: boolean;
}

/** Which ways of logging in the configuration allows. */
export interface LoginMethods {
	readonly publicKey: boolean;
	readonly password: boolean;
	readonly keyboardInteractive: boolean;
	/** The names of the ways in the order in which they are to be tried; nothing leaves that open. */
	readonly preferred: readonly string[] | undefined;
}

/** How a host is to be reached, by the configuration of SSH. Lists are in the order in which they are to be tried. */
export interface HostSettings {
	/** As asked for. */
	readonly host: string;
	/** The name or address to connect to. */
	readonly hostName: string;
	readonly port: number;
	readonly user: string;
	readonly addressFamily: AddressFamily;
	/** The hosts on the way, the first to be connected to first; empty where the host is connected to itself. */
	readonly jumpHosts: readonly JumpHost[];
	/** For the connection to come about; nothing or 0 leaves it to the system. */
	readonly connectTimeoutSeconds: number | undefined;
	/** Between two signs of life that are asked for; 0 asks for none. */
	readonly serverAliveIntervalSeconds: number;
	/** How many of them in a row may be missed. */
	readonly serverAliveCountMax: number;
	readonly identityFiles: readonly IdentityFile[];
	/** Whether keys of the ssh-agent that are in no identity file stay unused. */
	readonly identitiesOnly: boolean;
	/** The socket or pipe of the ssh-agent; nothing where none is to be asked. */
	readonly agentSocket: string | undefined;
	readonly login: LoginMethods;
	/** Whether nobody may be asked for a password or passphrase. */
	readonly batchMode: boolean;
	/** The files in which host keys are looked up; the first takes new ones. */
	readonly userKnownHostsFiles: readonly string[];
	readonly globalKnownHostsFiles: readonly string[];
	/** The name under which the host key is looked up and stored, without a port, in place of the host's own. */
	readonly hostKeyAlias: string | undefined;
	readonly strictHostKeyChecking: StrictHostKeyChecking;
	readonly hashKnownHosts: boolean;
	/** What ssh would do besides and this program does not; the host is reached all the same. */
	readonly notices: readonly UnsupportedOption[];
}
