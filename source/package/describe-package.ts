import type {PackageFacts, PackageKind, PackageProblem} from '../domain/package-facts.ts';
import {changesVersion, inOrder} from '../domain/package-facts.ts';
import {decideKind} from '../domain/package-kind.ts';
import {type PackageName, parsePackageName, releaseLabel} from '../domain/package-name.ts';
import {formatBytes} from '../domain/format-bytes.ts';
import {visibleText} from '../domain/text.ts';
import {type UpdateAction, parseUpdateContent, restartsOf} from '../domain/update-content.ts';
import type {Version} from '../domain/version.ts';
import type {ArchiveEntry} from './archive-entry.ts';
import type {PackageLimits} from './package-limits.ts';
import {findPrerequisites} from './prerequisites.ts';
import {collisionProblems, duplicateNames, nameProblems} from './name-problems.ts';
import type {TextFile} from './text-file.ts';

/** What was read out of an upgrade package. */
export interface PackageContents {
	/** File name without folder. */
	readonly file: string;
	/** Bytes. */
	readonly size: number;
	readonly outer: readonly ArchiveEntry[];
	readonly inner: readonly ArchiveEntry[];
	readonly description: TextFile | undefined;
	readonly updateContent: TextFile | undefined;
	/** What is wrong with the zips themselves. */
	readonly zipProblems: readonly PackageProblem[];
	readonly limits: PackageLimits;
}

/** Longer lines are cut when they are shown. */
const longestAction = 500;
const mostActions = 10_000;
const longestDescription = 2000;

/** The facts of a package that has an Update.zip. */
export function describePackage(contents: PackageContents): PackageFacts {
	const {file, size, outer, inner} = contents;
	const name = parsePackageName(file);
	const description = contents.description && oneLine(contents.description.text);
	const actions =
		contents.updateContent && parseUpdateContent(contents.updateContent.text).slice(0, mostActions);
	const prerequisites = findPrerequisites(inner);
	const decision = decideKind({
		name,
		description,
		actions,
		hasPrerequisites: prerequisites.checks.length > 0,
	});
	const legacyApplication = name.extension === '.dmapp';
	const kind = legacyApplication ? 'tool' : decision.kind;
	return {
		file: visibleText(file),
		size,
		kind,
		...(name.version && {version: name.version}),
		label: visibleText(name.label, 100),
		...(description !== undefined &&
			description !== '' && {description: visibleText(description, longestDescription)}),
		prerequisites: prerequisites.checks.map(check => visibleText(check, 200)),
		executor: prerequisites.executor,
		actions: (actions ?? []).map(({line}) => visibleText(line, longestAction)),
		restarts: actions ? restartsOf(actions) : 'unknown',
		unpackedSize: unpackedSize(outer, inner),
		problems: inOrder([
			...nameProblems([...outer, ...inner]),
			...collisionProblems(outer),
			...collisionProblems(inner),
			...contents.zipProblems,
			...sizeProblems(size, contents.limits),
			...(legacyApplication ? [legacyApplicationProblem] : disagreement(decision.disagreement)),
			...contentProblems(contents, actions, kind),
			...(prerequisites.checks.length > 0 && !prerequisites.executor ? [executorMissing(name.version)] : []),
			...(changesVersion(kind) && prerequisites.checks.length === 0 ? [prerequisitesMissing] : []),
			...fileNameProblems(name, kind),
		]),
	};
}

/** The facts of an application package, which has no Update.zip. */
export function describeApplication(
	file: string,
	size: number,
	outer: readonly ArchiveEntry[],
	description: string | undefined,
	zipProblems: readonly PackageProblem[],
	limits: PackageLimits,
): PackageFacts {
	return {
		file: visibleText(file),
		size,
		kind: 'application',
		label: releaseLabel,
		...(description !== undefined && {description: visibleText(oneLine(description), longestDescription)}),
		prerequisites: [],
		executor: false,
		actions: [],
		// Creating_app_package_scripts.md: an application package is installed while the Agent runs.
		restarts: 'nothing',
		unpackedSize: outer.reduce((sum, entry) => sum + entry.size, 0),
		problems: inOrder([
			...nameProblems(outer),
			...collisionProblems(outer),
			...zipProblems,
			...sizeProblems(size, limits),
		]),
	};
}

function oneLine(text: string): string {
	return text.replaceAll(/\s+/g, ' ').trim();
}

/** The Update.zip itself is not counted: it stays packed. */
function unpackedSize(outer: readonly ArchiveEntry[], inner: readonly ArchiveEntry[]): number {
	return [...outer.filter(entry => entry.key !== 'update.zip'), ...inner].reduce(
		(sum, entry) => sum + entry.size,
		0,
	);
}

/** Source: MaintenanceSettings.SLNet.MaxUploadSize.md */
function sizeProblems(size: number, {uploadBytes}: PackageLimits): PackageProblem[] {
	return size > uploadBytes
		? [
				{
					code: 'LARGER_THAN_UPLOAD_LIMIT',
					severity: 'warn',
					message: `It has ${formatBytes(size)}: System Center uploads at most ${Math.round(uploadBytes / 1000 ** 2)} MB unless MaxUploadSize in MaintenanceSettings.xml says otherwise.`,
				},
			]
		: [];
}

const legacyApplicationProblem: PackageProblem = {
	code: 'LEGACY_APPLICATION',
	severity: 'info',
	message:
		'It is an application package in the container of an upgrade package (no AppInfo.xml): it is carried out like an upgrade.',
};

const prerequisitesMissing: PackageProblem = {
	code: 'PREREQUISITES_MISSING',
	severity: 'warn',
	message:
		'It brings no prerequisites, so that nothing is tested before it is carried out. Full packages have some: they may have been removed, which is not supported.',
};

/**
 * From 10.4 on DataMiner refuses such a package; for older ones and for tools, whose names say no version, that is
 * not documented. Source: KI_Unable_to_perform_a_DataMiner_upgrade_via_Update_Center.md
 */
function executorMissing(version: Version | undefined): PackageProblem {
	const refused =
		version !== undefined && (version.major > 10 || (version.major === 10 && version.minor >= 4));
	return {
		code: 'EXECUTOR_MISSING',
		severity: refused ? 'block' : 'warn',
		message: `It brings prerequisites without the program that runs them (Prerequisites\\executor\\StandaloneBpaExecutor.exe)${
			refused ? ', so that DataMiner will refuse it. Use the full package' : ''
		}.`,
	};
}

function disagreement(found: {severity: 'block' | 'warn'; message: string} | undefined): PackageProblem[] {
	return found ? [{code: 'NAME_AND_CONTENT_DISAGREE', ...found}] : [];
}

function contentProblems(
	contents: PackageContents,
	actions: readonly UpdateAction[] | undefined,
	kind: PackageKind,
): PackageProblem[] {
	const problems: PackageProblem[] = [];
	if (!actions || actions.length === 0) {
		problems.push({
			code: 'UPDATE_CONTENT_MISSING',
			severity: kind === 'full' || kind === 'cumulative' || kind === 'web' ? 'block' : 'warn',
			message: `Its UpdateContent.txt is ${actions ? 'empty' : 'missing'}: what it does is not known.`,
		});
	}

	if (contents.updateContent?.cut || actions?.length === mostActions) {
		problems.push({
			code: 'UPDATE_CONTENT_TOO_LONG',
			severity: 'block',
			message: 'Its UpdateContent.txt is too long to be read to its end.',
		});
	}

	const unknown = [...new Set(actions?.filter(({effect}) => effect === 'unknown').map(({verb}) => verb))];
	if (unknown.length > 0) {
		const shown = unknown.slice(0, 5).map(verb => visibleText(verb, 40));
		problems.push({
			code: 'UNKNOWN_ACTION',
			severity: 'info',
			message: `UpdateContent.txt names actions that are not documented: ${shown.join(', ')}${unknown.length > shown.length ? ', …' : ''}.`,
		});
	}

	if (duplicateNames(contents.inner).includes('updatecontent.txt')) {
		problems.push({
			code: 'UPDATE_CONTENT_TWICE',
			severity: 'block',
			message: 'It has more than one UpdateContent.txt: which one DataMiner carries out is not known.',
		});
	}

	return problems;
}

function fileNameProblems(name: PackageName, kind: PackageKind): PackageProblem[] {
	const problems: PackageProblem[] = [];
	if (changesVersion(kind) && !name.version) {
		problems.push({
			code: 'VERSION_NOT_IN_NAME',
			severity: 'warn',
			message: 'Its name does not say which version it brings, and nothing inside it does.',
		});
	}

	if (name.label !== releaseLabel) {
		problems.push({
			code: 'NOT_A_RELEASE',
			severity: 'info',
			message: `It is labelled "${visibleText(name.label, 100)}" and not a released version.`,
		});
	}

	if (name.extension !== '.dmupgrade' && name.extension !== '.dmapp') {
		problems.push({
			code: 'FILE_EXTENSION',
			severity: 'warn',
			message: 'Its name does not end in .dmupgrade, by which DataMiner knows an upgrade package.',
		});
	}

	return problems;
}
