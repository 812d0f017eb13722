import type {Jump} from '../../source/domain/rules/match-rule.ts';
import {type Bound, membership, parseRange} from '../../source/domain/rules/range.ts';
import type {Rule} from '../../source/domain/rules/rule.ts';
import type {Version} from '../../source/domain/version.ts';
import {aVersion} from './a-version.ts';

export type Side = 'from' | 'to';

export interface Border {
	readonly side: Side;
	/** The last version that the bound takes. */
	readonly within: Version;
	/** The next one, which it does not. */
	readonly beyond: Version;
}

export function bordersOf(rule: Rule): Border[] {
	return (['from', 'to'] as const).flatMap(side => {
		const range = parseRange(rule[side] ?? '*');
		const edges = range === 'every' ? [] : range.flatMap(({bounds}) => bounds.map(edge));
		// Where another clause goes on, there is no border.
		return edges
			.filter(({beyond}) => membership(range, beyond) === 'outside')
			.map(border => ({side, ...border}));
	});
}

function edge({comparison, version}: Bound): {within: Version; beyond: Version} {
	switch (comparison) {
		case '>=':
			return {within: version, beyond: before(version)};
		case '<':
			return {within: before(version), beyond: version};
		case '<=':
			return {within: version, beyond: after(version)};
		case '>':
			return {within: after(version), beyond: version};
		case '=':
			return {within: version, beyond: after(version)};
	}
}

function after(version: Version): Version {
	return {...version, cu: (version.cu ?? 0) + 1};
}

/** One cumulative update earlier; before the first one, a late edition of the release before. */
function before(version: Version): Version {
	const {major, minor, month, cu = 0} = version;
	if (cu > 0) {
		return {...version, cu: cu - 1};
	}

	if (month > 1) {
		return {...version, month: month - 1};
	}

	const [m, n] = minor > 0 ? [major, minor - 1] : [major - 1, 6];
	return {major: m, minor: n, month: month === 0 ? 0 : 12, week: 0, cu: month === 0 ? 30 : 0};
}

/** Versions of every release, and those around the rule's own bounds. */
export function pool(rule: Rule): Version[] {
	const minors = [0, 1, 2, 3, 4, 5, 6, 7];
	const versions = [
		...[...Array(19).keys()].map(month => aVersion(`9.6.${month}`)),
		...minors.flatMap(minor => [...Array(31).keys()].map(cu => aVersion(`10.${minor}.0 [CU${cu}]`))),
		...minors.flatMap(minor => [...Array(12).keys()].map(month => aVersion(`10.${minor}.${month + 1}`))),
	];
	return [...bordersOf(rule).flatMap(({within, beyond}) => [within, beyond]), ...versions];
}

export function jump(side: Side, version: Version, other: Version): Jump {
	return side === 'from' ? {from: version, to: other} : {from: other, to: version};
}
