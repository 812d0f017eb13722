import type {RunEvent} from '../domain/run-event.ts';
import {type RunState, emptyRunState, foldRun} from '../domain/run-state.ts';
import type {JournalReader} from '../journal/journal.ts';
import type {RunMoment} from './state/update.ts';

/** Folds a run up to any of its events. Neighbouring events cost no new reading. */
export class PastRun {
	readonly #reader: Pick<JournalReader, 'read'>;
	/** The run before the slice. */
	#before: RunState = emptyRunState;
	#slice: readonly RunEvent[] = [];

	constructor(reader: Pick<JournalReader, 'read'>) {
		this.#reader = reader;
	}

	/** The run just after the event with this sequence number; undefined where there is none. */
	at(sequence: number): RunMoment | undefined {
		this.#seek(sequence);
		const events = this.#slice.slice(0, Math.max(0, sequence - this.#before.sequence));
		const event = events.at(-1);
		return event?.sequence === sequence ? {run: foldRun(this.#before, events), event} : undefined;
	}

	#seek(sequence: number): void {
		if (sequence <= this.#before.sequence) {
			this.#before = emptyRunState;
			this.#slice = [];
		}

		while (sequence > this.#before.sequence + this.#slice.length) {
			const before = foldRun(this.#before, this.#slice);
			const slice = this.#reader.read(before.sequence);
			this.#before = before;
			this.#slice = slice;
			if (slice.length === 0) {
				return;
			}
		}
	}
}
