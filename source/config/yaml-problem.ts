/** Where something stands in a text; both begin at 1. */
export interface TextPlace {
	readonly line: number;
	readonly column: number;
}

/** What is wrong with a file, and what to do about it. */
export interface FileProblem {
	/** Absent where it is about the file as a whole. */
	readonly place?: TextPlace;
	/** A sentence without its full stop; safe for a terminal. */
	readonly cause: string;
	readonly remedy: string;
}

export function inOrder(problems: readonly FileProblem[]): readonly FileProblem[] {
	const seen = new Set<string>();
	return problems
		.toSorted(
			({place: a}, {place: b}) => (a?.line ?? 0) - (b?.line ?? 0) || (a?.column ?? 0) - (b?.column ?? 0),
		)
		.filter(({place}) => {
			const key = place ? `${place.line} ${place.column}` : '';
			// Two complaints about one place are one mistake; the first one is the more telling.
			return key === '' || (!seen.has(key) && seen.add(key));
		});
}
