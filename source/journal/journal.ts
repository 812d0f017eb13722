import type {RunEvent, RunFact, RunRequest} from '../domain/run-event.ts';

/** The orchestrator's end of a run's journal. */
export interface JournalWriter {
	/**
	 * Resolves to the events when they are kept, in this order. Whoever announces an act awaits this before the act.
	 */
	append(...facts: readonly RunFact[]): Promise<readonly RunEvent[]>;

	/**
	 * Calls back for every request that readers leave, those before this call included. A request counts as handled when
	 * the listener's promise resolves; one that was not handled comes again to the next runner. Returns how to stop it.
	 */
	onRequest(listener: (request: RunRequest) => Promise<void>): () => void;
}

/** So that a long run never holds its reader up; whoever got that many reads on. */
export const mostEventsAtOnce = 20_000;

/** Everybody else's end. */
export interface JournalReader {
	/** The events after this sequence number, 0 for all from the first on; at most `mostEventsAtOnce` of them. */
	read(after: number): readonly RunEvent[];

	/** Calls back after each append, by whatever process. Returns how to stop it. */
	subscribe(listener: () => void): () => void;

	request(request: RunRequest): Promise<void>;
}

export type Journal = JournalWriter & JournalReader;

/** The sequence number of the newest event; 0 where there is none. */
export function newestSequence(reader: JournalReader): number {
	let newest = 0;
	for (let events = reader.read(0); events.length > 0; events = reader.read(newest)) {
		newest = events.at(-1)?.sequence ?? newest;
	}

	return newest;
}
