import {type Track, type Version, parseVersion, trackOf} from '../version.ts';

/** Whether a version lies in a range; *unknown* where its CU decides that and is not known. */
export type Membership = 'inside' | 'outside' | 'unknown';

export type Comparison = '>=' | '<=' | '>' | '<' | '=';

export interface Bound {
	readonly comparison: Comparison;
	readonly version: Version;
}

/** All bounds together; versions of the other track are outside. */
export interface Clause {
	readonly track: Track;
	readonly bounds: readonly Bound[];
}

/** A version is inside when one clause takes it. */
export type VersionRange = 'every' | readonly Clause[];

/** A range that is not in the notation: a mistake in a rule, never in what a user says. */
export class RangeSyntaxError extends Error {
	constructor(readonly text: string) {
		super(`No version range: ${JSON.stringify(text)}`);
	}
}

const clauseText = /^(?<track>MR|FR)(?<bounds>[<>=].*)$/;
const boundText = /^(?<comparison>>=|<=|>|<|=)(?<version>\d{1,3}\.\d{1,3}\.\d{1,2}(?:\[CU\d{1,3}\])?)$/;

/**
 * Reads a range such as `MR>=10.4.0[CU21] <10.5.0[CU0] | MR>=10.5.0[CU9] | FR>=10.5.12`: clauses between `|` of which
 * one must hold, each with a track (MR: Main Release, FR: Feature Release) and comparisons that must all hold; a
 * version without CU means CU0; `*` is every version. Throws a `RangeSyntaxError`.
 */
export function parseRange(text: string): VersionRange {
	return text === '*' ? 'every' : text.split(' | ').map(clause => parseClause(clause, text));
}

function parseClause(clause: string, range: string): Clause {
	const groups = clauseText.exec(clause)?.groups;
	if (!groups) {
		throw new RangeSyntaxError(range);
	}

	const track = groups['track'] === 'MR' ? 'main' : 'feature';
	return {
		track,
		bounds: (groups['bounds'] ?? '').split(' ').map(bound => {
			const parsed = parseBound(bound);
			if (parsed === undefined || trackOf(parsed.version) !== track) {
				throw new RangeSyntaxError(range);
			}

			return parsed;
		}),
	};
}

function parseBound(text: string): Bound | undefined {
	const groups = boundText.exec(text)?.groups;
	const version = parseVersion(groups?.['version'] ?? '');
	return version && {comparison: groups?.['comparison'] as Comparison, version};
}

/** The notation that `parseRange` reads. A Main Release always shows its CU, a Feature Release only above CU0. */
export function formatRange(range: VersionRange): string {
	return range === 'every'
		? '*'
		: range
				.map(({track, bounds}) => (track === 'main' ? 'MR' : 'FR') + bounds.map(formatBound).join(' '))
				.join(' | ');
}

function formatBound({comparison, version}: Bound): string {
	const {major, minor, month, cu = 0} = version;
	return `${comparison}${major}.${minor}.${month}${month === 0 || cu > 0 ? `[CU${cu}]` : ''}`;
}

/** Where a version lies. Builds and labels say nothing about it. */
export function membership(range: VersionRange, version: Version): Membership {
	return range === 'every'
		? 'inside'
		: anyOf(range.filter(({track}) => track === trackOf(version)).map(({bounds}) => allOf(bounds, version)));
}

function anyOf(answers: readonly Membership[]): Membership {
	return answers.includes('inside') ? 'inside' : answers.includes('unknown') ? 'unknown' : 'outside';
}

function allOf(bounds: readonly Bound[], version: Version): Membership {
	return both(...bounds.map(bound => within(bound, version)));
}

/** Inside when all are, outside when one is. */
export function both(...answers: readonly Membership[]): Membership {
	return answers.includes('outside') ? 'outside' : answers.includes('unknown') ? 'unknown' : 'inside';
}

function within({comparison, version: bound}: Bound, version: Version): Membership {
	const release = version.major - bound.major || version.minor - bound.minor || version.month - bound.month;
	const limit = bound.cu ?? 0;
	// A CU that nobody knows is at least 0: each of these is what the lowest and every higher CU would answer.
	if (release === 0 && version.cu === undefined) {
		const lowest = holds(comparison, 0 - limit);
		const higher = [-1, 0, 1]
			.filter(difference => difference > -limit)
			.map(difference => holds(comparison, difference));
		return higher.every(answer => answer === lowest) ? toMembership(lowest) : 'unknown';
	}

	return toMembership(holds(comparison, release || (version.cu ?? 0) - limit));
}

function toMembership(answer: boolean): Membership {
	return answer ? 'inside' : 'outside';
}

function holds(comparison: Comparison, difference: number): boolean {
	switch (comparison) {
		case '>=':
			return difference >= 0;
		case '<=':
			return difference <= 0;
		case '>':
			return difference > 0;
		case '<':
			return difference < 0;
		case '=':
			return difference === 0;
	}
}
