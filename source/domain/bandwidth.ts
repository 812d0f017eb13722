import {formatBytes} from './format-bytes.ts';

/** Bytes per second. */
export type Bandwidth = number;

/** Below this a single write would take so long that nobody could tell an upload from one that stands still. */
export const leastBandwidth: Bandwidth = 64 * 1024;
/** More than any line between computers. */
export const mostBandwidth: Bandwidth = 1024 ** 4;

const written =
	/^(?<number>\d{1,12}(?:\.\d{1,3})?)(?:(?<bytes>[kmg])(?:i?b)?(?:\/s)?|(?<bits>[kmg])bit(?:\/s)?)$/i;
const powers: Readonly<Record<string, number>> = {k: 1, m: 2, g: 3};

/**
 * Reads `20M` (MiB per second, as rsync and curl do) or `100Mbit` (a million bits per second, as lines are sold). Undefined
 * where the text is neither, or out of bounds.
 */
export function parseBandwidth(text: string): Bandwidth | undefined {
	const groups = written.exec(text.trim())?.groups;
	if (!groups) {
		return undefined;
	}

	const count = Number(groups['number']);
	const {bytes, bits} = groups;
	const value =
		bytes === undefined
			? (count * 1000 ** (powers[(bits ?? '').toLowerCase()] ?? 0)) / 8
			: count * 1024 ** (powers[bytes.toLowerCase()] ?? 0);
	return value >= leastBandwidth && value <= mostBandwidth ? Math.round(value) : undefined;
}

/** `20.0 MiB/s` */
export function formatBandwidth(bandwidth: Bandwidth): string {
	return `${formatBytes(bandwidth)}/s`;
}
