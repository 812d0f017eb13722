import {mkdir, mkdtemp, readdir, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach} from 'vitest';
import {type ZipSpec, zipBytes} from './zip-bytes.ts';

/** The sample of UpdateContent.txt in short. */
export const fullActions = [
	'Lock',
	'Disable',
	'Kill',
	'IIS Stop',
	'Update Files',
	'Update Root',
	'IIS Start',
	'Start',
];

export const executorFile = 'Prerequisites/executor/StandaloneBpaExecutor.exe';

/** The inside of an Update.zip with everything that a full upgrade has. */
export const fullContent: ZipSpec = {
	'UpdateContent.txt': fullActions.join('\r\n'),
	'Prerequisites/VerifyClusterPorts.dll': 'ports',
	'Prerequisites/VerifyOSVersion.dll': 'os',
	[executorFile]: 'executor',
	'Files/SLNet.exe': 'x'.repeat(5000),
};

export function without(files: ZipSpec, name: string): ZipSpec {
	return Object.fromEntries(Object.entries(files).filter(([known]) => known !== name));
}

export interface PackageSpec {
	readonly inner?: ZipSpec | Buffer;
	readonly updateZip?: 'stored' | 'deflated';
	/** Beside the Update.zip. */
	readonly outer?: ZipSpec;
}

export async function packageBytes({
	inner = fullContent,
	updateZip = 'stored',
	outer = {'Description.txt': 'DataMiner Upgrade (Full)', 'SLUpgrade.dll': 'engine'},
}: PackageSpec = {}): Promise<Buffer> {
	const content = Buffer.isBuffer(inner) ? inner : await zipBytes(inner);
	return zipBytes({...outer, 'Update.zip': {content, stored: updateZip === 'stored'}});
}

export const fullName = 'DataMiner 10.6.4.0-16868 Full Upgrade.dmupgrade';

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
