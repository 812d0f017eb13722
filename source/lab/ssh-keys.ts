import {createHash} from 'node:crypto';
import ssh2 from 'ssh2';
import type {ParsedKey} from 'ssh2';

export interface KeyPair {
	/** OpenSSH private key file. */
	readonly privateKey: string;
	readonly publicKey: ParsedKey;
	/** As `ssh-keygen -l` prints it: `SHA256:…`. */
	readonly fingerprint: string;
}

/** ssh2 1.17 writes one key in 256, whose first byte is zero, in a form that nobody can read. */
const mostAttempts = 20;

/** A fresh ed25519 key. */
export function generateKeyPair(comment: string): KeyPair {
	for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
		const pair = ssh2.utils.generateKeyPairSync('ed25519', {comment});
		const publicKey = ssh2.utils.parseKey(pair.public);
		if (!(publicKey instanceof Error)) {
			const digest = createHash('sha256').update(publicKey.getPublicSSH()).digest('base64');
			return {privateKey: pair.private, publicKey, fingerprint: `SHA256:${digest.replace(/=+$/, '')}`};
		}
	}

	throw new Error(`ssh2 made ${mostAttempts} keys that it could not read.`);
}
