import {mkdir, mkdtemp, readdir, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach} from 'vitest';
import {fullName} from './package-bytes.ts';

export * from './package-bytes.ts';

/** Folders of one test: packages, the place for temporary files, and a place to unpack to. */
export interface PackageFolders {
	readonly root: string;
	readonly temporary: string;
	readonly into: string;
	write(bytes: Buffer, name?: string): Promise<string>;
	/** Every file and folder below the root, except the packages themselves. */
	leftovers(): Promise<string[]>;
}

const roots: string[] = [];

afterEach(async () => {
	for (const root of roots.splice(0)) {
		await rm(root, {recursive: true, force: true});
	}
});

export async function packageFolders(): Promise<PackageFolders> {
	const root = await mkdtemp(join(tmpdir(), 'dms-upgrade-test-'));
	roots.push(root);
	const [packages, temporary, into] = ['packages', 'temporary', 'into'].map(name => join(root, name)) as [
		string,
		string,
		string,
	];
	await mkdir(packages);
	await mkdir(temporary);
	return {
		root,
		temporary,
		into,
		write: async (bytes, name = fullName) => {
			const path = join(packages, name);
			await writeFile(path, bytes);
			return path;
		},
		leftovers: async () => {
			const found = await readdir(root, {recursive: true});
			return found.filter(path => path !== 'temporary' && !path.startsWith('packages')).sort();
		},
	};
}

/** How many files this process holds open; undefined where the system does not tell. */
export async function openFiles(): Promise<number | undefined> {
	return process.platform === 'linux' ? (await readdir('/proc/self/fd')).length : undefined;
}
