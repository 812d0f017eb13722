import {type Version, compareVersions, isMajorUpgrade, trackOf} from '../version.ts';

/** *up* also where the texts leave the order open: then it is judged as the upgrade that was asked for. */
export type Direction = 'up' | 'down' | 'same';

export function directionOf(from: Version, to: Version): Direction {
	const order = compareVersions(from, to);
	if (order === undefined || order === 0) {
		return isSame(from, to, order) ? 'same' : 'up';
	}

	return order < 0 ? 'up' : 'down';
}

function isSame(from: Version, to: Version, order: number | undefined): boolean {
	return (
		from.hotfix === to.hotfix &&
		(order === 0 || (from.month === to.month && from.cu === to.cu && from.build === to.build))
	);
}

/** True where one release stands on both sides and neither its CU nor a build tells which edition is newer. */
export function isOrderUnknown(from: Version, to: Version): boolean {
	return (
		directionOf(from, to) === 'up' && trackOf(from) === trackOf(to) && compareVersions(from, to) === undefined
	);
}

/**
 * From a Feature Release to the Main Release of its own major, which has fewer features and is refused.
 * Source: Preparing_to_upgrade_a_DataMiner_Agent.md
 */
export function isFeatureToMainOfSameMajor(from: Version, to: Version): boolean {
	return !isMajorUpgrade(from, to) && trackOf(from) === 'feature' && trackOf(to) === 'main';
}
