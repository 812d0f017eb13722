import {expect, test} from 'vitest';
import {fuzzRules} from '../support/rules-fuzz.ts';

// All 10,000: npm run fuzz:rules
test('mutated versions, settings and program output end in a report or a clear error', async () => {
	const {cases, verdicts, paths, noVersions, known, asked} = await fuzzRules(90_000, 300);
	expect(Object.values(verdicts).reduce((sum, count) => sum + count, 0)).toBe(cases);
	expect(paths + noVersions).toBe(cases);
	expect(verdicts.block).toBeGreaterThan(cases / 20);
	expect(verdicts.block).toBeLessThan(cases);
	// Mutations that leave everything readable, or nothing, would prove little.
	expect(paths).toBeGreaterThan(cases / 3);
	expect(noVersions).toBeGreaterThan(cases / 20);
	expect(known / asked).toBeGreaterThan(0.5);
	expect(known / asked).toBeLessThan(0.98);
});
