import {type RunState, emptyRunState, foldRun} from '../domain/run-state.ts';
import type {JournalReader} from '../journal/journal.ts';
import type {PackageFile} from '../package/package-folder.ts';
import type {PackageListing} from '../ui/ports.ts';

/** The packages that the Schedule screen lists, with what became of each in this session. */
export class PackageShelf {
	#listings: readonly PackageListing[] = [];
	readonly #listeners = new Set<() => void>();

	/** Puts packages on the shelf. */
	fill(files: readonly PackageFile[]): void {
		this.#change(files.map(file => ({...file, status: 'Available'})));
	}

	current(): readonly PackageListing[] {
		return this.#listings;
	}

	subscribe(listener: () => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	/** Shows what a run makes of a package, from now on until the run is over. */
	follow(journal: JournalReader, path: string): void {
		let state = emptyRunState;
		const update = () => {
			state = foldRun(state, journal.read(state.sequence));
			this.#set(path, state);
			if (state.outcome !== undefined) {
				stop();
			}
		};
		const stop = journal.subscribe(update);
		update();
	}

	#set(path: string, state: RunState): void {
		const status = statusOf(state);
		const known = this.#listings.find(listing => listing.path === path);
		if (known?.status === status) {
			return;
		}

		if (known) {
			this.#change(this.#listings.map(listing => (listing === known ? {...known, status} : listing)));
		} else if (state.plan) {
			const {file, size} = state.plan.package;
			this.#change([...this.#listings, {path, file, size, status}]);
		}
	}

	#change(listings: readonly PackageListing[]): void {
		this.#listings = listings;
		for (const listener of this.#listeners) {
			listener();
		}
	}
}

function statusOf({outcome, phase, plan}: RunState): PackageListing['status'] {
	switch (outcome) {
		case undefined:
			return phase === 'upgrade' || phase === 'verification' ? 'Upgrading' : 'Uploading';
		case 'done':
			return plan?.goal === 'upload' ? 'Uploaded' : 'Completed';
		case 'stopped':
			return 'Available';
		default:
			return 'Failed';
	}
}
