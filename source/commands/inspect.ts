import type {PackageFacts} from '../domain/package-facts.ts';
import {type ExitCode, exitCodes} from '../domain/user-error.ts';
import {fourPartNumber} from '../domain/version.ts';
import {openPackage} from '../package/open-package.ts';
import {formatPackageReport} from './package-report.ts';

export interface InspectOptions {
	/** One JSON object instead of text. */
	readonly json: boolean;
	readonly write: (text: string) => void;
}

/**
 * `dms-upgrade inspect PACKAGE`: prints what is in a package. Exit code *blocked* where a problem says that it must
 * not be used. Rejects with a `PackageError` where it cannot be opened.
 */
export async function inspectCommand(path: string, {json, write}: InspectOptions): Promise<ExitCode> {
	const opened = await openPackage(path);
	await opened.close();
	const {facts} = opened;
	write(json ? `${JSON.stringify(packageJson(facts), null, 2)}\n` : formatPackageReport(facts));
	return facts.problems.some(problem => problem.severity === 'block') ? exitCodes.blocked : exitCodes.done;
}

/** The facts in the form that scripts rely on: every key is always there, what is not known is null. */
export function packageJson(facts: PackageFacts): Readonly<Record<string, unknown>> {
	const {version} = facts;
	return {
		file: facts.file,
		size: facts.size,
		unpackedSize: facts.unpackedSize,
		kind: facts.kind,
		version: version ? fourPartNumber(version) : null,
		build: version?.build ?? null,
		cu: version?.cu ?? null,
		label: facts.label,
		description: facts.description ?? null,
		prerequisites: facts.prerequisites,
		executor: facts.executor,
		actions: facts.actions,
		restarts: facts.restarts,
		problems: facts.problems,
	};
}
