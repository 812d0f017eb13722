import {type PackageProblem, inOrder} from '../domain/package-facts.ts';
import type {Archive} from './archive.ts';
import {type ArchiveEntry, stored} from './archive-entry.ts';
import {ArchiveError} from './archive-error.ts';
import {isBomb, isUnsafeToRead} from './bombs.ts';
import type {ByteRange} from './byte-range.ts';
import {type OnRead, checkEntry, checkHeaders} from './check-entry.ts';
import {contradictionProblems, damageProblems} from './damage-problems.ts';
import {endRecordProblems} from './end-record.ts';
import {sha256OfRange} from './file-hash.ts';
import type {PackageLimits} from './package-limits.ts';

/** What reading every byte of a package showed. */
export interface Verification {
	/** Of the file: hexadecimal, lower case. */
	readonly sha256: string;
	/** Files and folders of the package and of its Update.zip that are as the directories say. */
	readonly entries: number;
	/** Those that are damaged, or that were left out. */
	readonly unverified: number;
	/** Bytes that their contents have, unpacked; the Update.zip counts by what is in it. */
	readonly bytes: number;
	/** What blocks comes first. Every damaged entry is named, up to a limit. */
	readonly problems: readonly PackageProblem[];
}

export interface VerifyOptions {
	/** Called with the bytes read so far and the bytes to read: the file once, and once more by entries. */
	readonly onProgress?: (done: number, total: number) => void;
	readonly signal?: AbortSignal;
}

/** The zips of a package that are open. */
export interface PackageArchives {
	/** The whole file. */
	readonly file: ByteRange;
	readonly outer: Archive;
	/** The Update.zip; an application package has none. */
	readonly inner: Archive | undefined;
	readonly limits: PackageLimits;
}

interface Job {
	readonly archive: Archive;
	readonly entry: ArchiveEntry;
	/** Its content was read when the package was opened, and was right. */
	readonly read: boolean;
}

interface JobResult {
	readonly job: Job;
	/** Fields in which the entry's own header contradicts the directory. */
	readonly contradictions: readonly string[];
	/** Undefined when its content is what the directory says. */
	readonly damage?: ArchiveError;
}

/** So many entries are unpacked at once: more than the cores of a small server gain nothing. */
const atOnce = 4;

/**
 * Reads every byte: the checksum of the file, and each entry of both zips. Entries that would never end are left
 * out, having been reported when the package was opened. Rejects with the signal's reason when that is aborted, and
 * with the error of the operating system when the file cannot be read.
 */
export async function verifyPackage(
	archives: PackageArchives,
	{onProgress, signal}: VerifyOptions = {},
): Promise<Verification> {
	signal?.throwIfAborted();
	const jobs = jobsOf(archives);
	const total =
		archives.file.length + jobs.reduce((sum, job) => sum + (job.read ? 0 : job.entry.packedSize), 0);
	let done = 0;
	const onRead = (bytes: number) => {
		done += bytes;
		onProgress?.(done, total);
	};
	const queue = jobs.values();
	const results: JobResult[] = [];
	// Whichever fails first ends the others, and none is left behind to read from a file that was closed.
	const first = new AbortController();
	const both = signal ? AbortSignal.any([signal, first.signal]) : first.signal;
	const sha256 = sha256OfRange(archives.file, onRead, both);
	const parts = [sha256, ...Array.from({length: atOnce}, () => work(queue, results, onRead, both))];
	await Promise.allSettled(parts.map(part => part.catch((error: unknown) => first.abort(error))));
	both.throwIfAborted();
	return {sha256: await sha256, ...(await judge(archives, results))};
}

async function work(
	queue: Iterator<Job>,
	results: JobResult[],
	onRead: OnRead,
	signal: AbortSignal,
): Promise<void> {
	for (let next = queue.next(); !next.done; next = queue.next()) {
		signal.throwIfAborted();
		results.push(await carryOut(next.value, onRead, signal));
	}
}

async function carryOut(job: Job, onRead: OnRead, signal: AbortSignal): Promise<JobResult> {
	const {archive, entry, read} = job;
	try {
		const contradictions = read
			? await checkHeaders(archive, entry)
			: await checkEntry(archive, entry, onRead, signal);
		return {job, contradictions};
	} catch (error) {
		if (error instanceof ArchiveError) {
			return {job, contradictions: [], damage: error};
		}

		throw error;
	}
}

function jobsOf({outer, inner, limits}: PackageArchives): Job[] {
	return [outer, ...(inner ? [inner] : [])].flatMap(archive =>
		isUnsafeToRead(archive, limits)
			? []
			: archive.entries
					.filter(entry => !entry.encrypted && !isBomb(entry, limits))
					.map(entry => ({
						archive,
						entry,
						read: archive === outer && isUpdateZip(entry) && inner !== undefined && entry.method !== stored,
					}))
					// Disks are fastest from front to back.
					.sort((a, b) => a.entry.headerOffset - b.entry.headerOffset),
	);
}

async function judge({outer, inner}: PackageArchives, results: readonly JobResult[]) {
	const good = results.filter(({damage}) => !damage);
	const all = outer.entries.length + (inner?.entries.length ?? 0);
	return {
		entries: good.length,
		unverified: all - good.length,
		bytes: good.reduce(
			(sum, {job}) => sum + (inner && job.archive === outer && isUpdateZip(job.entry) ? 0 : job.entry.size),
			0,
		),
		problems: inOrder([
			...(await endRecordProblems(outer, 'the package')),
			...(inner ? await endRecordProblems(inner, 'its Update.zip') : []),
			...damageProblems(results),
			...contradictionProblems(results),
		]),
	};
}

function isUpdateZip({key}: ArchiveEntry): boolean {
	return key === 'update.zip';
}
