import {createHash} from 'node:crypto';
import {readFile, readdir, stat} from 'node:fs/promises';
import path from 'node:path';

/** Every file and folder below a folder, with the hash of its bytes and its time: equal only where nothing was touched. */
export async function contentOf(folder: string): Promise<Readonly<Record<string, string>>> {
	const content: Record<string, string> = {};
	for (const entry of await readdir(folder, {recursive: true, withFileTypes: true})) {
		const file = path.join(entry.parentPath, entry.name);
		const {mtimeMs} = await stat(file);
		content[path.relative(folder, file)] = entry.isFile()
			? `${createHash('sha256')
					.update(await readFile(file))
					.digest('hex')} ${mtimeMs}`
			: `folder ${mtimeMs}`;
	}

	return content;
}
