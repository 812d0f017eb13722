import fc from 'fast-check';
import stringWidth from 'string-width';
import {expect, test} from 'vitest';
import {isOneColumnEach, lazyGraphemeSegmenter} from '../../source/ui/plain-text.ts';

const characters = fc.oneof(
	fc.string({unit: 'grapheme', maxLength: 20}),
	fc.string({unit: 'binary', maxLength: 20}),
	fc.string({
		unit: fc.constantFrom(
			'a',
			' ',
			'│',
			'›',
			'…',
			'⠋',
			'❯',
			'\u001B[1m',
			'\r',
			'\n',
			'\u0301',
			'\uFE0F',
			'\u200D',
			'©',
			'↔',
		),
		maxLength: 20,
	}),
);

test('graphemes are those of Intl.Segmenter, whatever the text', () => {
	const ours = lazyGraphemeSegmenter();
	const real = new Intl.Segmenter(undefined, {granularity: 'grapheme'});
	fc.assert(
		fc.property(characters, fc.nat({max: 25}), (text, index) => {
			expect([...ours.segment(text)]).toEqual([...real.segment(text)]);
			expect(ours.segment(text).containing(index)).toEqual(real.segment(text).containing(index));
		}),
		{numRuns: 2000},
	);
});

test('each character that counts as one column is one grapheme of one column', () => {
	const real = new Intl.Segmenter(undefined, {granularity: 'grapheme'});
	const plain = Array.from({length: 0x1_00_00}, (_, code) => String.fromCharCode(code)).filter(
		isOneColumnEach,
	);
	expect(plain.length).toBeGreaterThan(800);
	expect(plain.filter(character => stringWidth(character) !== 1)).toEqual([]);
	expect([...real.segment(plain.join(''))]).toHaveLength(plain.length);
});
