import type {Span} from '../components/line.tsx';
import type {Role} from '../theme/theme.ts';
import {wrap} from '../components/fit.ts';
import type {Glyphs} from '../theme/glyphs.ts';

/** One line of the form. */
export interface FormLine {
	readonly spans: readonly Span[];
	/** Stands at the right end. */
	readonly end?: readonly Span[];
	/** Id of the form's row that it belongs to; lines without one are passed over by the cursor. */
	readonly row?: string;
}

export const blankLine: FormLine = {spans: []};

export function heading(text: string, end?: string): FormLine {
	return {spans: [['title', text.toUpperCase()]], ...(end !== undefined && {end: [['muted', end]]})};
}

/** A paragraph behind a sign, its further lines aligned below the first word. */
export function paragraph(
	text: string,
	width: number,
	glyphs: Glyphs,
	{
		sign = '',
		role = 'text',
		indent = 2,
		row,
	}: {sign?: string; role?: Role; indent?: number; row?: string} = {},
): readonly FormLine[] {
	const lead = sign === '' ? '' : `${sign} `;
	const hanging = indent + lead.length;
	return wrap(text, Math.max(10, width - hanging), glyphs).map((line, index) => ({
		spans: [' '.repeat(indent), [role, index === 0 ? lead + line : ' '.repeat(lead.length) + line]],
		...(row !== undefined && {row}),
	}));
}

/** The first of the lines that are shown, so that the row under the cursor stands as near to the middle as it can. */
export function scrollTop(lines: readonly FormLine[], focus: string, height: number): number {
	const first = lines.findIndex(line => line.row === focus);
	const last = lines.findLastIndex(line => line.row === focus);
	const middle = first === -1 ? 0 : Math.min(first, Math.ceil((first + last - height + 1) / 2));
	return Math.max(0, Math.min(middle, lines.length - height));
}

/** A part of a long list that holds the given place; all of it when it is short. */
export function part<T>(
	items: readonly T[],
	place: number,
	limit: number,
): {readonly items: readonly T[]; readonly note?: string} {
	if (items.length <= limit) {
		return {items};
	}

	const top = Math.max(0, Math.min(place - Math.floor(limit / 2), items.length - limit));
	return {items: items.slice(top, top + limit), note: `${top + 1}–${top + limit} of ${items.length}`};
}
