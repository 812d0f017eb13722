import {statfs} from 'node:fs/promises';

/** How many bytes may be written into a folder so that these stay free on its disk. */
export async function roomIn(folder: string, leftFreeBytes: number): Promise<number> {
	const {bavail, bsize} = await statfs(folder);
	return Math.max(0, bavail * bsize - leftFreeBytes);
}
