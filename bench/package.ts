/**
 * How long listing, full verification and SHA-256 of a package of 1 GiB with 6,000 files take, as ratios to
 * `unzip -l`, `unzip -t` and `openssl dgst` (or `sha256sum`) in the same run: rounds in turns, medians. Each of our
 * measurements is a process of its own, timed inside, with its peak memory.
 * Run: npm run bench:package [rounds] [MiB]
 */
import {execFileSync, spawnSync} from 'node:child_process';
import {createWriteStream} from 'node:fs';
import {mkdtemp, rm, stat} from 'node:fs/promises';
import {cpus, tmpdir} from 'node:os';
import {join} from 'node:path';
import {performance} from 'node:perf_hooks';
import {pipeline} from 'node:stream/promises';
import {Readable} from 'node:stream';
import {ZipFile} from 'yazl';
import {sha256OfFile} from '../source/package/file-hash.ts';
import {openPackage} from '../source/package/open-package.ts';

const MiB = 1024 ** 2;
const files = 6000;
const largeFiles = 8;

type Operation = 'list' | 'verify' | 'sha256';

interface Measured {
	readonly ms: number;
	/** Peak resident memory of the whole process, bytes. */
	readonly memory: number;
}

/** What a measuring process does; it prints a `Measured`. */
async function measureHere(operation: Operation, path: string): Promise<void> {
	const start = performance.now();
	if (operation === 'sha256') {
		await sha256OfFile(path);
	} else {
		const opened = await openPackage(path);
		if (operation === 'verify') {
			const {problems, unverified} = await opened.verify();
			if (problems.length > 0 || unverified > 0) {
				throw new Error(`the package is damaged: ${JSON.stringify(problems)}`);
			}
		}

		await opened.close();
	}

	const measured: Measured = {
		ms: performance.now() - start,
		memory: process.resourceUsage().maxRSS * 1024,
	};
	console.log(JSON.stringify(measured));
}

function ours(operation: Operation, path: string): Measured {
	const output = execFileSync(
		process.execPath,
		[...process.execArgv, import.meta.filename, operation, path],
		{
			encoding: 'utf8',
		},
	);
	return JSON.parse(output) as Measured;
}

function theirs(program: string, parameters: readonly string[]): Measured {
	const start = performance.now();
	execFileSync(program, parameters, {stdio: 'ignore'});
	return {ms: performance.now() - start, memory: 0};
}

/** Numbers that are the same in each run. */
function* randomNumbers(seed: number): Generator<number, never> {
	for (let state = seed; ;) {
		state = (state + 0x6d_2b_79_f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		yield (mixed ^ (mixed >>> 14)) >>> 0;
	}
}

/** Content that deflate makes about a third smaller, as it does with programs. */
function contentOf(index: number, size: number): Readable {
	const numbers = randomNumbers(index + 1);
	const piece = Buffer.alloc(64 * 1024);
	function* pieces() {
		for (let left = size; left > 0; left -= piece.length) {
			for (let at = 0; at < piece.length; at += 4) {
				// One word in three repeats the one before.
				piece.writeUInt32LE(at % 12 === 8 ? piece.readUInt32LE(at - 4) : numbers.next().value, at);
			}

			yield Buffer.from(piece.subarray(0, Math.min(left, piece.length)));
		}
	}

	return Readable.from(pieces(), {objectMode: false});
}

/** A full package: thousands of programs and a few large files. */
async function writePackage(folder: string, bytes: number): Promise<{path: string; updateZip: string}> {
	const updateZip = join(folder, 'Update.zip');
	const inner = new ZipFile();
	inner.addBuffer(Buffer.from('Disable\r\nUpdate Root\r\nStart\r\n'), 'UpdateContent.txt');
	inner.addBuffer(Buffer.from('test'), 'Prerequisites/VerifyOSVersion.dll');
	inner.addBuffer(Buffer.from('program'), 'Prerequisites/executor/StandaloneBpaExecutor.exe');
	const large = Math.floor(bytes / 4 / largeFiles);
	const small = Math.floor((bytes * 3) / 4 / (files - largeFiles));
	for (let index = 0; index < files; index++) {
		const size = index < largeFiles ? large : Math.floor((small * (1 + (index % 5))) / 3);
		inner.addReadStreamLazy(
			`Files/Some folder/Skyline.DataMiner.Library.Number${index}.dll`,
			{compress: true, compressionLevel: 1},
			callback => callback(null, contentOf(index, size)),
		);
	}

	inner.end();
	await pipeline(inner.outputStream, createWriteStream(updateZip));
	const outer = new ZipFile();
	outer.addBuffer(Buffer.from('DataMiner Upgrade (Full)'), 'Description.txt');
	outer.addFile(updateZip, 'Update.zip', {compress: false});
	outer.end();
	const path = join(folder, 'DataMiner 10.6.0.0-1 Full Upgrade.dmupgrade');
	await pipeline(outer.outputStream, createWriteStream(path));
	return {path, updateZip};
}

const median = (values: readonly number[]) =>
	values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;

async function compare(rounds: number, bytes: number): Promise<void> {
	const folder = await mkdtemp(join(tmpdir(), 'dms-upgrade-bench-'));
	try {
		console.log('writing a package; this takes a minute or two');
		const {path, updateZip} = await writePackage(folder, bytes);
		const {size} = await stat(path);
		const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
		const contests = {
			list: () => ours('list', path),
			'unzip -l': () => theirs('unzip', ['-l', updateZip]),
			verify: () => ours('verify', path),
			'unzip -t Update.zip': () => theirs('unzip', ['-tqq', updateZip]),
			'unzip -t package': () => theirs('unzip', ['-tqq', path]),
			sha256: () => ours('sha256', path),
			sha256sum: () => theirs('sha256sum', [path]),
			...(hasOpenssl && {openssl: () => theirs('openssl', ['dgst', '-sha256', path])}),
		};
		const results = new Map<string, Measured[]>(Object.keys(contests).map(name => [name, []]));
		// The first round warms the disk's cache and does not count.
		for (let round = 0; round <= rounds; round++) {
			for (const [name, act] of Object.entries(contests)) {
				const measured = act();
				if (round > 0) {
					results.get(name)?.push(measured);
				}
			}
		}

		const time = (name: string) => median((results.get(name) ?? []).map(({ms}) => ms));
		const memory = (name: string) =>
			Math.max(...(results.get(name) ?? []).map(measured => measured.memory)) / MiB;
		console.log(
			`Node ${process.version}, ${cpus().length} cores, package of ${(size / MiB).toFixed(0)} MiB with ${files + 3} files, medians of ${rounds} rounds`,
		);
		for (const [name, peer, limit] of [
			['list', 'unzip -l', 6],
			['verify', 'unzip -t Update.zip', 1],
			['sha256', hasOpenssl ? 'openssl' : 'sha256sum', 1.1],
		] as const) {
			const ratio = time(name) / time(peer);
			console.log(
				`${name.padEnd(8)}${time(name).toFixed(0).padStart(6)} ms, ${memory(name).toFixed(0).padStart(4)} MiB at most; ${peer}: ${time(peer).toFixed(0)} ms; ratio ${ratio.toFixed(2)} ${ratio <= limit ? 'ok' : 'TOO SLOW'} (at most ${limit})`,
			);
			if (ratio > limit || memory(name) > 300) {
				process.exitCode = 1;
			}
		}

		const both = time('unzip -t Update.zip') + time('unzip -t package');
		console.log(
			`verify proves both zips and the SHA-256: ${(time('verify') / both).toFixed(2)} of unzip -t of both; sha256 is ${(time('sha256') / time('sha256sum')).toFixed(2)} of sha256sum`,
		);
	} finally {
		await rm(folder, {recursive: true});
	}
}

const [first, second] = process.argv.slice(2);
if (first === 'list' || first === 'verify' || first === 'sha256') {
	await measureHere(first, second ?? '');
} else {
	await compare(Number(first ?? 7), Number(second ?? 1024) * 1.38 * MiB);
}
