/**
 * How the way to an Agent asks whoever sits before the program. Questions come one after the other, however many
 * Agents have some. All text in them is safe for a terminal. An answer may take as long as it takes; with the signal
 * it is not wanted any more, and whatever is answered then counts as nothing.
 */
export interface Prompts {
	/** Whether to trust a host whose key nobody knows yet. What is accepted is remembered for good. */
	askHostKey(question: HostKeyQuestion, signal: AbortSignal): Promise<boolean>;
	/** Nothing where the person does not want to answer. An answer is never written down anywhere. */
	askSecret(question: SecretQuestion, signal: AbortSignal): Promise<string | undefined>;
}

/** The kind of key that the service of this program shows instead of an SSH host key. */
export const serviceCertificate = 'certificate';
/** What the web server shows that stands before DataMiner's own web API. */
export const webServerCertificate = 'web server certificate';

export interface HostKeyQuestion {
	/** As people call the host, with “jump host” before one on the way. */
	readonly address: string;
	/** The name or address that is connected to. */
	readonly host: string;
	readonly port: number;
	/** Such as `ssh-ed25519`, or `serviceCertificate` or `webServerCertificate`. */
	readonly keyType: string;
	/** As `ssh-keygen -l` prints it, or `openssl x509 -fingerprint -sha256`. */
	readonly fingerprint: string;
	/** Under which other names the same key is known already. */
	readonly otherNames: readonly string[];
}

export interface SecretQuestion {
	readonly kind: 'passphrase' | 'password' | 'keyboard-interactive' | 'token';
	readonly address: string;
	readonly host: string;
	readonly port: number;
	readonly user: string;
	/** What is asked for, such as “Passphrase of /home/me/.ssh/id_ed25519”, or in the server's own words. */
	readonly text: string;
	/** What the server says besides; empty where it says nothing. */
	readonly instructions: string;
	/** Whether what is typed may be seen. */
	readonly echo: boolean;
	/** Whether the answer before was wrong. */
	readonly again: boolean;
	/** Whether the answer is of no use for another login, as with a code that changes. */
	readonly goodOnce: boolean;
}
