/**
 * How long the listing of a package with 6,000 files takes, as a ratio to `unzip -l` of the same Update.zip, which is
 * a C program that lists and prints. The limit is 6 times as long, measured inside the process.
 *
 * Run: npx esbuild bench/package.ts --bundle --platform=node --format=esm --outfile=/tmp/bench.mjs
 *   "--banner:js=import {createRequire} from 'node:module'; const require = createRequire(import.meta.url);"
 * and then: node /tmp/bench.mjs
 */
import {execFileSync} from 'node:child_process';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {performance} from 'node:perf_hooks';
import {buildPackage} from '../source/lab/package-builder.ts';
import {openPackage} from '../source/package/open-package.ts';

const entries = 6000;
const rounds = 15;
const limit = 6;

const median = (values: readonly number[]) =>
	values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;

async function measure(act: () => unknown): Promise<number> {
	const start = performance.now();
	await act();
	return performance.now() - start;
}

async function main(): Promise<void> {
	const folder = mkdtempSync(join(tmpdir(), 'dms-upgrade-bench-'));
	try {
		const path = join(folder, 'DataMiner 10.6.0.0-1 Full Upgrade.dmupgrade');
		await buildPackage(path, {
			actions: ['Disable', 'Update Root', 'Start'],
			files: Array.from({length: entries}, (_, index) => ({
				path: `Files/Some folder/Skyline.DataMiner.Library.Number${index}.dll`,
				content: {fillerBytes: 500},
			})),
		});
		const updateZip = join(folder, 'Update.zip');
		writeFileSync(updateZip, execFileSync('unzip', ['-p', path, 'Update.zip'], {maxBuffer: 2 ** 30}));

		const [ours, theirs]: [number[], number[]] = [[], []];
		for (let round = 0; round < rounds; round++) {
			ours.push(
				await measure(async () => {
					const opened = await openPackage(path);
					await opened.close();
				}),
			);
			theirs.push(await measure(() => execFileSync('unzip', ['-l', updateZip], {stdio: 'ignore'})));
		}

		const ratio = median(ours) / median(theirs);
		console.log(
			`open a package of ${entries} files: ${median(ours).toFixed(1)} ms; unzip -l: ${median(theirs).toFixed(1)} ms; ratio ${ratio.toFixed(2)} (limit ${limit})`,
		);
		process.exitCode = ratio <= limit ? 0 : 1;
	} finally {
		rmSync(folder, {recursive: true});
	}
}

await main();
