import * as fc from 'fast-check';
import {expect, test} from 'vitest';
import {
	formatBandwidth,
	leastBandwidth,
	mostBandwidth,
	parseBandwidth,
} from '../../source/domain/bandwidth.ts';

test.each([
	['20M', 20 * 1024 ** 2],
	['20m', 20 * 1024 ** 2],
	['1.5M', 1.5 * 1024 ** 2],
	['500K', 500 * 1024],
	['500 K', undefined],
	['2G', 2 * 1024 ** 3],
	['20MB/s', 20 * 1024 ** 2],
	['20MiB/s', 20 * 1024 ** 2],
	['100Mbit', 12_500_000],
	['100mbit/s', 12_500_000],
	['1Gbit', 125_000_000],
	['64K', leastBandwidth],
	['63K', undefined],
	['1000000G', undefined],
	['20', undefined],
	['-20M', undefined],
	['1e3M', undefined],
	['M', undefined],
	['', undefined],
	['20Mbits', undefined],
	['0x20M', undefined],
])('%j is %j bytes per second', (text, expected) => {
	expect(parseBandwidth(text)).toBe(expected);
});

test('whatever is read is within the bounds', () => {
	fc.assert(
		fc.property(fc.oneof(fc.string(), fc.stringMatching(/^\d{1,14}[kmgKMG](?:bit|iB)?$/)), text => {
			const bandwidth = parseBandwidth(text);
			expect(bandwidth === undefined || (bandwidth >= leastBandwidth && bandwidth <= mostBandwidth)).toBe(
				true,
			);
		}),
	);
});

test('is shown with three figures', () => {
	expect(formatBandwidth(20 * 1024 ** 2)).toBe('20.0 MiB/s');
});
