import {createHash} from 'node:crypto';

/** A public key of a server. */
export interface HostKey {
	/** Such as `ssh-ed25519`. */
	readonly type: string;
	/** As it goes over the wire. Source: RFC 4253, section 6.6. */
	readonly blob: Buffer;
}

/** How many parts follow the type in a key. Sources: RFC 4253, 5656, 8709; OpenSSH PROTOCOL.u2f. */
const partsOf: Readonly<Record<string, number>> = {
	'ssh-rsa': 2,
	'ssh-dss': 4,
	'ssh-ed25519': 1,
	'ecdsa-sha2-nistp256': 2,
	'ecdsa-sha2-nistp384': 2,
	'ecdsa-sha2-nistp521': 2,
	'sk-ssh-ed25519@openssh.com': 2,
	'sk-ecdsa-sha2-nistp256@openssh.com': 3,
};

/** Reads a key as a server shows it or a file holds it; nothing where it is none of a known type. */
export function readHostKey(blob: Buffer): HostKey | undefined {
	const parts: Buffer[] = [];
	let at = 0;
	while (at + 4 <= blob.length) {
		const end = at + 4 + blob.readUInt32BE(at);
		if (end > blob.length) {
			return undefined;
		}

		parts.push(blob.subarray(at + 4, end));
		at = end;
	}

	const type = parts[0]?.toString('latin1') ?? '';
	const wanted = Object.hasOwn(partsOf, type) ? partsOf[type] : undefined;
	return at === blob.length && wanted === parts.length - 1 ? {type, blob} : undefined;
}

/**
 * Puts the algorithms first whose keys are known for a host, so that the server shows one of those and not another
 * that would look like a changed key. The order stays otherwise. Source: OpenSSH sshconnect2.c, `order_hostkeyalgs`.
 */
export function preferKnownTypes<Algorithm extends string>(
	algorithms: readonly Algorithm[],
	knownTypes: ReadonlySet<string>,
): readonly Algorithm[] {
	const isKnown = (algorithm: string) => knownTypes.has(keyTypeOf(algorithm));
	const [best] = algorithms;
	return best === undefined || isKnown(best)
		? algorithms
		: [...algorithms.filter(isKnown), ...algorithms.filter(algorithm => !isKnown(algorithm))];
}

/** An RSA key signs with several algorithms. */
function keyTypeOf(algorithm: string): string {
	return /^rsa-sha2-(?:256|512)$/.test(algorithm) ? 'ssh-rsa' : algorithm;
}

/** The fingerprint of a key as it goes over the wire, as `ssh-keygen -l` prints it. */
export function fingerprint(key: Buffer): string {
	return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}
