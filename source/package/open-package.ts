import {tmpdir} from 'node:os';
import {basename} from 'node:path';
import type {PackageFacts} from '../domain/package-facts.ts';
import {describeAppInfo} from './app-info.ts';
import {Archive} from './archive.ts';
import type {ArchiveEntry} from './archive-entry.ts';
import {asPackageError} from './package-fault.ts';
import {bombProblems} from './bombs.ts';
import {ByteRange} from './byte-range.ts';
import {describeApplication, describePackage} from './describe-package.ts';
import {writePrerequisites} from './extract-prerequisites.ts';
import {PackageDamagedError, PackageEmptyError, UpdateZipMissingError} from './package-errors.ts';
import {type PackageLimits, defaultPackageLimits} from './package-limits.ts';
import {openRegularFile} from './regular-file.ts';
import {type TextFile, readTextFile} from './text-file.ts';
import {readUpdateZip} from './update-zip.ts';
import {type Verification, type VerifyOptions, verifyPackage} from './verify-package.ts';

export interface OpenPackageOptions {
	/** Bounds that differ from `defaultPackageLimits`. */
	readonly limits?: Partial<PackageLimits>;
	/** Where a compressed Update.zip is unpacked to while the package is open; the system's own when left out. */
	readonly temporaryFolder?: string;
	readonly signal?: AbortSignal;
}

/** A package whose directories have been read. It holds a file open until it is closed. */
export interface OpenPackage {
	readonly path: string;
	readonly facts: PackageFacts;
	/**
	 * Writes what is below `Update.zip/Prerequisites`, `executor/` included, into a folder that is missing or empty,
	 * so that it looks like `Prerequisites` itself. Checksums are verified. Rejects with a `PackageError` and leaves
	 * nothing there; a package without prerequisites makes an empty folder.
	 */
	extractPrerequisites(intoFolder: string, signal?: AbortSignal): Promise<void>;
	/**
	 * Reads every byte. What is wrong stands in the problems of the result, beside those of `facts`. Rejects with a
	 * `PackageError` where the file cannot be read, and with the signal's reason when that is aborted; nobody may close
	 * the package meanwhile.
	 */
	verify(options?: VerifyOptions): Promise<Verification>;
	/** Closes the file and removes what was unpacked for a moment. May be called twice. */
	close(): Promise<void>;
}

/** Who holds something that must be given back, in the order in which it was taken. */
type Releases = (() => Promise<void>)[];

/**
 * Opens a `.dmupgrade` or `.dmapp` file and reads what it says of itself, without unpacking more of it than needed.
 * Rejects with a `PackageError` where it cannot be used at all, and with the signal's reason when that is aborted;
 * whatever else is wrong with it stands in `facts.problems`.
 */
export async function openPackage(path: string, options: OpenPackageOptions = {}): Promise<OpenPackage> {
	const releases: Releases = [];
	try {
		return await open(path, options, releases);
	} catch (error) {
		await releaseAll(releases);
		throw asPackageError(path, 'outer', error);
	}
}

async function open(path: string, options: OpenPackageOptions, releases: Releases): Promise<OpenPackage> {
	const limits = {...defaultPackageLimits, ...options.limits};
	const {signal} = options;
	const {handle, size} = await openRegularFile(path);
	releases.push(() => handle.close());
	if (size === 0) {
		throw new PackageEmptyError(path);
	}

	const bytes = new ByteRange(handle, 0, size);
	const outer = await Archive.open(bytes, limits, signal);
	const verify = async (inner: Archive | undefined, wanted?: VerifyOptions) => {
		try {
			return await verifyPackage({file: bytes, outer, inner, limits}, wanted);
		} catch (error) {
			throw asPackageError(path, 'outer', error);
		}
	};
	const close = () => releaseAll(releases);
	const appInfo = outer.find('AppInfo.xml')[0];
	if (appInfo) {
		const {text} = await readTextFile(outer, appInfo, limits.textBytes, signal);
		return {
			path,
			facts: describeApplication(
				basename(path),
				size,
				outer.entries,
				describeAppInfo(text),
				bombProblems(outer, limits),
				limits,
			),
			verify: wanted => verify(undefined, wanted),
			extractPrerequisites: (intoFolder, abort) =>
				writePrerequisites(path, undefined, intoFolder, limits, abort),
			close,
		};
	}

	const description = await readText(outer, 'Description.txt', limits, signal);
	const entry = findUpdateZip(path, outer);
	const update = await readUpdateZip(path, outer, entry, {
		limits,
		temporaryFolder: options.temporaryFolder ?? tmpdir(),
		signal,
	});
	releases.push(() => update.release());
	try {
		const inner = await Archive.open(update.bytes, limits, signal);
		const facts = describePackage({
			file: basename(path),
			size,
			outer: outer.entries,
			inner: inner.entries,
			description,
			updateContent: await readText(inner, 'UpdateContent.txt', limits, signal),
			zipProblems: [...bombProblems(outer, limits), ...bombProblems(inner, limits)],
			limits,
		});
		return {
			path,
			facts,
			verify: wanted => verify(inner, wanted),
			extractPrerequisites: async (intoFolder, abort) => {
				try {
					await writePrerequisites(path, inner, intoFolder, limits, abort);
				} catch (error) {
					throw asPackageError(path, 'inner', error);
				}
			},
			close,
		};
	} catch (error) {
		throw asPackageError(path, 'inner', error);
	}
}

function findUpdateZip(path: string, outer: Archive): ArchiveEntry {
	const [entry, second] = outer.find('Update.zip');
	if (!entry) {
		const below = outer.entries.find(({key}) => key.endsWith('/update.zip'));
		throw new UpdateZipMissingError(path, below?.name.slice(0, -'/Update.zip'.length));
	}

	if (second) {
		throw new PackageDamagedError(path, 'it has more than one Update.zip');
	}

	return entry;
}

async function readText(
	archive: Archive,
	name: string,
	limits: PackageLimits,
	signal: AbortSignal | undefined,
): Promise<TextFile | undefined> {
	const entry = archive.find(name)[0];
	return entry && readTextFile(archive, entry, limits.textBytes, signal);
}

async function releaseAll(releases: Releases): Promise<void> {
	for (let release = releases.pop(); release; release = releases.pop()) {
		await release();
	}
}
