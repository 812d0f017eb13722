import {constants} from 'node:fs';
import type {FileHandle} from 'node:fs/promises';
import {stat, truncate, utimes} from 'node:fs/promises';
import type {Attributes} from './sftp-wire.ts';
import {openFlags} from './sftp-wire.ts';

/** The flags of Node's `open` for those of SFTP's. */
export function nodeFlags(flags: number): number {
	const reads = (flags & openFlags.read) !== 0;
	const writes = (flags & openFlags.write) !== 0;
	const access = writes ? (reads ? constants.O_RDWR : constants.O_WRONLY) : constants.O_RDONLY;
	return (
		access |
		(flags & openFlags.append ? constants.O_APPEND : 0) |
		(flags & openFlags.create ? constants.O_CREAT : 0) |
		(flags & openFlags.truncate ? constants.O_TRUNC : 0) |
		(flags & openFlags.exclusive ? constants.O_EXCL : 0)
	);
}

/** Rights and owners mean nothing on Windows; sizes and times do. */
export async function change(target: string, {size, accessed, modified}: Attributes): Promise<void> {
	await stat(target);
	if (size !== undefined) {
		await truncate(target, size);
	}

	if (accessed !== undefined && modified !== undefined) {
		await utimes(target, accessed, modified);
	}
}

/** The same for an open file. */
export async function changeOpen(file: FileHandle, {size, accessed, modified}: Attributes): Promise<void> {
	if (size !== undefined) {
		await file.truncate(size);
	}

	if (accessed !== undefined && modified !== undefined) {
		await file.utimes(accessed, modified);
	}
}
