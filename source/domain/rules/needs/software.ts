import type {Installed, WindowsFacts} from '../../agent-survey.ts';
import {type AgentNeed, type NeedAnswer, type NeedFacts, broken, kept, unknown} from './need.ts';

type Need<Kind extends AgentNeed['kind']> = Extract<AgentNeed, {kind: Kind}>;

/** Source: "How to determine which .NET Framework versions are installed" of Microsoft's documentation. */
const frameworks: readonly (readonly [release: number, version: string])[] = [
	[533_320, '4.8.1'],
	[528_040, '4.8'],
	[461_808, '4.7.2'],
	[461_308, '4.7.1'],
	[460_798, '4.7'],
	[394_802, '4.6.2'],
	[394_254, '4.6.1'],
	[393_295, '4.6'],
	[378_389, '4.5'],
];
const framework48 = 528_040;

export function judgeDotNet({framework, aspNetCore = []}: Need<'dot-net'>, {survey}: NeedFacts): NeedAnswer {
	const {dotNetFramework: release, aspNetCore: installed} = survey;
	const missing = [
		...(framework && release !== undefined && release < framework48
			? [`.NET Framework is ${frameworkVersion(release)} and not 4.8`]
			: []),
		...aspNetCore
			.filter(major => installed?.some(version => majorOf(version) === major) === false)
			.map(major => `ASP.NET Core ${major}.0 is missing (found: ${list(newestOfEach(installed ?? []))})`),
	];
	const found = [
		...(framework && release !== undefined ? [`.NET Framework ${frameworkVersion(release)}`] : []),
		...(aspNetCore.length > 0 && installed ? [`ASP.NET Core ${list(newestOfEach(installed))}`] : []),
	];
	if (missing.length > 0) {
		return broken(`${missing.join('; ')}.`);
	}

	const open = [
		...(framework && release === undefined ? ['.NET Framework'] : []),
		...(aspNetCore.length > 0 && installed === undefined ? ['ASP.NET Core'] : []),
	];
	return open.length > 0
		? unknown(`Which ${open.join(' and ')} is installed could not be found out.`)
		: kept(`${found.join('; ')}.`);
}

function frameworkVersion(release: number): string {
	return frameworks.find(([from]) => release >= from)?.[1] ?? 'older than 4.5';
}

function majorOf(version: string): number {
	return Number(version.split('.')[0]);
}

function newestOfEach(versions: readonly string[]): string[] {
	const newest = new Map<number, string>();
	for (const version of versions) {
		const other = newest.get(majorOf(version));
		if (other === undefined || compareNumbers(version, other) > 0) {
			newest.set(majorOf(version), version);
		}
	}

	return [...newest.values()].toSorted(compareNumbers);
}

export function judgeVisualCpp({atLeast}: Need<'visual-cpp'>, {survey}: NeedFacts): NeedAnswer {
	const sides = [
		['x64', survey.visualCpp?.x64],
		['x86', survey.visualCpp?.x86],
	] as const;
	const wrong = sides.flatMap(([name, installed]) =>
		installed === undefined || isAtLeast(installed, atLeast) ? [] : [`${name} ${described(installed)}`],
	);
	if (wrong.length > 0) {
		return broken(`${wrong.join(', ')}; ${atLeast} is needed.`);
	}

	const open = sides.filter(([, installed]) => installed === undefined).map(([name]) => name);
	return open.length > 0
		? unknown(`Which version is installed for ${open.join(' and ')} could not be found out.`)
		: kept(`${sides.map(([name, installed]) => `${name} ${described(installed)}`).join(', ')}.`);
}

function isAtLeast(installed: Installed, version: string): boolean {
	return installed !== 'missing' && compareNumbers(installed.version, version) >= 0;
}

function described(installed: Installed | undefined): string {
	return installed === undefined ? 'unknown' : installed === 'missing' ? 'is missing' : installed.version;
}

export function judgeUniversalCrt({survey}: NeedFacts): NeedAnswer {
	const {windows, visualCpp} = survey;
	if (windows && windows.build >= windows10) {
		return kept(`The Universal C Runtime is a part of ${windows.name}.`);
	}

	const both = [visualCpp?.x64, visualCpp?.x86];
	return both.includes('missing')
		? broken('The Visual C++ redistributable, which has the Universal C Runtime, is missing.')
		: both.includes(undefined)
			? unknown('Whether the Universal C Runtime is there could not be found out.')
			: kept('The Visual C++ redistributable has it.');
}

const windows10 = 10_240;

export function judgeWindows({build}: Need<'windows'>, {survey: {windows}}: NeedFacts): NeedAnswer {
	return windows === undefined
		? unknown('Which Windows it is could not be found out.')
		: windows.build >= build
			? kept(`${nameOf(windows)}.`)
			: broken(`${nameOf(windows)}.`);
}

/**
 * Until when Microsoft supports a version of Windows Server, by its build.
 * Source: learn.microsoft.com/lifecycle, end of extended support.
 */
const serverSupport: ReadonlyMap<number, string> = new Map([
	[9200, '2023-10-10'],
	[9600, '2023-10-10'],
	[14_393, '2027-01-12'],
	[17_763, '2029-01-09'],
	[20_348, '2031-10-14'],
	[26_100, '2034-11-14'],
]);

export function judgeSupportedWindows({survey: {windows}, now}: NeedFacts): NeedAnswer {
	if (windows === undefined) {
		return unknown('Which Windows it is could not be found out.');
	}

	const until = windows.server === true ? serverSupport.get(windows.build) : undefined;
	if (until === undefined) {
		return windows.build < windows10
			? broken(`Microsoft does not support ${nameOf(windows)} any more.`)
			: unknown(`Until when Microsoft supports ${nameOf(windows)} is not known here.`);
	}

	// The day itself still counts.
	return now < Date.parse(until) + 24 * 60 * 60 * 1000
		? kept(`${nameOf(windows)}, which Microsoft supports until ${until}.`)
		: broken(`${nameOf(windows)}, which Microsoft supported until ${until}.`);
}

function nameOf({name, build}: WindowsFacts): string {
	return `${name} (build ${build})`;
}

export function judgeComputerName(
	{longest, not}: Need<'computer-name'>,
	{survey: {hostName}}: NeedFacts,
): NeedAnswer {
	if (hostName === undefined) {
		return unknown('The name of the server could not be found out.');
	}

	return longest !== undefined && hostName.length > longest
		? broken(`${hostName} has ${hostName.length} characters.`)
		: not !== undefined && hostName.toUpperCase() === not
			? broken(`Its name is ${hostName}.`)
			: kept(`${hostName}.`);
}

export function judgeFips({survey: {fipsEnforced}}: NeedFacts): NeedAnswer {
	return fipsEnforced === undefined
		? unknown('Whether the policy is on could not be found out.')
		: fipsEnforced
			? broken('The policy is on.')
			: kept('The policy is off.');
}

/** Number by number, as versions of Windows software are: `14.40.33816.0` is above `14.9`. */
export function compareNumbers(a: string, b: string): number {
	const [left, right] = [a, b].map(version => version.split('.').map(Number));
	const length = Math.max(left?.length ?? 0, right?.length ?? 0);
	for (let index = 0; index < length; index += 1) {
		const difference = (left?.[index] ?? 0) - (right?.[index] ?? 0);
		if (difference !== 0) {
			return difference;
		}
	}

	return 0;
}

function list(versions: readonly string[]): string {
	return versions.length === 0 ? 'none' : versions.join(', ');
}
