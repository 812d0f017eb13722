import fc from 'fast-check';
import {expect, test} from 'vitest';
import {cut, cutStart, fit, widthOf, wrap} from '../../../source/ui/components/fit.ts';
import {layLine} from '../../../source/ui/components/spans.ts';
import {asciiGlyphs, inCharset, unicodeGlyphs} from '../../../source/ui/theme/glyphs.ts';

const text = fc.oneof(
	fc.string({unit: 'binary-ascii'}).map(string => string.replaceAll(/[\u0000-\u001F\u007F]/g, '')),
	fc.array(fc.constantFrom('a', ' ', '漢', 'é', 'e\u0301', '👩‍👩‍👧', '…')).map(parts => parts.join('')),
);
const glyphs = fc.constantFrom(unicodeGlyphs, asciiGlyphs);
const width = fc.integer({min: 0, max: 30});

test('what is cut to a width is never wider, and says that something is missing', () => {
	fc.assert(
		fc.property(text, width, glyphs, (whole, columns, set) => {
			for (const shown of [cut(whole, columns, set), cutStart(whole, columns, set)]) {
				expect(widthOf(shown)).toBeLessThanOrEqual(columns);
			}

			if (widthOf(inCharset(whole, set)) <= columns) {
				expect(cut(whole, columns, set)).toBe(columns === 0 ? '' : inCharset(whole, set));
			}
		}),
	);
	expect(cut('SLC-H71-G05', 8, unicodeGlyphs)).toBe('SLC-H71…');
	expect(cut('SLC-H71-G05', 8, asciiGlyphs)).toBe('SLC-H...');
	expect(cutStart('/home/edith/packages', 12, unicodeGlyphs)).toBe('…th/packages');
});

test('what is fitted to a width has it exactly', () => {
	fc.assert(
		fc.property(text, width, glyphs, fc.constantFrom('left', 'right'), (whole, columns, set, align) => {
			expect(widthOf(fit(whole, columns, set, align))).toBe(columns);
		}),
	);
	expect(fit('7', 3, unicodeGlyphs, 'right')).toBe('  7');
});

test('wrapping loses nothing but the spaces at which it breaks', () => {
	fc.assert(
		fc.property(text, fc.integer({min: 2, max: 30}), (whole, columns) => {
			const lines = wrap(whole, columns, unicodeGlyphs);
			expect(lines.join('').replaceAll(' ', '')).toBe(whole.replaceAll(' ', ''));
			for (const line of lines) {
				expect(widthOf(line)).toBeLessThanOrEqual(columns);
			}
		}),
	);
});

test('ASCII terminals get ASCII', () => {
	fc.assert(
		fc.property(fc.string({unit: 'grapheme'}), whole => {
			expect(inCharset(whole.replaceAll(/[\u0000-\u001F\u007F]/g, ''), asciiGlyphs)).toMatch(
				/^[\u0020-\u007E]*$/,
			);
		}),
	);
	expect(inCharset('Agents › Müller…', asciiGlyphs)).toBe('Agents > Muller...');
});

test('a line takes exactly its width, and its end gives way last', () => {
	fc.assert(
		fc.property(text, text, width, glyphs, (left, right, columns, set) => {
			const pieces = layLine([left, ['bad', left]], [['muted', right]], columns, set);
			expect(widthOf(pieces.map(piece => piece.text).join(''))).toBe(columns);
		}),
	);
	expect(
		layLine(['a long beginning'], ['end'], 10, unicodeGlyphs)
			.map(piece => piece.text)
			.join(''),
	).toBe('a lon… end');
});
