import type {Clock} from '../domain/clock.ts';
import type {JournalConnection} from './journal-connection.ts';

/** Between two looks at what other processes did, in milliseconds. */
const betweenLooks = 100;

/** *commit*: something was written; *time*: a lease ran out, or its holder died, without that. */
export type Change = 'commit' | 'time';

export type ChangeListener = (change: Change) => void;

/** Notices what this process and others write. It looks only while somebody listens. */
export class CommitWatch {
	readonly #clock: Clock;
	readonly #version: () => number;
	readonly #liveRuns: () => string;
	readonly #listeners = new Set<ChangeListener>();
	#looking: AbortController | undefined;

	/** `liveRuns` names the runs that have a living runner. */
	constructor(clock: Clock, connection: JournalConnection, liveRuns: () => string) {
		this.#clock = clock;
		const version = connection.query('PRAGMA data_version');
		this.#version = () => Number(version.get()?.['data_version']);
		this.#liveRuns = liveRuns;
	}

	/** Returns how to stop it. */
	subscribe(listener: ChangeListener): () => void {
		this.#listeners.add(listener);
		if (!this.#looking) {
			this.#looking = new AbortController();
			void this.#look(this.#looking.signal);
		}

		return () => {
			this.#listeners.delete(listener);
			if (this.#listeners.size === 0) {
				this.close();
			}
		};
	}

	/** This process has written something, which SQLite does not count as news for it. */
	notify(change: Change = 'commit'): void {
		for (const listener of [...this.#listeners]) {
			try {
				listener(change);
			} catch {
				// Whoever looks on and stumbles must not end the run; what was written can be read again.
			}
		}
	}

	close(): void {
		this.#looking?.abort();
		this.#looking = undefined;
		this.#listeners.clear();
	}

	async #look(signal: AbortSignal): Promise<void> {
		let known = this.#state();
		while (!signal.aborted) {
			try {
				await this.#clock.sleep(betweenLooks, signal);
			} catch {
				// Nobody listens any more.
				return;
			}

			const state = this.#state();
			if (state.version !== known.version) {
				this.notify('commit');
			} else if (state.liveRuns !== known.liveRuns) {
				this.notify('time');
			}

			known = state;
		}
	}

	/** A journal that cannot be read any more is a change, too: whoever is told then reads, and gets the error. */
	#state(): {readonly version: number; readonly liveRuns: string} {
		try {
			return {version: this.#version(), liveRuns: this.#liveRuns()};
		} catch {
			return {version: -1, liveRuns: ''};
		}
	}
}
