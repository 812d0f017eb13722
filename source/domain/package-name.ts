import type {PackageKind} from './package-facts.ts';
import {type Version, parseVersion} from './version.ts';

/** What a package's file name says. It is a hint and no proof: a package can be renamed, and tools have free names. */
export interface PackageName {
	/** Undefined for a free name such as `VerifyClusterPorts.dmupgrade`. */
	readonly kind?: Extract<PackageKind, 'full' | 'web' | 'cumulative'>;
	readonly version?: Version;
	/** `rc`, `internal`, …; a name without one is a release. */
	readonly label: string;
	/** With its dot, lower case; empty where there is none. */
	readonly extension: string;
}

/** The label of a package whose name has none. */
export const releaseLabel = 'release';

/** No file system allows longer ones; the limit also keeps hostile input cheap. */
const longestName = 255;

// DataMiner 10.6.3.0(CU0)-16815 Full Upgrade (internal) GER-99162 PS-19
const documentedName = new RegExp(
	String.raw`^DataMiner (?<version>\d+(?:\.\d+){3} ?(?:\(CU ?\d+\))? ?[-–] ?\d+(?:[- ]CU ?\d+)?)` +
		String.raw` (?<kind>Full|Web|Partial) Upgrade(?: \((?<label>[^()]+)\))?`,
	'i',
);

const kinds: Readonly<Record<string, PackageName['kind']>> = {
	full: 'full',
	web: 'web',
	partial: 'cumulative',
};

/**
 * Reads `DataMiner a.b.c.d[(CUn)]-build Full|Web Upgrade[ (label)][ GER-n][ PS-n].dmupgrade`, also where a download
 * replaced the blanks. Any other name is free: it may still be a version, and nothing more.
 */
export function parsePackageName(file: string): PackageName {
	const name = file.slice(0, longestName);
	const extension = /\.[a-z]{1,12}$/i.exec(name)?.[0].toLowerCase() ?? '';
	const stem = name
		.slice(0, name.length - extension.length)
		.replaceAll(/%20|[_+]/g, ' ')
		.trim();
	const groups = documentedName.exec(stem)?.groups;
	if (!groups) {
		const version = parseVersion(stem);
		return {label: version?.label ?? releaseLabel, extension, ...(version && {version})};
	}

	const label = labelOf(groups['label']);
	const version = parseVersion(groups['version'] ?? '');
	const kind = kinds[groups['kind']?.toLowerCase() ?? ''];
	return {
		label: label ?? releaseLabel,
		extension,
		...(kind && {kind}),
		...(version && {version: {...version, ...(label !== undefined && {label})}}),
	};
}

/** A browser that downloads the same file twice appends ` (1)`, which is no label. */
function labelOf(text: string | undefined): string | undefined {
	const label = text?.trim();
	return label === undefined || label === '' || /^\d+$/.test(label) ? undefined : label;
}
