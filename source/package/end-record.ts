import type {PackageProblem} from '../domain/package-facts.ts';
import type {Archive} from './archive.ts';

const endRecordSize = 22;
/** A record of 64 bits and what points to it stand between directory and end record when the zip is a large one. */
const largeRecordSize = 56 + 20;

/**
 * Compares what ends a zip with the directory that was read. A directory that goes on after its last counted entry
 * hides files from those who count, and not from those who read to its end.
 */
export async function endRecordProblems(archive: Archive, where: string): Promise<PackageProblem[]> {
	const {start, end, endRecord} = archive.directory;
	const record = Buffer.alloc(endRecordSize);
	await archive.bytes.read(record, endRecord);
	const gap = endRecord - end;
	const says = (claim: number, truth: number, unknown: number) => claim === truth || claim === unknown;
	const agree =
		(gap === 0 || gap === largeRecordSize) &&
		says(record.readUInt16LE(6), 0, 0xff_ff) &&
		says(record.readUInt16LE(8), archive.entries.length, 0xff_ff) &&
		says(record.readUInt16LE(10), archive.entries.length, 0xff_ff) &&
		says(record.readUInt32LE(12), end - start, 0xff_ff_ff_ff) &&
		says(record.readUInt32LE(16), start, 0xff_ff_ff_ff);
	return agree
		? []
		: [
				{
					code: 'DIRECTORY_DAMAGED',
					severity: 'block',
					message: `The directory of ${where} and the record at its end contradict each other: what it contains is not certain.`,
				},
			];
}
