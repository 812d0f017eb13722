import {createHmac, timingSafeEqual} from 'node:crypto';
import {lowerCase, matchesHostList} from '../client-config/host-pattern.ts';

/** Of which host a key is looked up. */
export interface HostLookup {
	/** The name or address that is connected to. */
	readonly hostName: string;
	readonly port: number;
	/** `HostKeyAlias`, in place of name and port. */
	readonly hostKeyAlias?: string | undefined;
}

/** Bytes of the salt of a hashed name, which is as long as the hash. */
export const saltBytes = 20;

const defaultPort = 22;

/** The name under which known_hosts holds a host: `[name]:port` for another port than 22. */
export function knownHostsName({hostName, port, hostKeyAlias}: HostLookup): string {
	if (hostKeyAlias !== undefined) {
		return lowerCase(hostKeyAlias);
	}

	const name = lowerCase(hostName);
	return port === defaultPort ? name : `[${name}]:${port}`;
}

/** The name that ssh tries besides: a key that is known for a host without a port is good for all its ports. */
export function nameWithoutPort({hostName, port, hostKeyAlias}: HostLookup): string | undefined {
	return hostKeyAlias === undefined && port !== defaultPort ? lowerCase(hostName) : undefined;
}

/** A name as known_hosts holds it where names are to stay secret. Source: OpenSSH hostfile.c, `host_hash`. */
export function hashName(name: string, salt: Buffer): string {
	const hash = createHmac('sha1', salt).update(name).digest('base64');
	return `|1|${salt.toString('base64')}|${hash}`;
}

/** The names of a line of known_hosts: patterns with commas between them, or one hashed name. */
export type NameField =
	| {readonly kind: 'plain'; readonly patterns: string}
	| {readonly kind: 'hashed'; readonly salt: Buffer; readonly hash: Buffer};

/** Nothing where a hashed name is damaged. */
export function parseNameField(text: string): NameField | undefined {
	if (!text.startsWith('|')) {
		return {kind: 'plain', patterns: text};
	}

	const match = /^\|1\|([A-Za-z\d+/]+=*)\|([A-Za-z\d+/]+=*)$/.exec(text);
	const [salt, hash] = [match?.[1], match?.[2]].map(part => Buffer.from(part ?? '', 'base64'));
	return salt?.length === saltBytes && hash?.length === saltBytes ? {kind: 'hashed', salt, hash} : undefined;
}

export function namesHost(field: NameField, name: string): boolean {
	return field.kind === 'plain'
		? matchesHostList(name, field.patterns)
		: timingSafeEqual(createHmac('sha1', field.salt).update(name).digest(), field.hash);
}
