import {mkdir, open, realpath, rename, rm} from 'node:fs/promises';
import path from 'node:path';
import {isDeepStrictEqual} from 'node:util';
import {isMap, isScalar, parseDocument} from 'yaml';
import {visibleText} from '../domain/text.ts';
import {UserError} from '../domain/user-error.ts';
import {ClusterFileError} from './cluster-file-error.ts';
import {type ClusterRemarks, clusterEntry, indented} from './cluster-file-text.ts';
import {parseClusterFile} from './cluster-file.ts';
import type {Inventory} from './inventory.ts';
import {readClusterText} from './read-cluster-file.ts';

/** The cluster was not written; the file is as it was. */
export class ClusterNotWrittenError extends UserError {
	constructor(
		readonly file: string,
		readonly code: 'CLUSTER_EXISTS' | 'CLUSTER_FILE_BUSY' | 'CLUSTER_FILE_FORM' | 'CLUSTER_FILE_DENIED',
		reason: string,
		readonly nextSteps: readonly string[],
		options?: ErrorOptions,
	) {
		super(`Nothing was written to ${visibleText(file, 300)}: ${reason}.`, options);
	}
}

/**
 * Adds a cluster at the end of a file, or begins the file, readable for its owner only. What stands there stays as it
 * is, comments too. Rejects with `ClusterNotWrittenError`, also where a cluster of that name is there, and with
 * `ClusterFileError` where the file is not sound.
 */
export async function addToClusterFile(
	file: string,
	inventory: Inventory,
	remarks?: ClusterRemarks,
): Promise<void> {
	try {
		await mkdir(path.dirname(file), {recursive: true, mode: 0o700});
		// A link stays a link: what it leads to is replaced.
		const target = await realpath(file).catch(() => file);
		await replaceFile(target, async () => {
			const before = await readClusterText(target);
			return before === undefined
				? `clusters:\n${indented(clusterEntry(inventory, remarks), 2)}`
				: withCluster(before, target, inventory, remarks);
		});
	} catch (error) {
		if (error instanceof UserError) {
			throw error;
		}

		const {code = '', message} = error as NodeJS.ErrnoException;
		throw new ClusterNotWrittenError(
			file,
			'CLUSTER_FILE_DENIED',
			code === 'EACCES' || code === 'EPERM' ? 'writing there is not permitted' : visibleText(message, 200),
			['Check the path, its rights and the disk; or name another file with --write FILE.'],
			{cause: error},
		);
	}
}

function withCluster(
	before: string,
	file: string,
	inventory: Inventory,
	remarks: ClusterRemarks | undefined,
): string {
	const isEmpty = parseDocument(before, {uniqueKeys: false}).contents === null;
	const clusters = isEmpty ? [] : parseClusterFile(before, file);
	if (clusters.some(({cluster}) => cluster === inventory.cluster)) {
		throw new ClusterNotWrittenError(
			file,
			'CLUSTER_EXISTS',
			`there is a cluster ${visibleText(inventory.cluster, 100)} in it already`,
			['Change that one by hand, or remove it first.'],
		);
	}

	const head = before === '' || before.endsWith('\n') ? before : `${before}\n`;
	const entry = indented(clusterEntry(inventory, remarks), isEmpty ? 2 : columnOfClusters(before));
	const after = `${head}${isEmpty ? 'clusters:\n' : ''}${entry}`;
	if (!isDeepStrictEqual(readBack(after, file), [...clusters, inventory])) {
		throw new ClusterNotWrittenError(
			file,
			'CLUSTER_FILE_FORM',
			'it is not written in the form to which a cluster can be added (block style below “clusters:”)',
			['Put the cluster in by hand: without --write it is printed.'],
		);
	}

	return after;
}

/** How far to the right the names of the clusters stand. */
function columnOfClusters(text: string): number {
	const {contents} = parseDocument(text, {uniqueKeys: false});
	const clusters = isMap(contents) ? contents.get('clusters') : undefined;
	const first = isMap(clusters) ? clusters.items[0]?.key : undefined;
	const offset = isScalar(first) ? first.range[0] : 0;
	return offset - (text.lastIndexOf('\n', offset - 1) + 1);
}

function readBack(text: string, file: string): readonly Inventory[] | undefined {
	try {
		return parseClusterFile(text, file);
	} catch (error) {
		if (error instanceof ClusterFileError) {
			return undefined;
		}

		throw error;
	}
}

/** The new content appears in one go. Whoever writes at the same time is told that somebody else does. */
async function replaceFile(file: string, content: () => Promise<string>): Promise<void> {
	const temporary = `${file}.new`;
	const handle = await open(temporary, 'wx', 0o600).catch((error: unknown) => {
		throw (error as NodeJS.ErrnoException).code === 'EEXIST'
			? new ClusterNotWrittenError(
					file,
					'CLUSTER_FILE_BUSY',
					'somebody else is writing it, or was interrupted while writing it',
					[`Try again; if nobody else is, remove ${visibleText(temporary, 300)} first.`],
					{cause: error},
				)
			: error;
	});
	try {
		try {
			await handle.writeFile(await content());
			await handle.sync();
		} finally {
			await handle.close();
		}

		await rename(temporary, file);
	} catch (error) {
		await rm(temporary, {force: true});
		throw error;
	}
}
