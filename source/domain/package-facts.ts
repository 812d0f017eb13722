import type {Version} from './version.ts';

/** Source: DataMiner_packages.md, Upgrading_Downgrading_Webapps.md */
export type PackageKind = 'full' | 'web' | 'cumulative' | 'tool' | 'application' | 'unknown';

/** What carrying out the package restarts on an Agent. */
export type Restarts = 'agent' | 'web-server' | 'nothing' | 'unknown';

export interface PackageProblem {
	readonly code: string;
	/** *block*: it must not be used; *warn*: look twice; *info*: good to know. */
	readonly severity: 'block' | 'warn' | 'info';
	readonly message: string;
}

/** What a package says of itself. */
export interface PackageFacts {
	/** File name without folder. */
	readonly file: string;
	/** Bytes. */
	readonly size: number;
	readonly kind: PackageKind;
	/** From the file name, which is a hint and no proof: nothing documented inside a package tells it. */
	readonly version?: Version;
	readonly label: string;
	readonly description?: string;
	/** The tests that it brings, without `.dll`. */
	readonly prerequisites: readonly string[];
	/** Whether it brings the program that runs its prerequisites. */
	readonly executor: boolean;
	/** The lines of `UpdateContent.txt`, in order. */
	readonly actions: readonly string[];
	readonly restarts: Restarts;
	/** Bytes of all files that the package unpacks to, as its directories claim. */
	readonly unpackedSize: number;
	readonly problems: readonly PackageProblem[];
}

/** True for the kinds after which an Agent must run the package's version. */
export function changesVersion(kind: PackageKind): boolean {
	return kind === 'full' || kind === 'cumulative';
}

/** What blocks comes first, otherwise in the order in which they were found. */
export function inOrder(problems: readonly PackageProblem[]): PackageProblem[] {
	const order = ['block', 'warn', 'info'];
	return problems.toSorted((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
}
