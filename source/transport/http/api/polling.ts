/** The service looks at a file no more often than this for anybody, in milliseconds. */
export const shortestPollMs = 50;

/** So often, or as often as the service does it; in whole milliseconds, as it wants them. */
export function servedPollMs(pollMs: number): number {
	return Math.max(shortestPollMs, Math.ceil(pollMs));
}
