import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import type {PackageFacts} from '../domain/package-facts.ts';
import {sha256OfFile} from '../package/file-hash.ts';
import type {RunPackage} from '../orchestration/run-context.ts';
import {openPackage} from '../package/open-package.ts';

/** Reads what a package says of itself. Rejects with a `UserError`. */
export async function inspectPackage(file: string): Promise<PackageFacts> {
	const opened = await openPackage(file);
	await opened.close();
	return opened.facts;
}

/** What a run sends to Agents, with the temporary files that it needs on this computer. */
export interface PreparedPackage extends RunPackage {
	/** Removes the temporary files. */
	dispose(): Promise<void>;
}

/** Unpacks the prerequisites of a package and reads its SHA-256. Rejects with a `UserError`. */
export async function prepareRunPackage(file: string): Promise<PreparedPackage> {
	const temporary = await mkdtemp(path.join(tmpdir(), 'dms-upgrade-'));
	const dispose = () => rm(temporary, {recursive: true, force: true});
	try {
		const opened = await openPackage(file);
		const folder = path.join(temporary, 'Prerequisites');
		try {
			await opened.extractPrerequisites(folder);
		} finally {
			await opened.close();
		}

		const {file: name, size, prerequisites: checks, executor} = opened.facts;
		const sha256 = await sha256OfFile(file);
		return {
			file: {path: file, name, size, sha256},
			prerequisites: {folder, checks, executor, packageSha256: sha256},
			dispose,
		};
	} catch (error) {
		await dispose();
		throw error;
	}
}
