import {type Stats, lstatSync} from 'node:fs';
import {mkdir, readdir, readFile, rm, stat, writeFile} from 'node:fs/promises';
import path from 'node:path';

/** A path that Windows would not take, or that leads out of the Agent's drive. */
export class BadPathError extends Error {
	constructor(
		readonly kind: 'invalid' | 'denied',
		readonly windowsPath: string,
	) {
		super(
			kind === 'denied'
				? 'Access is denied.'
				: 'The filename, directory name, or volume label syntax is incorrect.',
		);
	}
}

// Source: "Naming Files, Paths, and Namespaces" of the Windows documentation.
const forbidden = /[<>:"|?*\u0000-\u001F]/;
const reserved = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;

/**
 * The drive `C:` of a simulated Agent: a real folder. No path leads out of it: neither `..` nor a symbolic link nor
 * another drive. Names are found whatever their case, as on Windows.
 */
export class WindowsDrive {
	constructor(
		readonly folder: string,
		/** Relative paths start here. */
		readonly home: string,
	) {}

	/** The real path behind a Windows path, which need not exist. Throws `BadPathError`. */
	async resolve(windowsPath: string): Promise<string> {
		let current = this.folder;
		let exists = true;
		for (const name of this.#namesOf(windowsPath)) {
			const found: string | undefined = exists ? await this.#find(current, name, windowsPath) : undefined;
			exists = found !== undefined;
			current = path.join(current, found ?? name);
		}

		return current;
	}

	/** `C:\a b\c`, without resolving anything but dots and slashes. Throws `BadPathError`. */
	normalize(windowsPath: string): string {
		return ['C:', ...this.#namesOf(windowsPath)].join('\\').replace(/^C:$/, 'C:\\');
	}

	async readFile(windowsPath: string): Promise<Buffer | undefined> {
		return ifPresent(readFile(await this.resolve(windowsPath)));
	}

	/** Makes the folders above it. */
	async writeFile(windowsPath: string, content: string | Uint8Array): Promise<void> {
		const file = await this.resolve(windowsPath);
		await mkdir(path.dirname(file), {recursive: true});
		await writeFile(file, content);
	}

	/** With the folders above it; content with being there already. */
	async makeFolder(windowsPath: string): Promise<void> {
		await mkdir(await this.resolve(windowsPath), {recursive: true});
	}

	/** True for an existing file; folders are none. */
	async hasFile(windowsPath: string): Promise<boolean> {
		return (await ifPresent(stat(await this.resolve(windowsPath))))?.isFile() ?? false;
	}

	async list(windowsPath: string): Promise<readonly string[] | undefined> {
		return ifPresent(readdir(await this.resolve(windowsPath)));
	}

	async remove(windowsPath: string): Promise<void> {
		await rm(await this.resolve(windowsPath), {recursive: true, force: true});
	}

	/** Bytes of all files. */
	async usedBytes(): Promise<number> {
		const entries = await readdir(this.folder, {recursive: true, withFileTypes: true});
		const files = entries.filter(entry => entry.isFile());
		const sizes = files.map(
			async file => (await ifPresent(stat(path.join(file.parentPath, file.name))))?.size ?? 0,
		);
		return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
	}

	#namesOf(windowsPath: string): readonly string[] {
		const slashed = windowsPath.replaceAll('/', '\\');
		const rooted = /^[a-z]:/i.test(slashed) ? slashed : `${this.home}\\${slashed}`;
		if (!/^c:(?:\\|$)/i.test(rooted) || slashed.startsWith('\\')) {
			throw new BadPathError('denied', windowsPath);
		}

		const names = rooted
			.slice(2)
			.split('\\')
			.filter(name => name !== '' && name !== '.');
		for (const name of names) {
			if (name === '..') {
				throw new BadPathError('denied', windowsPath);
			}

			if (
				forbidden.test(name) ||
				reserved.test(name) ||
				/[. ]$/.test(name) ||
				Buffer.byteLength(name) > 255
			) {
				throw new BadPathError('invalid', windowsPath);
			}
		}

		return names;
	}

	/** The name of an entry of `folder` as it is spelled there; undefined where there is none. */
	async #find(folder: string, name: string, windowsPath: string): Promise<string | undefined> {
		const exact = factsOf(path.join(folder, name));
		const spelled = exact ? name : await otherCase(folder, name);
		const facts = exact ?? (spelled === undefined ? undefined : factsOf(path.join(folder, spelled)));
		if (facts && !facts.isFile() && !facts.isDirectory()) {
			throw new BadPathError('denied', windowsPath);
		}

		return facts && spelled;
	}
}

/** `C:\a b\c` for the SFTP path `/C:/a b/c`. A path without a drive is relative. Throws `BadPathError`. */
export function fromSftpPath(sftpPath: string): string {
	if (!sftpPath.startsWith('/')) {
		return sftpPath.replaceAll('/', '\\');
	}

	if (!/^\/[a-z]:(?:\/|$)/i.test(sftpPath)) {
		throw new BadPathError('denied', sftpPath);
	}

	return sftpPath.slice(1).replaceAll('/', '\\');
}

export function toSftpPath(windowsPath: string): string {
	return `/${windowsPath.replaceAll('\\', '/')}`;
}

/** The last name of a Windows path. */
export function fileNameOf(windowsPath: string): string {
	return path.win32.basename(windowsPath);
}

/** Undefined where a file operation found nothing. */
export async function ifPresent<T>(operation: Promise<T>): Promise<T | undefined> {
	try {
		return await operation;
	} catch (error) {
		const {code} = error as NodeJS.ErrnoException;
		if (code === 'ENOENT' || code === 'ENOTDIR') {
			return undefined;
		}

		throw error;
	}
}

/**
 * Undefined where there is no such entry. Asked for every part of every path: at once, it takes a tenth of the time
 * that handing the question to another thread and back would take.
 */
function factsOf(file: string): Stats | undefined {
	try {
		return lstatSync(file, {throwIfNoEntry: false});
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') {
			return undefined;
		}

		throw error;
	}
}

async function otherCase(folder: string, name: string): Promise<string | undefined> {
	const wanted = name.toLowerCase();
	return (await ifPresent(readdir(folder)))?.find(entry => entry.toLowerCase() === wanted);
}
