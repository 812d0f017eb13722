import {randomBytes} from 'node:crypto';
import {mkdir, open, readFile} from 'node:fs/promises';
import path from 'node:path';
import {KnownHostsFileError} from './host-key-errors.ts';
import type {HostKey} from './host-key.ts';
import {hashName, saltBytes} from './host-name.ts';
import {type KnownHostsEntry, parseKnownHosts} from './parse-known-hosts.ts';

/** What several known_hosts files hold, in their order. */
export interface KnownHosts {
	readonly entries: readonly KnownHostsEntry[];
	/** Lines that cannot be read, and count as if they were not there. */
	readonly badLines: readonly {readonly file: string; readonly line: number}[];
}

/**
 * Reads known_hosts files; those that do not exist are empty.
 * @throws KnownHostsFileError for one that exists and cannot be read: it may revoke a key
 */
export async function readKnownHosts(files: readonly string[]): Promise<KnownHosts> {
	const contents = await Promise.all(
		files.map(async file => {
			const {entries, badLines} = parseKnownHosts(await textOf(file), file);
			return {entries, badLines: badLines.map(line => ({file, line}))};
		}),
	);
	return {
		entries: contents.flatMap(({entries}) => entries),
		badLines: contents.flatMap(({badLines}) => badLines),
	};
}

async function textOf(file: string): Promise<string> {
	try {
		return await readFile(file, 'utf8');
	} catch (error) {
		const {code} = error as NodeJS.ErrnoException;
		if (code === 'ENOENT' || code === 'ENOTDIR') {
			return '';
		}

		throw new KnownHostsFileError(file, 'KNOWN_HOSTS_UNREADABLE', {cause: error});
	}
}

/** A key to be remembered. */
export interface AcceptedKey {
	/** As `knownHostsName` gives it. */
	readonly name: string;
	readonly key: HostKey;
	/** Whether the name is to stay secret (`HashKnownHosts`). */
	readonly hashed: boolean;
}

/**
 * Adds one line to the end of a known_hosts file and changes none of the others; makes the file and its folder, for the
 * user alone, where they are missing.
 * @throws KnownHostsFileError
 */
export async function addKnownHost(file: string, {name, key, hashed}: AcceptedKey): Promise<void> {
	const shownName = hashed ? hashName(name, randomBytes(saltBytes)) : name;
	const line = `${shownName} ${key.type} ${key.blob.toString('base64')}\n`;
	try {
		await mkdir(path.dirname(file), {recursive: true, mode: 0o700});
		const handle = await open(file, 'a+', 0o600);
		try {
			const {size} = await handle.stat();
			const last = Buffer.alloc(1);
			const {bytesRead} = size > 0 ? await handle.read(last, 0, 1, size - 1) : {bytesRead: 0};
			const complete = bytesRead === 0 || last.toString() === '\n';
			// In one write, so that several programs may add lines at once.
			await handle.appendFile(complete ? line : `\n${line}`);
		} finally {
			await handle.close();
		}
	} catch (error) {
		const {code} = error as NodeJS.ErrnoException;
		const full = code === 'ENOSPC' || code === 'EDQUOT';
		throw new KnownHostsFileError(file, full ? 'KNOWN_HOSTS_DISK_FULL' : 'KNOWN_HOSTS_NOT_WRITABLE', {
			cause: error,
		});
	}
}
