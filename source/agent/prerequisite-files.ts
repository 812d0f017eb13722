import {readdir} from 'node:fs/promises';
import {join} from 'node:path';
import {checkedFileName} from './windows-path.ts';

/** More and deeper ones are left out: no package of Skyline has them. */
export const mostFiles = 2000;
export const deepestFolder = 8;

/** Every file as the names on the way to it. Links are left out. */
export async function prerequisiteFiles(
	folder: string,
	above: readonly string[] = [],
): Promise<readonly (readonly string[])[]> {
	const files: (readonly string[])[] = [];
	for (const entry of await readdir(join(folder, ...above), {withFileTypes: true})) {
		const parts = [...above, checkedFileName(entry.name)];
		if (entry.isFile()) {
			files.push(parts);
		} else if (entry.isDirectory() && parts.length < deepestFolder) {
			files.push(...(await prerequisiteFiles(folder, parts)));
		}
	}

	return files.slice(0, mostFiles);
}
