import {readFile, readdir, stat} from 'node:fs/promises';
import {homedir, hostname, userInfo} from 'node:os';
import path from 'node:path';

/** All that a configuration depends on besides its own text; the only way in which this folder reaches outside. */
export interface Surroundings {
	readonly platform: NodeJS.Platform;
	/** The home folder of the local user, as the system knows it. */
	readonly home: string;
	readonly localUser: string;
	/** The number of the local user, for `%i` and for who may own a configuration; 0 on Windows. */
	readonly userId: number;
	/** The name of this computer, for `%l` and `%L`. */
	readonly computer: string;
	readonly environment: Readonly<Record<string, string | undefined>>;
	/** Read instead of the user's and the system's file, as with `ssh -F`; `none` reads no file at all. */
	readonly configFile?: string;
	/** Nothing where there is no such file. Rejects with the error of the system where it cannot be read. */
	readonly readFile: (path: string) => Promise<FileContent | undefined>;
	/** The names in a folder, in any order; nothing where there is no such folder, or it cannot be read. */
	readonly listFolder: (path: string) => Promise<readonly string[] | undefined>;
}

export interface FileContent {
	readonly text: string;
	readonly ownerId: number;
	/** The permission bits. */
	readonly mode: number;
}

/** This computer and whoever runs the program. */
export function thisComputer(configFile?: string): Surroundings {
	return {
		platform: process.platform,
		...localUser(),
		computer: hostname(),
		environment: process.env,
		...(configFile === undefined ? {} : {configFile}),
		readFile: contentOf,
		listFolder: folder => readdir(folder).catch(() => undefined),
	};
}

function localUser(): Pick<Surroundings, 'home' | 'localUser' | 'userId'> {
	try {
		const {homedir: home, username, uid} = userInfo();
		return {home, localUser: username, userId: Math.max(uid, 0)};
	} catch {
		// In a container, a user may have a number only.
		const userId = process.getuid?.() ?? 0;
		return {home: homedir(), localUser: process.env['USER'] ?? String(userId), userId};
	}
}

async function contentOf(file: string): Promise<FileContent | undefined> {
	try {
		const {uid, mode} = await stat(file);
		return {text: await readFile(file, 'utf8'), ownerId: uid, mode: mode & 0o7777};
	} catch (error) {
		const {code} = error as NodeJS.ErrnoException;
		if (code === 'ENOENT' || code === 'ENOTDIR') {
			return undefined;
		}

		// A pattern of Include may well name a folder, which ssh reads as an empty file.
		if (code === 'EISDIR') {
			return {text: '', ownerId: 0, mode: 0};
		}

		throw error;
	}
}

/** How paths are put together there. */
export function pathsOf({platform}: Surroundings): path.PlatformPath {
	return platform === 'win32' ? path.win32 : path.posix;
}

/** The folder of the user's own files of SSH. */
export function userFolder(surroundings: Surroundings): string {
	return pathsOf(surroundings).join(surroundings.home, '.ssh');
}

/** The folder of the computer's files of SSH. */
export function systemFolder(surroundings: Surroundings): string {
	const {platform, environment} = surroundings;
	return platform === 'win32'
		? path.win32.join(environment['PROGRAMDATA'] ?? 'C:\\ProgramData', 'ssh')
		: '/etc/ssh';
}
