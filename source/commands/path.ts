import path from 'node:path';
import {parsePackageName} from '../domain/package-name.ts';
import {type PathEvaluation, evaluatePath} from '../domain/rules/evaluate-path.ts';
import {type ExitCode, exitCodes} from '../domain/user-error.ts';
import {type Version, formatVersion, parseVersion} from '../domain/version.ts';
import {formatPathReport} from './path-report.ts';
import {VersionTextError} from './version-text-error.ts';

export interface PathCommandOptions {
	/** One JSON object instead of text. */
	readonly json: boolean;
	readonly write: (text: string) => void;
}

/**
 * `dms-upgrade path FROM TO`: judges going from one version to another, and prints the steps. Exit code *blocked*
 * where the direct way is refused. Throws a `VersionTextError` where a text names no version.
 */
export function pathCommand(from: string, to: string, {json, write}: PathCommandOptions): ExitCode {
	const versions = {from: versionNamed(from), to: versionNamed(to)};
	const evaluation = evaluatePath(versions.from, versions.to);
	const named = {from: formatVersion(versions.from), to: formatVersion(versions.to)};
	write(
		json ? `${JSON.stringify(pathJson(named, evaluation), null, 2)}\n` : formatPathReport(named, evaluation),
	);
	return evaluation.verdict === 'block' ? exitCodes.blocked : exitCodes.done;
}

/** The evaluation in the form that scripts rely on. */
function pathJson(
	{from, to}: {readonly from: string; readonly to: string},
	{verdict, steps, findings}: PathEvaluation,
): Readonly<Record<string, unknown>> {
	return {from, to, verdict, steps, findings};
}

/** A line of `VersionHistory.txt` (with `;`) or of Cube's About box (with `=>`): when, and what was installed then. */
const historyLine = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d *(?:;|=>) *(?<version>\S.{0,200})$/;

function versionNamed(text: string): Version {
	const trimmed = text.trim();
	const version =
		parseVersion(historyLine.exec(trimmed)?.groups?.['version'] ?? trimmed) ?? versionOfPackage(trimmed);
	if (!version) {
		throw new VersionTextError(text);
	}

	return version;
}

/** The version that the file name of a package bears, with or without its folder. Other names are none: `10.5.x`. */
function versionOfPackage(text: string): Version | undefined {
	const {kind, extension, version} = parsePackageName(path.basename(text));
	return kind !== undefined || extension === '.dmupgrade' ? version : undefined;
}
