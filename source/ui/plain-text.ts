/**
 * The characters that screens are nearly always made of: one UTF-16 unit, one grapheme and one column each. Latin
 * letters, punctuation, arrows, boxes, blocks, geometric shapes and Braille.
 */
const onePerColumn = String.raw`\u0020-\u007E\u00A1-\u00AC\u00AE-\u02FF\u2010-\u2015\u2018-\u201F\u2026\u2039\u203A\u2190-\u21FF\u2500-\u25FC\u2713\u2717\u276F\u2800-\u28FF`;

const plainColumns = new RegExp(`^[${onePerColumn}]*$`);

// Control characters are graphemes of their own, but for CR, which makes one with LF.
const plainGraphemes = new RegExp(`^[\\u0000-\\u000C\\u000E-\\u001F\\u007F${onePerColumn}]*$`);

/** Whether the text is as many columns wide as it has characters. False where that takes a closer look. */
export function isOneColumnEach(text: string): boolean {
	return plainColumns.test(text);
}

/**
 * Segments as `new Intl.Segmenter(locale, {granularity: 'grapheme'})` does. The real one takes 12 ms to make, which
 * is put off until a text needs it. `build.ts` puts this in the place of the segmenters of Ink's packages.
 */
export function lazyGraphemeSegmenter(locale?: string): Pick<Intl.Segmenter, 'segment'> {
	let segmenter: Intl.Segmenter | undefined;
	return {
		segment(text) {
			if (plainGraphemes.test(text)) {
				return plainSegments(text);
			}

			segmenter ??= new Intl.Segmenter(locale, {granularity: 'grapheme'});
			return segmenter.segment(text);
		},
	};
}

function plainSegments(text: string): Intl.Segments {
	const at = (index: number): Intl.SegmentData => ({segment: text.charAt(index), index, input: text});
	return {
		containing: index => (index !== undefined && index >= 0 && index < text.length ? at(index) : undefined),
		*[Symbol.iterator]() {
			for (let index = 0; index < text.length; index++) {
				yield at(index);
			}
		},
	} as Intl.Segments;
}

/** What string-width does with its regular expressions, with each of them made when it is needed first. */
export function lazyRegExp(
	source: string,
	flags: string,
): Pick<RegExp, 'test' | typeof Symbol.search | typeof Symbol.match> {
	let made: RegExp | undefined;
	const expression = () => (made ??= new RegExp(source, flags));
	return {
		test: text => expression().test(text),
		[Symbol.search]: text => text.search(expression()),
		[Symbol.match]: text => text.match(expression()),
	};
}
