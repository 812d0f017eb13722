import stringWidth from 'string-width';
import {lazyGraphemeSegmenter} from '../plain-text.ts';
import {type Glyphs, inCharset} from '../theme/glyphs.ts';

const segmenter = lazyGraphemeSegmenter();

/** Splits text into what a reader calls characters. ASCII, which is nearly everything, takes the short way. */
export function graphemes(text: string): readonly string[] {
	if (isAscii(text)) {
		return text.split('');
	}

	return Array.from(segmenter.segment(text), ({segment}) => segment);
}

/** How many columns the text takes. */
export function widthOf(text: string): number {
	return isAscii(text) ? text.length : stringWidth(text);
}

/**
 * The text in the terminal's character set, cut at the end to at most `width` columns; an ellipsis says that
 * something is missing. Expects text without control characters (`visibleText`).
 */
export function cut(text: string, width: number, glyphs: Glyphs): string {
	return shorten(text, width, glyphs, (shown, room, mark) => takeColumns(shown, room).join('') + mark);
}

/** Like `cut`, but what is missing is missing at the start: the end of a path tells more. */
export function cutStart(text: string, width: number, glyphs: Glyphs): string {
	return shorten(
		text,
		width,
		glyphs,
		(shown, room, mark) => mark + takeColumns(shown.toReversed(), room).toReversed().join(''),
	);
}

function shorten(
	text: string,
	width: number,
	glyphs: Glyphs,
	drop: (shown: readonly string[], room: number, mark: string) => string,
): string {
	const shown = inCharset(text, glyphs);
	if (width <= 0) {
		return '';
	}

	if (widthOf(shown) <= width) {
		return shown;
	}

	const mark = glyphs.ellipsis.length < width ? glyphs.ellipsis : glyphs.ellipsis.slice(0, 1);
	return drop(graphemes(shown), width - widthOf(mark), mark);
}

/** Exactly `width` columns: cut, or filled up with spaces. */
export function fit(text: string, width: number, glyphs: Glyphs, align: 'left' | 'right' = 'left'): string {
	const shown = cut(text, width, glyphs);
	const filling = ' '.repeat(Math.max(0, width - widthOf(shown)));
	return align === 'left' ? shown + filling : filling + shown;
}

/** Breaks text at spaces into lines of at most `width` columns; what is longer than a line is broken anywhere. */
export function wrap(text: string, width: number, glyphs: Glyphs): readonly string[] {
	if (width <= 0) {
		return [];
	}

	const lines: string[] = [];
	let line = '';
	for (const word of inCharset(text, glyphs).split(' ')) {
		const joined = line === '' ? word : `${line} ${word}`;
		if (widthOf(joined) <= width) {
			line = joined;
			continue;
		}

		if (line !== '') {
			lines.push(line);
		}

		line = word;
		while (widthOf(line) > width) {
			const head = takeColumns(graphemes(line), width).join('') || (graphemes(line)[0] ?? '');
			lines.push(head);
			line = line.slice(head.length);
		}
	}

	return [...lines, line];
}

function takeColumns(signs: readonly string[], width: number): readonly string[] {
	let columns = 0;
	const end = signs.findIndex(sign => {
		columns += widthOf(sign);
		return columns > width;
	});
	return end === -1 ? signs : signs.slice(0, end);
}

function isAscii(text: string): boolean {
	return /^[\u0020-\u007E]*$/.test(text);
}
