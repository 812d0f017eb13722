import {type PackageFacts, inOrder} from '../domain/package-facts.ts';
import {formatBytes} from '../domain/readiness.ts';
import {type ExitCode, exitCodes} from '../domain/user-error.ts';
import {fourPartNumber} from '../domain/version.ts';
import {openPackage} from '../package/open-package.ts';
import type {Verification} from '../package/verify-package.ts';
import {formatPackageReport} from './package-report.ts';

export interface InspectOptions {
	/** One JSON object instead of text. */
	readonly json: boolean;
	readonly write: (text: string) => void;
	/** Reads every byte. */
	readonly verify?: boolean;
	/**
	 * Told how far the reading is, at most once for each percent: one line without control characters, that takes the
	 * place of the line before. Empty at the end, also when that is an error.
	 */
	readonly progress?: (text: string) => void;
}

/**
 * `dms-upgrade inspect PACKAGE [--verify]`: prints what is in a package. Exit code *blocked* where a problem says
 * that it must not be used. Rejects with a `PackageError` where it cannot be opened or read.
 */
export async function inspectCommand(path: string, options: InspectOptions): Promise<ExitCode> {
	const {json, write} = options;
	const {facts, verification} = await read(path, options);
	write(
		json
			? `${JSON.stringify(packageJson(facts, verification), null, 2)}\n`
			: formatPackageReport(facts, verification),
	);
	return facts.problems.some(problem => problem.severity === 'block') ? exitCodes.blocked : exitCodes.done;
}

/** The facts, with what verifying found among their problems. */
async function read(
	path: string,
	{verify = false, progress}: InspectOptions,
): Promise<{facts: PackageFacts; verification?: Verification}> {
	const opened = await openPackage(path);
	try {
		if (!verify) {
			return {facts: opened.facts};
		}

		const verification = await opened.verify(progress && {onProgress: percentLines(progress)});
		return {
			facts: {
				...opened.facts,
				problems: inOrder([...opened.facts.problems, ...verification.problems]),
			},
			verification,
		};
	} finally {
		progress?.('');
		await opened.close();
	}
}

function percentLines(progress: (text: string) => void): (done: number, total: number) => void {
	let shown = -1;
	return (done, total) => {
		const percent = Math.floor((done / total) * 100);
		if (percent > shown) {
			shown = percent;
			progress(`Reading every byte: ${percent} % of ${formatBytes(total)}`);
		}
	};
}

/** The facts in the form that scripts rely on: every key is always there, what is not known is null. */
export function packageJson(
	facts: PackageFacts,
	verification?: Verification,
): Readonly<Record<string, unknown>> {
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
		verified: verification
			? {sha256: verification.sha256, entries: verification.entries, bytes: verification.bytes}
			: null,
		problems: facts.problems,
	};
}
