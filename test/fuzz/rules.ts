/**
 * Judges 10,000 paths and clusters by mutated versions, settings files and output of Windows' programs, and says how
 * they ended, the slowest case and the peak memory. Fails on anything that is not a report or a clear error, and above
 * 300 MB.
 * Run: npm run fuzz:rules [cases] [first seed]
 */
import {fuzzRules} from '../support/rules-fuzz.ts';

const MiB = 1024 ** 2;
const mostMemory = 300_000_000;

const cases = Number(process.argv[2] ?? 10_000);
const seed = Number(process.argv[3] ?? 1);
const start = performance.now();
const report = await fuzzRules(seed, cases, done => {
	if (done % 1000 === 0) {
		console.log(`${done} of ${cases}`);
	}
});
const peak = process.resourceUsage().maxRSS * 1024;
const {verdicts, paths, noVersions, known, asked} = report;
console.log(
	`${cases} clusters from seed ${seed} in ${((performance.now() - start) / 1000).toFixed(0)} s: ${Object.entries(
		verdicts,
	)
		.map(([verdict, count]) => `${count} ${verdict}`)
		.join(', ')}; ${((known / asked) * 100).toFixed(0)} % of what was asked could be found out`,
);
console.log(`${paths} paths judged, ${noVersions} refused`);
console.log(`slowest ${report.slowest.toFixed(0)} ms, peak memory ${(peak / MiB).toFixed(0)} MiB`);
process.exitCode = peak > mostMemory ? 1 : 0;
