import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {
	type Bound,
	type Clause,
	type Comparison,
	RangeSyntaxError,
	type VersionRange,
	both,
	formatRange,
	membership,
	parseRange,
} from '../../../source/domain/rules/range.ts';
import {type Version, trackOf} from '../../../source/domain/version.ts';
import {aVersion} from '../../support/a-version.ts';

const comparisons: readonly Comparison[] = ['>=', '<=', '>', '<', '='];

describe('the notation', () => {
	test('what is written is read back', () => {
		fc.assert(
			fc.property(anyRange(), range => {
				expect(parseRange(formatRange(range))).toEqual(range);
			}),
		);
	});

	test('is written as the documents are quoted', () => {
		const text = 'MR>=10.4.0[CU21] <10.5.0[CU0] | MR>=10.5.0[CU9] | FR>=10.5.12';
		expect(formatRange(parseRange(text))).toBe(text);
		expect(formatRange(parseRange('MR>=10.4.0'))).toBe('MR>=10.4.0[CU0]');
	});

	test.each([
		'',
		'MR',
		'XR>=10.4.0',
		'MR 10.4.0',
		'MR>=10.4',
		'MR>=10.4.5',
		'FR>=10.4.0',
		'MR>=10.4.0[CU]',
		'MR>=10.4.0|FR>=10.4.1',
		'MR>=10.4.0 | ',
		'MR>=10.4.0  <10.5.0',
		'MR=>10.4.0',
		'* | FR>=10.4.1',
		'MR>=10.4.0 FR>=10.4.1',
	])('"%s" is refused', text => {
		expect(() => parseRange(text)).toThrow(RangeSyntaxError);
	});
});

test('any text is a range or is refused', () => {
	const text = fc.oneof(fc.string({maxLength: 200}), fc.stringMatching(/^[MFR<>=0-9.[\]CU |*]{0,80}$/));
	fc.assert(
		fc.property(text, mutated => {
			try {
				expect(parseRange(formatRange(parseRange(mutated)))).toEqual(parseRange(mutated));
			} catch (error) {
				expect(error).toBeInstanceOf(RangeSyntaxError);
			}
		}),
		{numRuns: 5000, seed: 4},
	);
});

describe('where a version lies', () => {
	const clusters = parseRange('MR>=10.4.0[CU21] <10.5.0[CU0] | MR>=10.5.0[CU9] | FR>=10.5.12');

	test.each([
		['10.4.0 [CU20]', 'outside'],
		['10.4.0 [CU21]', 'inside'],
		['10.4.0 [CU22]', 'inside'],
		['10.5.0', 'outside'],
		['10.5.0 [CU8]', 'outside'],
		['10.5.0 [CU9]', 'inside'],
		['10.5.9', 'outside'],
		['10.5.12', 'inside'],
		['10.6.0', 'inside'],
		['10.6.1', 'inside'],
		['10.5.0.0-15943', 'unknown'],
		['10.4.0.0-15634', 'unknown'],
		['10.5.12.0-16000', 'inside'],
		['10.6.0.0-17000', 'inside'],
	] as const)('%s is %s', (version, expected) => {
		expect(membership(clusters, aVersion(version))).toBe(expected);
	});

	test('every version lies in *', () => {
		fc.assert(
			fc.property(anyVersion(), version => {
				expect(membership('every', version)).toBe('inside');
			}),
		);
	});

	test('no version lies in a clause of the other track', () => {
		fc.assert(
			fc.property(anyVersion(), anyClause(), (version, clause) => {
				fc.pre(clause.track !== trackOf(version));
				expect(membership([clause], version)).toBe('outside');
			}),
		);
	});

	test('one bound is answered like a comparison of the numbers', () => {
		fc.assert(
			fc.property(
				anyVersion(),
				anyVersion(),
				fc.constantFrom(...comparisons),
				(version, bound, comparison) => {
					fc.pre(trackOf(version) === trackOf(bound));
					const [a, b] = [numberOf(version), numberOf(bound)];
					const holds = {'>=': a >= b, '<=': a <= b, '>': a > b, '<': a < b, '=': a === b}[comparison];
					const range = [{track: trackOf(bound), bounds: [{comparison, version: bound}]}];
					expect(membership(range, version)).toBe(holds ? 'inside' : 'outside');
				},
			),
		);
	});

	test('what an unknown CU is said of a bound holds for every CU, and unknown only where they differ', () => {
		fc.assert(
			fc.property(anyVersion(), anyBound(), (version, bound) => {
				fc.pre(trackOf(version) === trackOf(bound.version));
				const range = [{track: trackOf(version), bounds: [bound]}];
				const {major, minor, month, week} = version;
				const open: Version = {major, minor, month, week};
				const answers = new Set(Array.from({length: 50}, (_, cu) => membership(range, {...open, cu})));
				expect(membership(range, open)).toBe(answers.size === 1 ? [...answers][0] : 'unknown');
			}),
		);
	});

	test('both need all', () => {
		expect(both('inside', 'inside')).toBe('inside');
		expect(both('inside', 'unknown')).toBe('unknown');
		expect(both('unknown', 'outside')).toBe('outside');
	});
});

function numberOf({major, minor, month, cu = 0}: Version): number {
	return ((major * 1000 + minor) * 1000 + month) * 1000 + cu;
}

function anyVersion(): fc.Arbitrary<Version> {
	return fc.record({
		major: fc.integer({min: 9, max: 11}),
		minor: fc.integer({min: 0, max: 7}),
		month: fc.integer({min: 0, max: 13}),
		week: fc.constant(0),
		cu: fc.integer({min: 0, max: 25}),
	});
}

function anyBound(): fc.Arbitrary<Bound> {
	return fc.record({comparison: fc.constantFrom(...comparisons), version: anyVersion()});
}

function anyClause(): fc.Arbitrary<Clause> {
	return fc
		.tuple(
			fc.constantFrom('main' as const, 'feature' as const),
			fc.array(anyBound(), {minLength: 1, maxLength: 3}),
		)
		.map(([track, bounds]) => ({
			track,
			bounds: bounds.map(({comparison, version}) => ({
				comparison,
				version: {...version, month: track === 'main' ? 0 : Math.max(1, version.month)},
			})),
		}));
}

function anyRange(): fc.Arbitrary<VersionRange> {
	return fc.oneof(fc.constant('every' as const), fc.array(anyClause(), {minLength: 1, maxLength: 4}));
}
