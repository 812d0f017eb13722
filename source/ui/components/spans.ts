import type {Glyphs} from '../theme/glyphs.ts';
import type {Role} from '../theme/theme.ts';
import {cut, widthOf} from './fit.ts';

/** A piece of a line: plain text, or text with a role. */
export type Span = string | readonly [role: Role, text: string];

export interface Piece {
	readonly role: Role;
	readonly text: string;
}

/** As many of the pieces as `width` columns hold; the last of them may be cut. */
export function cutSpans(spans: readonly Span[], width: number, glyphs: Glyphs): readonly Piece[] {
	const pieces: Piece[] = [];
	let left = width;
	for (const span of spans) {
		const [role, whole] = typeof span === 'string' ? (['text', span] as const) : span;
		const text = cut(whole, left, glyphs);
		if (text !== '') {
			pieces.push({role, text});
			left -= widthOf(text);
		}
	}

	return pieces;
}

/**
 * One line of exactly `width` columns: `end` stands at its right end and is never cut before what is left of it.
 */
export function layLine(
	spans: readonly Span[],
	end: readonly Span[],
	width: number,
	glyphs: Glyphs,
): readonly Piece[] {
	const right = cutSpans(end, width, glyphs);
	const rightWidth = columnsOf(right);
	const left = cutSpans(spans, width - rightWidth - (rightWidth > 0 ? 1 : 0), glyphs);
	const filling = ' '.repeat(Math.max(0, width - rightWidth - columnsOf(left)));
	return [...left, {role: 'text', text: filling}, ...right];
}

function columnsOf(pieces: readonly Piece[]): number {
	return pieces.reduce((columns, {text}) => columns + widthOf(text), 0);
}
