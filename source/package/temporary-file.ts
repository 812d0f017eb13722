import {type FileHandle, mkdtemp, open, rm, statfs} from 'node:fs/promises';
import {join} from 'node:path';

/** A file in a fresh folder that only we can enter. */
export interface TemporaryFile {
	readonly handle: FileHandle;
	/** Closes the file and makes sure that nothing of it is left. */
	remove(): Promise<void>;
}

/** Bytes that this user may still write in a folder. */
export async function freeBytesIn(folder: string): Promise<number> {
	const {bavail, bsize} = await statfs(folder);
	return bavail * bsize;
}

export async function createTemporaryFile(parent: string): Promise<TemporaryFile> {
	const folder = await mkdtemp(join(parent, 'dms-upgrade-'));
	let handle: FileHandle | undefined;
	try {
		handle = await open(join(folder, 'Update.zip'), 'wx+', 0o600);
		if (process.platform !== 'win32') {
			// An open file needs no name here: without one, not even a killed process leaves it behind.
			await rm(folder, {recursive: true});
		}
	} catch (error) {
		await handle?.close();
		await rm(folder, {recursive: true, force: true});
		throw error;
	}

	const file = handle;
	return {
		handle: file,
		remove: async () => {
			await file.close();
			await rm(folder, {recursive: true, force: true});
		},
	};
}
