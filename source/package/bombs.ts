import type {PackageProblem} from '../domain/package-facts.ts';
import {formatBytes} from '../domain/format-bytes.ts';
import {visibleText} from '../domain/text.ts';
import type {Archive} from './archive.ts';
import type {ArchiveEntry} from './archive-entry.ts';
import type {PackageLimits} from './package-limits.ts';

/** True for an entry that claims to unpack to more than any honest file of its packed size does. */
export function isBomb({size, packedSize}: ArchiveEntry, {ratio, ratioFreeBytes}: PackageLimits): boolean {
	return size > ratioFreeBytes && size > packedSize * ratio;
}

/** True for a zip whose files together claim that. */
export function isBombAsAWhole(
	{bytes, unpackedSize}: Archive,
	{allRatio, allRatioFreeBytes}: PackageLimits,
): boolean {
	return unpackedSize > allRatioFreeBytes && unpackedSize > bytes.length * allRatio;
}

/** Two entries that share bytes, as honest programs never write them; undefined where there are none. */
export function overlapOf({entries, directory}: Archive): readonly [ArchiveEntry, ArchiveEntry?] | undefined {
	const inOrder = entries.toSorted((a, b) => a.headerOffset - b.headerOffset);
	for (const [index, entry] of inOrder.entries()) {
		const next = inOrder[index + 1];
		// The name stands before the content, too; an extra field may make it longer.
		const end = entry.headerOffset + smallestHeader + entry.rawName.length + entry.packedSize;
		if (end > (next?.headerOffset ?? directory.start)) {
			return next ? [entry, next] : [entry];
		}
	}

	return undefined;
}

const smallestHeader = 30;

/** Reading such a zip could go on for ever. */
export function isUnsafeToRead(archive: Archive, limits: PackageLimits): boolean {
	return isBombAsAWhole(archive, limits) || overlapOf(archive) !== undefined;
}

/** What is wrong with the sizes and places that a zip claims. */
export function bombProblems(archive: Archive, limits: PackageLimits): PackageProblem[] {
	const problems: PackageProblem[] = [];
	const bombs = archive.entries.filter(entry => isBomb(entry, limits));
	if (bombs[0]) {
		problems.push({
			code: 'BOMB',
			severity: 'block',
			message: `${named(bombs[0])} claims to unpack to ${formatBytes(bombs[0].size)} out of ${formatBytes(bombs[0].packedSize)}${bombs.length > 1 ? `, and ${bombs.length - 1} more like it` : ''}: it would fill a disk.`,
		});
	}

	if (isBombAsAWhole(archive, limits)) {
		problems.push({
			code: 'BOMB',
			severity: 'block',
			message: `Its files claim to unpack to ${formatBytes(archive.unpackedSize)} out of ${formatBytes(archive.bytes.length)}: they would fill a disk.`,
		});
	}

	const overlap = overlapOf(archive);
	if (overlap) {
		const [first, second] = overlap;
		problems.push({
			code: 'ENTRIES_OVERLAP',
			severity: 'block',
			message: `${named(first)} and ${second ? named(second) : 'the directory'} claim the same bytes: it is damaged, or made to mislead.`,
		});
	}

	return problems;
}

function named({name}: ArchiveEntry): string {
	return `"${visibleText(name, 200)}"`;
}
