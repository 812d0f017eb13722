import fc from 'fast-check';
import {afterAll, expect, test} from 'vitest';
import {UserError} from '../../source/domain/user-error.ts';
import {openPackage} from '../../source/package/open-package.ts';
import {openFiles, packageBytes, packageFolders} from '../support/package-files.ts';
import {rm} from 'node:fs/promises';

const originals = await Promise.all([packageBytes(), packageBytes({updateZip: 'deflated'})]);

/** What storage and networks, and people with bad intentions, do to files. */
const mutation = fc.oneof(
	fc.record({kind: fc.constant('set' as const), at: fc.nat(), value: fc.nat(255)}),
	fc.record({kind: fc.constant('extreme' as const), at: fc.nat(), width: fc.constantFrom(2, 4, 8)}),
	fc.record({kind: fc.constant('cut' as const), at: fc.nat()}),
	fc.record({kind: fc.constant('remove' as const), at: fc.nat(), length: fc.integer({min: 1, max: 64})}),
	fc.record({
		kind: fc.constant('insert' as const),
		at: fc.nat(),
		bytes: fc.uint8Array({minLength: 1, maxLength: 64}),
	}),
);
type Mutation = typeof mutation extends fc.Arbitrary<infer Value> ? Value : never;

/** Half of the places are in the last quarter, where the directory stands. */
function place(at: number, length: number): number {
	return at % 2 === 0 ? at % length : length - 1 - (at % Math.ceil(length / 4));
}

function mutate(bytes: Buffer, change: Mutation): Buffer {
	const at = place(change.at, bytes.length);
	const copy = Buffer.from(bytes);
	switch (change.kind) {
		case 'set':
			copy[at] = change.value;
			return copy;
		case 'extreme':
			return copy.fill(0xff, at, Math.min(copy.length, at + change.width));
		case 'cut':
			return copy.subarray(0, Math.max(1, at));
		case 'remove':
			return Buffer.concat([copy.subarray(0, at), copy.subarray(at + change.length)]);
		case 'insert':
			return Buffer.concat([copy.subarray(0, at), change.bytes, copy.subarray(at)]);
	}
}

const outcomes = {opened: 0, refused: 0};

test('a mutated package gives facts or a UserError, never anything else, and leaves nothing', async () => {
	const folders = await packageFolders();
	const before = await openFiles();
	await fc.assert(
		fc.asyncProperty(
			fc.constantFrom(...originals),
			fc.array(mutation, {minLength: 1, maxLength: 4}),
			async (original, mutations) => {
				const bytes = mutations.reduce(
					(mutated, change) => (mutated.length === 0 ? mutated : mutate(mutated, change)),
					original,
				);
				const path = await folders.write(bytes);
				try {
					const opened = await openPackage(path, {temporaryFolder: folders.temporary});
					outcomes.opened++;
					try {
						await opened.extractPrerequisites(folders.into);
					} finally {
						await opened.close();
						await rm(folders.into, {recursive: true, force: true});
					}
				} catch (error) {
					outcomes.refused++;
					if (!(error instanceof UserError)) {
						throw error;
					}
				}

				expect(await folders.leftovers()).toEqual([]);
			},
		),
		{numRuns: 600},
	);
	expect(await openFiles()).toBe(before);
});

afterAll(() => {
	// Mutations that are all refused, or all accepted, would prove little.
	expect(outcomes.opened).toBeGreaterThan(10);
	expect(outcomes.refused).toBeGreaterThan(100);
});
