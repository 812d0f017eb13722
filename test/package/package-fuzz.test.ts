import {expect, test} from 'vitest';
import {fuzzPackages} from '../support/package-fuzz.ts';
import {openFiles} from '../support/package-files.ts';

// All 10,000: npm run fuzz:package
test('mutated packages end in a result or a clear error, and leave nothing', async () => {
	const before = await openFiles();
	const {sound, blocked, refused, cases} = await fuzzPackages(70_000, 600);
	const kinds = Object.values(refused).reduce((sum, count) => sum + count, 0);
	expect(sound + blocked + kinds).toBe(cases);
	// Mutations that are all refused, or all accepted, would prove little.
	expect(sound).toBeGreaterThan(5);
	expect(blocked).toBeGreaterThan(50);
	expect(Object.keys(refused).length).toBeGreaterThan(5);
	expect(await openFiles()).toBe(before);
});
