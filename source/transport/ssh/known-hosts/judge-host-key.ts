import type {HostKey} from './host-key.ts';
import {type HostLookup, knownHostsName, nameWithoutPort, namesHost} from './host-name.ts';
import type {KnownHostsEntry} from './parse-known-hosts.ts';

/** What the known_hosts files say of the key that a server shows. */
export type HostKeyVerdict =
	| {readonly kind: 'known'; readonly entry: KnownHostsEntry}
	| {
			readonly kind: 'unknown';
			/** Where the same key is known under other names. */
			readonly sameKey: readonly KnownHostsEntry[];
			/** Other keys that are known for this host without its port. */
			readonly otherKeys: readonly KnownHostsEntry[];
	  }
	/** Another key is known for this host, of whichever type. */
	| {readonly kind: 'changed'; readonly entry: KnownHostsEntry}
	| {readonly kind: 'revoked'; readonly entry: KnownHostsEntry}
	/** Only who signs the host's keys is known, and that signature is not checked here. */
	| {readonly kind: 'authority'; readonly entry: KnownHostsEntry};

/** Source: OpenSSH hostfile.c, `check_key_in_hostkeys`, and sshconnect.c, `check_host_key`. */
export function judgeHostKey(
	entries: readonly KnownHostsEntry[],
	lookup: HostLookup,
	key: HostKey,
): HostKeyVerdict {
	const isSame = (entry: KnownHostsEntry) => entry.key.blob.equals(key.blob);
	const forHost = entriesFor(entries, knownHostsName(lookup));
	const withoutPort = nameWithoutPort(lookup);
	const forAllPorts = withoutPort === undefined ? [] : entriesFor(entries, withoutPort);

	// Whatever else is known of a revoked key, it is not to be trusted.
	const revoked = [...forHost, ...forAllPorts].find(entry => entry.marker === 'revoked' && isSame(entry));
	if (revoked) {
		return {kind: 'revoked', entry: revoked};
	}

	const keys = forHost.filter(entry => entry.marker === 'known');
	const keysWithoutPort = forAllPorts.filter(entry => entry.marker === 'known');
	const known = keys.find(isSame);
	if (known) {
		return {kind: 'known', entry: known};
	}

	// As ssh: of several, the last one is named.
	const other = keys.at(-1);
	if (other) {
		return {kind: 'changed', entry: other};
	}

	const knownWithoutPort = keysWithoutPort.find(isSame);
	if (knownWithoutPort) {
		return {kind: 'known', entry: knownWithoutPort};
	}

	const authority = [...forHost, ...forAllPorts].find(({marker}) => marker === 'cert-authority');
	return authority && keysWithoutPort.length === 0
		? {kind: 'authority', entry: authority}
		: {
				kind: 'unknown',
				sameKey: entries.filter(entry => entry.marker === 'known' && isSame(entry)),
				otherKeys: keysWithoutPort,
			};
}

/** The types of the keys that are known for a host. */
export function knownKeyTypes(entries: readonly KnownHostsEntry[], lookup: HostLookup): ReadonlySet<string> {
	const names = [knownHostsName(lookup), nameWithoutPort(lookup)].filter(name => name !== undefined);
	const found = names
		.map(name => entriesFor(entries, name).filter(({marker}) => marker === 'known'))
		.find(known => known.length > 0);
	return new Set(found?.map(({key}) => key.type));
}

function entriesFor(entries: readonly KnownHostsEntry[], name: string): readonly KnownHostsEntry[] {
	return entries.filter(({field}) => namesHost(field, name));
}
