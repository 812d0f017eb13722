import type {ArchiveEntry} from './archive-entry.ts';

/** The tests that a package brings. Source: Preparing_to_upgrade_a_DataMiner_Agent.md */
export interface PrerequisiteFacts {
	/** Names without `.dll`, in the order of the package. */
	readonly checks: readonly string[];
	readonly executor: boolean;
}

/** A file below `Prerequisites`, and where it belongs below the folder that takes its place. */
export interface PrerequisiteFile {
	readonly entry: ArchiveEntry;
	/** With forward slashes; `executor/` always in lower case. */
	readonly path: string;
}

const folder = 'prerequisites/';
const executorFolder = 'executor/';
const executorProgram = 'standalonebpaexecutor.exe';
const testSuffix = '.dll';

export function findPrerequisites(entries: readonly ArchiveEntry[]): PrerequisiteFacts {
	const files = prerequisiteFiles(entries);
	return {
		checks: files
			.filter(({path}) => !path.includes('/') && path.toLowerCase().endsWith(testSuffix))
			.map(({path}) => path.slice(0, -testSuffix.length)),
		executor: files.some(
			({path}) => path.startsWith(executorFolder) && path.toLowerCase().endsWith(`/${executorProgram}`),
		),
	};
}

/** Every file below `Prerequisites`, in the order of the package. */
export function prerequisiteFiles(entries: readonly ArchiveEntry[]): readonly PrerequisiteFile[] {
	return entries
		.filter(entry => !entry.folder && entry.key.startsWith(folder))
		.map(entry => {
			const path = entry.name.slice(folder.length);
			return {
				entry,
				path: path.toLowerCase().startsWith(executorFolder)
					? executorFolder + path.slice(executorFolder.length)
					: path,
			};
		});
}
