/**
 * The latest cumulative update of each Main Release for which there are release notes, oldest major first.
 * Source: release-notes/General (the pages of previews are left out)
 */
export const latestUpdates: ReadonlyMap<string, number> = new Map([
	['10.0', 21],
	['10.1', 21],
	['10.2', 21],
	['10.3', 22],
	['10.4', 21],
	['10.5', 18],
	['10.6', 6],
]);

/** The majors that upgrade paths are documented for, in order. "Major" means the first two numbers. */
export const knownMajors: readonly (readonly [number, number])[] = [
	[9, 6],
	[10, 0],
	[10, 1],
	[10, 2],
	[10, 3],
	[10, 4],
	[10, 5],
	[10, 6],
	[10, 7],
];
