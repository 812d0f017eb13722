import {createHash, createPrivateKey} from 'node:crypto';
import {readFile} from 'node:fs/promises';
import type {ParsedKey, utils} from 'ssh2';
import {visibleText} from '../../../domain/text.ts';
import type {IdentityFile} from '../client-config/host-settings.ts';

export type ParseKey = typeof utils.parseKey;

/** What is in a file that is named as a key of the user. */
export type Identity =
	| {readonly kind: 'missing'}
	| {readonly kind: 'unusable'; readonly reason: string}
	/** Only the public half; the private one may be in an ssh-agent. */
	| {readonly kind: 'public'; readonly publicKey: ParsedKey}
	| {readonly kind: 'open'; readonly publicKey: ParsedKey; readonly privateKey: ParsedKey}
	| {readonly kind: 'locked'; readonly publicKey: ParsedKey | undefined; readonly locked: LockedKey};

/** A private key with a passphrase. */
export interface LockedKey {
	/** Different for different content, so that a key that was replaced is not taken for the old one. */
	readonly name: string;
	/** Nothing where the passphrase is wrong. */
	unlock(passphrase: string): ParsedKey | undefined;
}

const publicHalfOf = '.pub';

/** Reads a key file in any form that OpenSSH writes, or PuTTY. */
export async function readIdentity({path}: IdentityFile, parseKey: ParseKey): Promise<Identity> {
	let content: string;
	try {
		content = await readFile(path, 'utf8');
	} catch (error) {
		const {code, message} = error as NodeJS.ErrnoException;
		return code === 'ENOENT' || code === 'ENOTDIR'
			? {kind: 'missing'}
			: {kind: 'unusable', reason: `cannot be read (${visibleText(message, 200)})`};
	}

	const identity = parseIdentity(content, parseKey);
	if (identity.kind !== 'locked' || identity.publicKey) {
		return identity;
	}

	const beside = await readFile(path + publicHalfOf, 'utf8').catch(() => '');
	const publicKey = parsed(beside, parseKey);
	return publicKey ? {...identity, publicKey} : identity;
}

/** As `readIdentity`, from the content of a file. */
export function parseIdentity(content: string, parseKey: ParseKey): Identity {
	if (isLocked(content)) {
		const name = createHash('sha256').update(content).digest('hex');
		const unlock = (passphrase: string) => privateKeyOf(content, parseKey, passphrase);
		return {kind: 'locked', publicKey: publicHalf(content, parseKey), locked: {name, unlock}};
	}

	const privateKey = privateKeyOf(content, parseKey);
	if (privateKey) {
		return {kind: 'open', publicKey: privateKey, privateKey};
	}

	const publicKey = parsed(content, parseKey);
	return publicKey
		? {kind: 'public', publicKey}
		: {kind: 'unusable', reason: 'holds no key of a kind that can be used here'};
}

function parsed(content: string, parseKey: ParseKey, passphrase?: string): ParsedKey | undefined {
	try {
		const key = parseKey(content, passphrase);
		// The newer form of OpenSSH may hold several keys, and never does.
		const [first] = [key].flat();
		return first instanceof Error ? undefined : first;
	} catch {
		// Content that is cut off makes ssh2 read behind its end.
		return undefined;
	}
}

function privateKeyOf(content: string, parseKey: ParseKey, passphrase?: string): ParsedKey | undefined {
	const key = parsed(isPkcs8(content) ? fromPkcs8(content, passphrase) : content, parseKey, passphrase);
	return key?.isPrivateKey() ? key : undefined;
}

const isPkcs8 = (content: string) => /^-----BEGIN (?:ENCRYPTED )?PRIVATE KEY-----/m.test(content);

/** In the older form of its kind, which is what ssh2 reads; empty where it cannot be. */
function fromPkcs8(content: string, passphrase?: string): string {
	try {
		const key = createPrivateKey({key: content, ...(passphrase !== undefined && {passphrase})});
		const type = key.asymmetricKeyType === 'ec' ? 'sec1' : 'pkcs1';
		return key.export({format: 'pem', type}).toString();
	} catch {
		return '';
	}
}

function isLocked(content: string): boolean {
	return (
		content.includes('-----BEGIN ENCRYPTED PRIVATE KEY-----') ||
		/^Proc-Type: 4,ENCRYPTED/m.test(content) ||
		(content.startsWith('PuTTY-User-Key-File-') && /^Encryption: (?!none)/m.test(content)) ||
		(openSshParts(content)?.cipher ?? 'none') !== 'none'
	);
}

/** The public half that OpenSSH's own form holds in the open. */
function publicHalf(content: string, parseKey: ParseKey): ParsedKey | undefined {
	const blob = openSshParts(content)?.publicKey;
	const type = blob && stringAt(blob, 0)?.toString('latin1');
	return blob && type ? parsed(`${type} ${blob.toString('base64')}`, parseKey) : undefined;
}

/** Source: OpenSSH PROTOCOL.key. */
function openSshParts(content: string): {cipher: string; publicKey: Buffer} | undefined {
	const match = /-----BEGIN OPENSSH PRIVATE KEY-----([A-Za-z\d+/=\s]+)-----END/.exec(content);
	const bytes = Buffer.from(match?.[1] ?? '', 'base64');
	const magic = 'openssh-key-v1\0';
	if (bytes.subarray(0, magic.length).toString('latin1') !== magic) {
		return undefined;
	}

	let at = magic.length;
	const next = () => {
		const part = stringAt(bytes, at);
		at += 4 + (part?.length ?? 0);
		return part;
	};
	const [cipher] = [next(), next(), next()];
	// The number of keys.
	at += 4;
	const publicKey = next();
	return cipher && publicKey && {cipher: cipher.toString('latin1'), publicKey};
}

function stringAt(bytes: Buffer, at: number): Buffer | undefined {
	if (at + 4 > bytes.length) {
		return undefined;
	}

	const end = at + 4 + bytes.readUInt32BE(at);
	return end > bytes.length ? undefined : bytes.subarray(at + 4, end);
}
