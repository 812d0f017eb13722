import {type HostKey, readHostKey} from './host-key.ts';
import {type NameField, parseNameField} from './host-name.ts';

/** One line of a known_hosts file. Lines count from 1. */
export interface KnownHostsEntry {
	readonly file: string;
	readonly line: number;
	/** What the line says of the key: it belongs to the host, it must not be trusted, or it signs the host's keys. */
	readonly marker: 'known' | 'revoked' | 'cert-authority';
	/** As written. */
	readonly names: string;
	readonly field: NameField;
	readonly key: HostKey;
}

export interface KnownHostsContent {
	readonly entries: readonly KnownHostsEntry[];
	/** The lines that cannot be read. As for ssh, they count as if they were not there. */
	readonly badLines: readonly number[];
}

const markers: Readonly<Record<string, KnownHostsEntry['marker']>> = {
	'@revoked': 'revoked',
	'@cert-authority': 'cert-authority',
};

/** Source: sshd(8), “SSH_KNOWN_HOSTS FILE FORMAT”; OpenSSH hostfile.c, `hostkeys_foreach_file`. */
export function parseKnownHosts(text: string, file: string): KnownHostsContent {
	const entries: KnownHostsEntry[] = [];
	const badLines: number[] = [];
	for (const [index, written] of text.split('\n').entries()) {
		const content = written.replace(/^[ \t]+/, '').replace(/\r$/, '');
		if (content === '' || content.startsWith('#')) {
			continue;
		}

		const entry = parseEntry(content);
		if (entry) {
			entries.push({file, line: index + 1, ...entry});
		} else {
			badLines.push(index + 1);
		}
	}

	return {entries, badLines};
}

function parseEntry(content: string): Omit<KnownHostsEntry, 'file' | 'line'> | undefined {
	const words = content.split(/[ \t]+/);
	const marked = content.startsWith('@');
	const marker = marked ? markers[words[0] ?? ''] : 'known';
	const [names = '', type, encoded = ''] = marked ? words.slice(1) : words;
	const field = parseNameField(names);
	if (!marker || !field || names.startsWith('@') || !isBase64(encoded)) {
		return undefined;
	}

	const key = readHostKey(Buffer.from(encoded, 'base64'));
	return key?.type === type && key ? {marker, names, field, key} : undefined;
}

function isBase64(text: string): boolean {
	return /^[A-Za-z\d+/]+={0,2}$/.test(text) && text.length % 4 === 0;
}
