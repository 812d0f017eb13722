import {lowerCase} from './host-pattern.ts';
import type {OptionLine, OptionState} from './option-state.ts';

/** An option that `ssh` follows and this program does not. */
interface Unsupported {
	/** An `error` where the host would be reached another way, or trusted where ssh would not; else a `notice`. */
	readonly severity: 'error' | 'notice';
	/** The arguments, in small letters, with which ssh does nothing either. */
	readonly harmless?: readonly string[];
	readonly consequence: string;
	readonly remedy: string;
}

const algorithms: Unsupported = {
	severity: 'notice',
	consequence: 'dms-upgrade offers the algorithms of its own SSH library instead',
	remedy: 'If the server takes none of those, let it accept a current algorithm.',
};
const token: Unsupported = {
	severity: 'notice',
	harmless: ['none', 'internal'],
	consequence: 'keys on tokens and smart cards are not used',
	remedy: 'Load the key into the ssh-agent.',
};
const localAddress: Unsupported = {
	severity: 'notice',
	consequence: 'the connection leaves from the address that the system chooses',
	remedy: 'If the server lets in only one address, set the route for it.',
};

/** By keyword in small letters. */
const unsupported: Readonly<Record<string, Unsupported>> = {
	bindaddress: localAddress,
	bindinterface: localAddress,
	canonicalizepermittedcnames: {
		severity: 'error',
		harmless: ['none'],
		consequence: 'ssh may go on with another name that the DNS gives for this host',
		remedy:
			'Write the name to be used into HostName, in a Host block with “CanonicalizePermittedCNAMEs none”.',
	},
	certificatefile: {
		severity: 'notice',
		harmless: ['none'],
		consequence: 'the key is offered without its certificate',
		remedy: 'Let the server accept the key itself (authorized_keys).',
	},
	ciphers: algorithms,
	controlpath: {
		severity: 'notice',
		harmless: ['none'],
		consequence: 'dms-upgrade makes a connection of its own, and shares none with ssh',
		remedy: 'Give this host a key or an ssh-agent if ssh logs in with something else.',
	},
	hostbasedauthentication: {
		severity: 'notice',
		harmless: ['no', 'false'],
		consequence: 'the login by the key of this computer is not tried',
		remedy: 'Use a key of your own, or a password.',
	},
	hostkeyalgorithms: algorithms,
	kexalgorithms: algorithms,
	knownhostscommand: {
		severity: 'notice',
		harmless: ['none'],
		consequence: 'host keys that only this command knows count as unknown',
		remedy: 'Put the host key into a file of UserKnownHostsFile.',
	},
	macs: algorithms,
	nohostauthenticationforlocalhost: {
		severity: 'notice',
		harmless: ['no', 'false'],
		consequence: 'the host key is checked for this computer too',
		remedy: 'Accept the key of this computer once.',
	},
	pkcs11provider: token,
	pubkeyacceptedalgorithms: algorithms,
	refuseconnection: {
		severity: 'error',
		consequence: 'ssh refuses to connect to this host too',
		remedy: 'Take this line out for the host, if it is to be reached.',
	},
	requiredrsasize: {
		severity: 'notice',
		consequence: 'RSA keys that are shorter than this are not refused',
		remedy: 'Use ed25519 keys on the server, which have one length only.',
	},
	revokedhostkeys: {
		severity: 'error',
		harmless: ['none'],
		consequence: 'a key that this file revokes would be trusted',
		remedy: 'Write the revoked keys into a known_hosts file with “@revoked”, and set “RevokedHostKeys none”.',
	},
	securitykeyprovider: token,
	tunnel: {
		severity: 'notice',
		harmless: ['no', 'false'],
		consequence: 'no tunnel device is made',
		remedy: 'If the host is reached through the tunnel only, open it before with ssh.',
	},
	verifyhostkeydns: {
		severity: 'notice',
		harmless: ['no', 'false'],
		consequence: 'host keys are looked up in known_hosts only, and not in the DNS',
		remedy: 'Accept the host key once, or put it into known_hosts.',
	},
};

export function isUnsupported(name: string): boolean {
	return Object.hasOwn(unsupported, name);
}

/** Notes that an option is not followed, unless it says nothing. */
export function reportUnsupported(name: string, line: OptionLine, state: OptionState): void {
	const found = unsupported[name];
	const harmless = found?.harmless?.includes(lowerCase(line.arguments[0] ?? ''));
	if (found && !harmless) {
		state.report(line, found.severity, found);
	}
}
