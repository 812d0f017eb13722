/**
 * A DataMiner version, as far as its text says it.
 *
 * A Main Release has `month` 0 and is told apart by its cumulative update (CU); a Feature Release has a running
 * month of 1 or more. The CU is no part of the four-part number, so a text such as
 * `10.5.0.0-15943-20250601-release` leaves it unknown. Source: DataMiner_MR_vs_FR.md
 */
export interface Version {
	readonly major: number;
	readonly minor: number;
	readonly month: number;
	/** Once the week of the release; always 0 now. */
	readonly week: number;
	/** Undefined where the text does not say it. */
	readonly cu?: number;
	/** Grows with time within a release line. */
	readonly build?: number;
	/** `release`, `rc`, `internal`, …; a version text without one is a release. */
	readonly label?: string;
	/** A build with fixes of its own, outside the release tracks. */
	readonly hotfix?: true;
}

export type Track = 'main' | 'feature';

/** Longer texts are no versions; the limit also keeps hostile input cheap. */
const longestVersionText = 200;

// M.m[.p[.w]], then a CU in any documented form, then a build, then what VersionHistory.txt or `formatVersion` appends.
const versionText = new RegExp(
	String.raw`^(?<major>\d{1,3})\.(?<minor>\d{1,3})(?:\.(?<month>\d{1,3}))?(?:\.(?<week>\d{1,3}))?` +
		String.raw`(?:\s*\\?[[(]?\s*CU\s*(?<cu>\d{1,3})\s*\\?[\])]?)?` +
		String.raw`(?:\s*(?:[-–—]|\bbuild\b)\s*(?:CU(?<dashCu>\d{1,3})|(?<build>\d{1,9}))` +
		String.raw`(?:[-\s]\s*\[?CU\s*(?<buildCu>\d{1,3})\]?)?` +
		String.raw`(?:[-_](?<date>\d{8}))?(?:-(?<label>[A-Za-z]\w*))?)?` +
		String.raw`(?:\s*\((?:(?<note>[a-z]\w*)|(?<bracketBuild>\d{1,9}))\))?(?<hotfix>\s+hotfix)?$`,
	'i',
);

const hotfixText = /^HF_(?<version>[^_]+)_(?<date>\d{8})-(?<time>\d{6})$/;

const downloadSlug =
	/^dataminer-(?<track>main|feature)-release-(?<a>\d+)-(?<b>\d+)-(?<c>\d+)-(?<d>\d+)-(?<build>\d+)(?:-cu(?<cu>\d+))?$/;

/** `DataMiner 10.0.12.0-9536 Full Upgrade (rc)` and the like: what stands around a version. */
const surroundings =
	/^(?:Upgrade to |DataMiner )?(?<version>.+?)(?: (?:Full|Web|Partial) Upgrade(?: \((?<label>[^)]+)\))?)?$/i;

/**
 * Reads every textual form in which the documents name one DataMiner version. Wildcards (`10.5.x`) and pairs
 * (`10.5.0/10.5.3`) name ranges, file versions (`10.4.2343.27106`) name no DataMiner version: undefined.
 */
export function parseVersion(text: string): Version | undefined {
	if (text.length > longestVersionText) {
		return undefined;
	}

	const trimmed = text.trim();
	const hotfix = hotfixText.exec(trimmed)?.groups;
	if (hotfix?.['version'] !== undefined) {
		const version = parseVersion(hotfix['version']);
		return version && {...version, hotfix: true};
	}

	const slug = downloadSlug.exec(trimmed)?.groups;
	if (slug) {
		const {a, b, c, d, build, cu} = slug;
		return parseVersion(`${a ?? ''}.${b ?? ''}.${c ?? ''}.${d ?? ''}-${build ?? ''}${cu ? `-CU${cu}` : ''}`);
	}

	const outer = surroundings.exec(trimmed)?.groups;
	const groups = versionText.exec(outer?.['version'] ?? trimmed)?.groups;
	if (!groups) {
		return undefined;
	}

	const number = (name: string) => (groups[name] === undefined ? undefined : Number(groups[name]));
	const week = number('week') ?? 0;
	const month = number('month') ?? 0;
	// Executables carry year and week in the third part (10.4.2343.27106): not a DataMiner version.
	if (month > 99 || week > 99) {
		return undefined;
	}

	const cu = number('cu') ?? number('dashCu') ?? number('buildCu') ?? impliedCu(groups);
	const build = number('build') ?? number('bracketBuild');
	const label = groups['label'] ?? groups['note'] ?? outer?.['label'];
	return {
		major: Number(groups['major']),
		minor: Number(groups['minor']),
		month,
		week,
		...(cu !== undefined && {cu}),
		...(build !== undefined && {build}),
		...(label !== undefined && {label}),
		...(groups['hotfix'] !== undefined && {hotfix: true}),
	};
}

/** `10.5.0` names CU0 (the documents leave `[CU0]` out); `10.5.0.0` and anything with a build leave it open. */
function impliedCu(groups: Record<string, string | undefined>): number | undefined {
	const named =
		groups['month'] !== undefined &&
		groups['week'] === undefined &&
		groups['build'] === undefined &&
		groups['bracketBuild'] === undefined;
	return named ? 0 : undefined;
}

export function trackOf(version: Version): Track {
	return version.month === 0 ? 'main' : 'feature';
}

/**
 * Orders two versions where the documents give them an order: negative, zero or positive; undefined where they do
 * not, which is between a Main and a Feature Release of the same minor (one has later fixes, the other features),
 * and within a release when a CU is unknown and no builds tell. Source: Preparing_to_upgrade_a_DataMiner_Agent.md
 */
export function compareVersions(a: Version, b: Version): number | undefined {
	const line = a.major - b.major || a.minor - b.minor;
	if (line !== 0) {
		return line;
	}

	if (trackOf(a) !== trackOf(b)) {
		return undefined;
	}

	const release = a.month - b.month || a.week - b.week;
	if (release !== 0) {
		return release;
	}

	if (a.cu !== undefined && b.cu !== undefined && a.cu !== b.cu) {
		return a.cu - b.cu;
	}

	if (a.build !== undefined && b.build !== undefined) {
		return a.build - b.build;
	}

	return a.cu === undefined || b.cu === undefined ? undefined : 0;
}

/** True when nothing that both texts say tells the two apart. A CU or build that one of them leaves open may match. */
export function couldBeSame(a: Version, b: Version): boolean {
	const same = (x: unknown, y: unknown) => x === undefined || y === undefined || x === y;
	return (
		a.major === b.major &&
		a.minor === b.minor &&
		a.month === b.month &&
		a.week === b.week &&
		a.hotfix === b.hotfix &&
		same(a.cu, b.cu) &&
		same(a.build, b.build)
	);
}

/** The form of the documents, with the build where it is known: `10.5.0 [CU2]`, `10.6.4 (16868)`. */
export function formatVersion(version: Version): string {
	const {major, minor, month, week, cu, build} = version;
	const number = `${major}.${minor}.${month}${week > 0 ? `.${week}` : ''}`;
	// A Main Release always shows its CU; the first edition of a Feature Release does not.
	const update = cu !== undefined && (cu > 0 || month === 0) ? ` [CU${cu}]` : '';
	return `${number}${update}${build === undefined ? '' : ` (${build})`}${version.hotfix ? ' hotfix' : ''}`;
}

/** Four parts as in package names and `VersionHistory.txt`: `10.6.4.0`. */
export function fourPartNumber({major, minor, month, week}: Version): string {
	return `${major}.${minor}.${month}.${week}`;
}

/** "Major" in DataMiner's upgrade texts means the first two numbers. */
export function isMajorUpgrade(from: Version, to: Version): boolean {
	return from.major !== to.major || from.minor !== to.minor;
}
