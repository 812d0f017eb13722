/** Time comes in through this, so that what depends on it can be tested without waiting. */
export interface Clock {
	/** Milliseconds since 1970-01-01 UTC. */
	now(): number;
	/** Resolves after `milliseconds`; rejects with the signal's reason when that is aborted first. */
	sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}
