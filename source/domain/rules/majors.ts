import type {Version} from '../version.ts';
import {knownMajors, latestUpdates} from './released-versions.ts';

type Major = readonly [number, number];

/** Who comes from below it passes it by. Source: Preparing_to_upgrade_a_DataMiner_Agent.md */
const skippedUpwards: Major = [10, 1];

/** How many majors up (negative: down) the second version is, as upgrades count them: 10.1 is passed by upwards. */
export function majorDistance(from: Version, to: Version): number {
	const order = byNumber(majorOf(from), majorOf(to));
	return order === 0 ? 0 : (majorsBetween(from, to).length + 1) * (order < 0 ? 1 : -1);
}

/** The Main Releases to stop at between two majors, in the order in which they are met; each on its latest CU. */
export function majorStops(from: Version, to: Version): Version[] {
	return majorsBetween(from, to).map(latestOf);
}

/** The Main Release of the next major that is known, on its latest CU. */
export function mainReleaseAfter(version: Version): Version | undefined {
	const next = knownMajors.find(major => byNumber(majorOf(version), major) < 0);
	return next && latestOf(next);
}

function latestOf([major, minor]: Major): Version {
	const cu = latestUpdates.get(`${major}.${minor}`);
	return {major, minor, month: 0, week: 0, ...(cu !== undefined && {cu})};
}

function majorsBetween(from: Version, to: Version): Major[] {
	const [start, end] = [majorOf(from), majorOf(to)];
	return byNumber(start, end) < 0
		? knownMajors.filter(
				major =>
					byNumber(start, major) < 0 && byNumber(major, end) < 0 && byNumber(major, skippedUpwards) !== 0,
			)
		: knownMajors.filter(major => byNumber(end, major) < 0 && byNumber(major, start) < 0).toReversed();
}

function majorOf({major, minor}: Version): Major {
	return [major, minor];
}

function byNumber(a: Major, b: Major): number {
	return a[0] - b[0] || a[1] - b[1];
}
