import type {RunSummary} from '../journal/run-journal.ts';
import type {PackageFile} from '../package/package-folder.ts';
import type {PackageListing} from '../ui/ports.ts';

/** The packages that the Schedule screen lists, with what the runs on this cluster made of each. */
export class PackageShelf {
	#files: readonly PackageFile[] = [];
	#listings: readonly PackageListing[] = [];
	readonly #listeners = new Set<() => void>();

	/** Puts packages on the shelf. */
	fill(files: readonly PackageFile[]): void {
		this.#files = files;
		this.mark([]);
	}

	current(): readonly PackageListing[] {
		return this.#listings;
	}

	subscribe(listener: () => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	/** Shows what became of each package in these runs, newest first; packages from elsewhere are added. */
	mark(runs: readonly RunSummary[]): void {
		const known = new Set(this.#files.map(({path}) => path));
		const elsewhere = runs
			.filter(({packagePath}) => !known.has(packagePath))
			.map(({packagePath, package: {file, size}}) => ({path: packagePath, file, size}));
		const files = [...this.#files, ...new Map(elsewhere.map(file => [file.path, file])).values()];
		const listings = files.map(file => ({...file, status: statusOf(file, runs)}));
		const changed =
			listings.length !== this.#listings.length ||
			listings.some(({path, status}, index) => {
				const before = this.#listings[index];
				return before?.path !== path || before.status !== status;
			});
		if (!changed) {
			return;
		}

		this.#listings = listings;
		for (const listener of this.#listeners) {
			listener();
		}
	}
}

/** A file of the same name and size counts as the same package here; whoever starts a run compares the bytes. */
function statusOf({file, size}: PackageFile, runs: readonly RunSummary[]): PackageListing['status'] {
	const own = runs.filter(run => run.package.file === file && run.package.size === size);
	if (own.some(({goal, outcome}) => goal === 'upgrade' && outcome === 'done')) {
		return 'Completed';
	}

	const [newest] = own;
	if (newest?.standing === 'going on') {
		return newest.goal === 'upload' ? 'Uploading' : 'Upgrading';
	}

	switch (newest?.outcome) {
		case undefined:
		case 'stopped':
			return 'Available';
		case 'done':
			return 'Uploaded';
		default:
			return 'Failed';
	}
}
