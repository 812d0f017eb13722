import type {RunEvent, RunFact, RunRequest} from '../domain/run-event.ts';

/** The orchestrator's end of a run's journal. */
export interface JournalWriter {
	/**
	 * Resolves to the events when they are kept, in this order. Whoever announces an act awaits this before the act.
	 */
	append(...facts: readonly RunFact[]): Promise<readonly RunEvent[]>;

	/** Calls back for every request that readers leave, those before this call included. Returns how to stop it. */
	onRequest(listener: (request: RunRequest) => void): () => void;
}

/** Everybody else's end. */
export interface JournalReader {
	/** The events after this sequence number; 0 for all. */
	read(after: number): readonly RunEvent[];

	/** Calls back after each append. Returns how to stop it. */
	subscribe(listener: () => void): () => void;

	request(request: RunRequest): Promise<void>;
}

export type Journal = JournalWriter & JournalReader;
