import {isUtf8} from 'node:buffer';
import {type FileHandle, open} from 'node:fs/promises';
import path from 'node:path';
import {visibleText} from '../domain/text.ts';
import {ClusterFileError} from './cluster-file-error.ts';
import {parseClusterFile} from './cluster-file.ts';
import type {Inventory} from './inventory.ts';
import type {FileProblem} from './yaml-problem.ts';

/** A thousand Agents take half of it. */
const mostBytes = 512 * 1024;

/**
 * The clusters of a file. Paths in it may begin with `~/`; other relative ones count from the folder of the file.
 * Rejects with `ClusterFileError`. Undefined where there is no such file.
 */
export async function readClusterFile(file: string, home: string): Promise<readonly Inventory[] | undefined> {
	const text = await readClusterText(file);
	const folder = path.dirname(path.resolve(file));
	const located = (place: string) =>
		/^~(?=[\\/]|$)/.test(place) ? path.join(home, place.slice(1)) : path.resolve(folder, place);
	return text === undefined
		? undefined
		: parseClusterFile(text, file).map(({sshConfig, packages, agents, ...rest}) => ({
				...rest,
				...(sshConfig !== undefined && {sshConfig: sshConfig === 'none' ? sshConfig : located(sshConfig)}),
				...(packages !== undefined && {packages: located(packages)}),
				agents: agents.map(({identityFile, tokenFile, ...agent}) => ({
					...agent,
					...(tokenFile !== undefined && {tokenFile: located(tokenFile)}),
					...(identityFile !== undefined && {identityFile: located(identityFile)}),
				})),
			}));
}

/** The text of such a file, when it can be relied upon. Rejects with `ClusterFileError`; undefined: there is none. */
export async function readClusterText(file: string): Promise<string | undefined> {
	const refuse = (problem: FileProblem, options?: ErrorOptions) =>
		new ClusterFileError(file, [problem], options);
	let handle: FileHandle;
	try {
		handle = await open(file, 'r');
	} catch (error) {
		const {code, message} = error as NodeJS.ErrnoException;
		if (code === 'ENOENT') {
			return undefined;
		}

		const cause = visibleText(code === 'EACCES' ? 'reading it is not permitted' : message, 300);
		throw refuse({cause, remedy: 'Check its path and its rights.'}, {cause: error});
	}

	try {
		const problem = await rightsProblem(handle, file);
		if (problem) {
			throw refuse(problem);
		}

		const bytes = await readAtMost(handle, mostBytes + 1);
		if (bytes.length > mostBytes) {
			throw refuse({
				cause: `it is larger than ${mostBytes / 1024} KiB, and no list of clusters is`,
				remedy: 'Name the file with the clusters.',
			});
		}

		if (!isUtf8(bytes)) {
			throw refuse(encodingProblem(bytes));
		}

		return new TextDecoder().decode(bytes);
	} catch (error) {
		throw error instanceof ClusterFileError
			? error
			: refuse(
					{cause: visibleText((error as Error).message, 300), remedy: 'Check the file and its disk.'},
					{cause: error},
				);
	} finally {
		await handle.close();
	}
}

/** Who can write into it decides where passwords and packages go. Windows has rights of another kind. */
async function rightsProblem(handle: FileHandle, file: string): Promise<FileProblem | undefined> {
	const stat = await handle.stat();
	if (stat.isDirectory()) {
		return {
			cause: 'it is a folder',
			remedy: `Name a file, such as ${visibleText(path.join(file, 'clusters.yaml'), 300)}.`,
		};
	}

	const user = process.getuid?.();
	if (user === undefined || !stat.isFile()) {
		return undefined;
	}

	if (stat.uid !== user && stat.uid !== 0) {
		return {
			cause: 'it belongs to another user, who could send you to other servers',
			remedy: 'Use a copy that belongs to you.',
		};
	}

	return (stat.mode & 0o022) === 0
		? undefined
		: {
				cause: 'other users can write into it, and could send you to other servers',
				remedy: `chmod go-w ${visibleText(file, 300)}`,
			};
}

/** Pipes have no size, and some files lie about theirs. */
async function readAtMost(handle: FileHandle, most: number): Promise<Buffer> {
	const buffer = Buffer.alloc(most);
	let length = 0;
	while (length < most) {
		const {bytesRead} = await handle.read(buffer, length, most - length, null);
		if (bytesRead === 0) {
			break;
		}

		length += bytesRead;
	}

	return buffer.subarray(0, length);
}

function encodingProblem(bytes: Buffer): FileProblem {
	const utf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
	return {
		...(!utf16 && {place: firstBadPlace(bytes)}),
		cause: utf16 ? 'it is UTF-16, and UTF-8 is expected' : 'here it is not UTF-8',
		remedy: 'Save it as UTF-8.',
	};
}

/** No character of UTF-8 but the line feed has its byte in it. */
function firstBadPlace(bytes: Buffer): {line: number; column: number} {
	let start = 0;
	for (let line = 1; ; line += 1) {
		const end = bytes.indexOf(0x0a, start);
		const content = bytes.subarray(start, end < 0 ? undefined : end);
		if (end < 0 || !isUtf8(content)) {
			const before = new TextDecoder().decode(content).indexOf('\uFFFD');
			return {line, column: Math.max(0, before) + 1};
		}

		start = end + 1;
	}
}
