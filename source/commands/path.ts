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

function versionNamed(text: string): Version {
	const version = parseVersion(text);
	if (!version) {
		throw new VersionTextError(text);
	}

	return version;
}
