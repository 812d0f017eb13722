import {type Version, compareVersions, isMajorUpgrade, trackOf} from '../version.ts';
import {directionOf, isFeatureToMainOfSameMajor, isOrderUnknown} from './direction.ts';
import {majorDistance} from './majors.ts';
import type {Membership} from './range.ts';
import {latestUpdates} from './released-versions.ts';
import type {PathCondition} from './rule.ts';

/** Whether the condition holds between the version that runs and the one that is upgraded to. */
export function conditionHolds(condition: PathCondition, from: Version, to: Version): Membership {
	switch (condition) {
		case 'same-version':
			return certain(directionOf(from, to) === 'same');
		case 'order-unknown':
			return certain(isOrderUnknown(from, to));
		case 'same-major':
			return certain(!isMajorUpgrade(from, to));
		case 'other-major':
			return certain(isMajorUpgrade(from, to));
		case 'a-major-up':
			return certain(majorDistance(from, to) >= 1);
		case 'several-majors-up':
			return certain(majorDistance(from, to) > 1);
		case 'several-majors-down':
			return certain(majorDistance(from, to) < -1);
		case 'feature-to-main-of-same-major':
			return certain(isFeatureToMainOfSameMajor(from, to));
		case 'main-to-older-feature':
			return isOlderFeature(from, to);
		case 'from-hotfix':
			return certain(from.hotfix === true);
		case 'from-hotfix-or-cu':
			return from.hotfix === true ? 'inside' : from.cu === undefined ? 'unknown' : certain(from.cu > 0);
	}
}

function certain(holds: boolean): Membership {
	return holds ? 'inside' : 'outside';
}

function isOlderFeature(from: Version, to: Version): Membership {
	if (trackOf(from) !== 'main' || trackOf(to) !== 'feature') {
		return 'outside';
	}

	const isOlderThan = (cu: number) => (compareVersions(to, featureOfSameMonth(from, cu)) ?? 0) < 0;
	if (from.cu !== undefined) {
		return certain(isOlderThan(from.cu));
	}

	const latest = latestUpdates.get(`${from.major}.${from.minor}`) ?? 0;
	return isOlderThan(0) ? 'inside' : isOlderThan(latest) ? 'unknown' : 'outside';
}

/**
 * The Feature Release that comes out in the month of a Main Release's CU: CU k is that of running month 3+k; for
 * 10.0.0, which began later and whose line has 13 months, 5+k. Derived from release notes that both tracks share.
 */
export function featureOfSameMonth({major, minor}: Version, cu: number): Version {
	const first = major === 10 && minor === 0;
	const month = cu + (first ? 5 : 3);
	const perYear = first ? 13 : 12;
	const [years, rest] =
		month <= perYear
			? [0, month]
			: [Math.floor((month - perYear - 1) / 12) + 1, ((month - perYear - 1) % 12) + 1];
	return {major, minor: minor + years, month: rest, week: 0, cu: 0};
}
