import {MachineError} from '../../../agent/machine-errors.ts';
import {visibleText} from '../../../domain/text.ts';
import {UserError} from '../../../domain/user-error.ts';
import {type HostKey, fingerprint} from './host-key.ts';
import type {KnownHostsEntry} from './parse-known-hosts.ts';

/** A key as it is shown: its type, and its fingerprint as `ssh-keygen -l` prints it. */
export function keyText({type, blob}: HostKey): string {
	return `${type} ${fingerprint(blob)}`;
}

function placeOf({file, line}: KnownHostsEntry): string {
	return `${visibleText(file, 500)}:${line}`;
}

/** Another key is known for the host than the one it shows. Nothing was sent. */
export class HostKeyChangedError extends MachineError {
	readonly code = 'HOST_KEY_CHANGED';
	constructor(
		address: string,
		/** The name under which the host is known. */
		readonly knownAs: string,
		readonly entry: KnownHostsEntry,
		readonly offered: HostKey,
	) {
		super(
			address,
			`${address} shows the host key ${keyText(offered)}, but ${placeOf(entry)} knows it by ${keyText(entry.key)}. Either the server was replaced, or somebody stands between. Nothing was sent.`,
		);
	}

	get nextSteps() {
		return [
			`Ask whoever runs ${this.address} whether its key was replaced, and compare the fingerprint.`,
			`If so, remove the old key: ${removalOf(this.entry, this.knownAs)}`,
		];
	}
}

/** The key that the host shows is marked as one that must not be trusted. Nothing was sent. */
export class HostKeyRevokedError extends MachineError {
	readonly code = 'HOST_KEY_REVOKED';
	constructor(
		address: string,
		readonly entry: KnownHostsEntry,
		readonly offered: HostKey,
	) {
		super(
			address,
			`${address} shows the host key ${keyText(offered)}, which ${placeOf(entry)} revokes. Somebody may be using a stolen key. Nothing was sent.`,
		);
	}

	get nextSteps() {
		return [
			`Tell whoever runs ${this.address} that it shows a revoked key; it needs a new one.`,
			`If the key should not be revoked, take line ${this.entry.line} out of ${this.entry.file}.`,
		];
	}
}

/** No key is known for the host, and nobody was there to accept the one it shows. Nothing was sent. */
export class HostKeyUnknownError extends MachineError {
	readonly code = 'HOST_KEY_UNKNOWN';
	constructor(
		address: string,
		readonly offered: HostKey,
		readonly sameKey: readonly KnownHostsEntry[] = [],
	) {
		const elsewhere = sameKey.slice(0, 5).map(entry => `${entryNames(entry)} (${placeOf(entry)})`);
		super(
			address,
			`No host key is known for ${address}, which shows ${keyText(offered)}${elsewhere.length > 0 ? `, the key of ${elsewhere.join(', ')}` : ''}. Nothing was sent.`,
		);
	}

	get nextSteps() {
		return [
			`Compare the fingerprint with the one that “ssh-keygen -l -f ${keyFileOf(this.offered)}” prints on the server, in C:\\ProgramData\\ssh or /etc/ssh.`,
			'If they are the same, accept the key: connect from a terminal and answer yes, or add --accept-new-host-keys.',
		];
	}
}

/** The host is known only by who signs its keys, which cannot be checked here. Nothing was sent. */
export class HostKeyAuthorityError extends MachineError {
	readonly code = 'HOST_KEY_AUTHORITY';
	constructor(
		address: string,
		/** The name under which the host would be known. */
		readonly knownAs: string,
		readonly entry: KnownHostsEntry,
		readonly offered: HostKey,
	) {
		super(
			address,
			`${address} is known only by the authority that signs its host certificate (${placeOf(entry)}), and dms-upgrade cannot check host certificates. The server shows ${keyText(offered)}. Nothing was sent.`,
		);
	}

	get nextSteps() {
		const {type, blob} = this.offered;
		return [
			'Compare this fingerprint with the one on the server.',
			`If they are the same, add the key to your known_hosts: ${this.knownAs} ${type} ${blob.toString('base64')}`,
		];
	}
}

/** A known_hosts file on this computer cannot be read or written. */
export class KnownHostsFileError extends UserError {
	readonly code: 'KNOWN_HOSTS_UNREADABLE' | 'KNOWN_HOSTS_NOT_WRITABLE' | 'KNOWN_HOSTS_DISK_FULL';
	constructor(
		readonly file: string,
		code: KnownHostsFileError['code'],
		options: ErrorOptions,
	) {
		const reason = options.cause instanceof Error ? options.cause.message : String(options.cause);
		const cannot = code === 'KNOWN_HOSTS_UNREADABLE' ? 'be read' : 'take the host key';
		super(`${visibleText(file, 500)} cannot ${cannot}: ${visibleText(reason, 300)}.`, options);
		this.code = code;
	}

	get nextSteps() {
		switch (this.code) {
			case 'KNOWN_HOSTS_UNREADABLE':
				return ['Check that you may read this file.'];
			case 'KNOWN_HOSTS_DISK_FULL':
				return ['Free space on this computer, then connect again.'];
			case 'KNOWN_HOSTS_NOT_WRITABLE':
				return [
					'Check that you may write to this file and its folder, or name another first in UserKnownHostsFile.',
				];
		}
	}
}

/** The names of a line for people. */
export function entryNames({field, names}: KnownHostsEntry): string {
	return field.kind === 'hashed' ? 'a hashed name' : visibleText(names, 200);
}

function removalOf({field, names, file, line}: KnownHostsEntry, name: string): string {
	// A line with patterns stands for other hosts too, and ssh-keygen leaves it alone.
	return field.kind === 'plain' && /[*?!]/.test(names)
		? `take line ${line} out of ${visibleText(file, 500)}`
		: `ssh-keygen -R "${visibleText(name, 300)}" -f "${visibleText(file, 500)}"`;
}

function keyFileOf({type}: HostKey): string {
	const kind = ['ed25519', 'ecdsa', 'dss'].find(each => type.includes(each)) ?? 'rsa';
	return `ssh_host_${kind === 'dss' ? 'dsa' : kind}_key.pub`;
}
