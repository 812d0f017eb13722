import {visibleText} from '../domain/text.ts';
import {type Version, parseVersion} from '../domain/version.ts';
import {linesOf} from './file-text.ts';

export interface VersionStamp {
	/** The line as it stands in the file. */
	readonly stamp: string;
	/** Undefined where the line names none, such as the bare word `Hotfix` (RN 26067). */
	readonly version?: Version;
}

/**
 * The newest line of `VersionHistory.txt`, which is the last one: `2025-03-27 11:16:35;10.5.4.0-15588-20250319-release`.
 * Source: Checking_the_upgrade_history_of_a_DataMiner_Agent.md
 */
export function newestVersionStamp(text: string): VersionStamp | undefined {
	const line = linesOf(text).at(-1);
	if (line === undefined) {
		return undefined;
	}

	const version = parseVersion(line.slice(line.indexOf(';') + 1));
	return {stamp: visibleText(line, 300), ...(version && {version})};
}
