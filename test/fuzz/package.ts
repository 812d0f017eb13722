/**
 * Opens, unpacks and verifies 10,000 mutated packages, and says how each kind ended, the slowest case and the peak
 * memory. Fails on anything that is not a result or a clear error, and above 300 MB.
 * Run: npm run fuzz:package [cases] [first seed]
 */
import {fuzzPackages} from '../support/package-fuzz.ts';

const MiB = 1024 ** 2;
const mostMemory = 300_000_000;

const cases = Number(process.argv[2] ?? 10_000);
const seed = Number(process.argv[3] ?? 1);
const start = performance.now();
const report = await fuzzPackages(seed, cases, done => {
	if (done % 1000 === 0) {
		console.log(`${done} of ${cases}`);
	}
});
const peak = process.resourceUsage().maxRSS * 1024;
const refused = Object.values(report.refused).reduce((sum, count) => sum + count, 0);
console.log(
	`${cases} mutated packages from seed ${seed} in ${((performance.now() - start) / 1000).toFixed(0)} s: ${report.sound} sound, ${report.blocked} blocked, ${refused} refused`,
);
for (const [code, count] of Object.entries(report.refused).sort(([, a], [, b]) => b - a)) {
	console.log(`  ${code.padEnd(24)}${String(count).padStart(6)}`);
}

console.log(`slowest ${report.slowest.toFixed(0)} ms, peak memory ${(peak / MiB).toFixed(0)} MiB`);
process.exitCode = peak > mostMemory ? 1 : 0;
