/**
 * So long a look at the Agents is good for. The documents give a time for the port check only (10 days); services, disks
 * and pending reboots change faster than that. Half an hour is enough to read and decide, and little enough to trust.
 */
export const readinessGoodForMs = 30 * 60 * 1000;

/** True when what was found is too old to act upon, or bears a time that has not come yet. */
export function isStale(
	{at, goodForMs}: {readonly at: number; readonly goodForMs: number},
	now: number,
): boolean {
	return !(now >= at && now - at < goodForMs);
}
