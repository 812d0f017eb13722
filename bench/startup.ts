/**
 * How long it takes in a real terminal until the window is filled, until the dashboard itself stands there, and until
 * it has answered a key that was typed at once; each as a ratio to a bare `node -e 0` in the same run.
 * Run: npm run bench:startup
 */
import {execFileSync} from 'node:child_process';
import {cpus} from 'node:os';
import {stripVTControlCharacters} from 'node:util';
import {TestTerminal, program} from '../test/support/terminal.ts';

const rounds = Number(process.argv[2] ?? 15);
const node = process.execPath;

// Node reads the extra certificates at every start; that is the machine's time and not the program's.
const window = {columns: 120, rows: 40, environment: {NODE_EXTRA_CA_CERTS: undefined}};

interface Limit {
	readonly name: string;
	readonly most: number;
}

const limits: readonly Limit[] = [
	{name: 'first paint', most: 1.2},
	{name: 'first interactive frame', most: 3.5},
];

async function bareNode(): Promise<number> {
	const start = performance.now();
	const terminal = new TestTerminal(node, ['-e', '0'], window);
	await terminal.exit();
	const time = performance.now() - start;
	await terminal.dispose();
	return time;
}

async function dashboard(): Promise<{paint: number; frame: number; key: number}> {
	const start = performance.now();
	const terminal = new TestTerminal(node, [program, '--lab=5'], window);
	terminal.type('?');
	await terminal.until('The keys of this screen');
	const since = (shown: (raw: string) => boolean) => (terminal.arrivalOf(shown) ?? Number.NaN) - start;
	const footer = '? help  q leave';
	const plain = (raw: string) => stripVTControlCharacters(raw);
	const times = {
		// The chrome, whole: its last line is the footer.
		paint: since(raw => plain(raw).includes(footer)),
		// The same once more, drawn by the dashboard itself.
		frame: since(raw => plain(raw).split(footer).length > 2),
		key: since(raw => plain(raw).includes('The keys of this screen')),
	};
	// Left in the ordinary way, so that nothing of it runs on beside the next measurement.
	terminal.type('?');
	await terminal.until(screen => !screen.includes('The keys of this screen'));
	terminal.type('q');
	await terminal.exit();
	await terminal.dispose();
	return times;
}

function median(values: readonly number[]): number {
	return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

execFileSync(node, ['build.ts'], {stdio: 'inherit'});
const bare: number[] = [];
const runs: {paint: number; frame: number; key: number}[] = [];
// The first round warms the compile cache and the disk's.
for (let round = 0; round <= rounds; round++) {
	const [b, d] = [await bareNode(), await dashboard()];
	if (round > 0) {
		bare.push(b);
		runs.push(d);
	}
}

const base = median(bare);
const rows = [
	['node -e 0, to its end', base],
	['first paint', median(runs.map(run => run.paint))],
	['first interactive frame', median(runs.map(run => run.frame))],
	['first key answered', median(runs.map(run => run.key))],
] as const;
console.log(`Node ${process.version}, ${cpus().length} cores, medians of ${rounds} rounds`);
for (const [name, time] of rows) {
	const limit = limits.find(known => known.name === name);
	const ratio = time / base;
	const verdict = limit
		? ratio <= limit.most
			? `  ok (at most ${limit.most})`
			: `  TOO SLOW (at most ${limit.most})`
		: '';
	console.log(
		`${name.padEnd(26)}${time.toFixed(0).padStart(6)} ms${ratio.toFixed(2).padStart(8)}×${verdict}`,
	);
	if (limit && ratio > limit.most) {
		process.exitCode = 1;
	}
}
