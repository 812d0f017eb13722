/**
 * How smoothly the dashboard goes while a run uploads to eight Agents at once: the pauses of the event loop of its
 * process, which is another one than the runner's, with a key typed every 100 ms. The Agents are those of the lab, all in
 * one further process, so that three processes share the computer: how long a process that does nothing waits for its
 * turn is measured beside it, and how much of the pauses the dashboard worked itself.
 * Run: npm run bench:dashboard [MiB of the package]
 */
import {execFile, execFileSync, spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {cpus, tmpdir} from 'node:os';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {promisify} from 'node:util';
import {startLab} from '../source/lab/lab.ts';
import {TestTerminal, program} from '../test/support/terminal.ts';

const aims = {usual: 16, longest: 60} as const;

interface Pauses {
	readonly usualPauseMs: number;
	readonly longestPauseMs: number;
	/** Of these, what the process itself did; the rest of a pause it waited for a core. */
	readonly usualWorkMs: number;
	readonly longestWorkMs: number;
	readonly samples: number;
}

async function pausesIn(file: string): Promise<Pauses> {
	return JSON.parse(await readFile(file, 'utf8')) as Pauses;
}

function shown({usualPauseMs, longestPauseMs, usualWorkMs, longestWorkMs, samples}: Pauses): string {
	return `${usualPauseMs.toFixed(1)} ms (p99), ${longestPauseMs.toFixed(0)} ms (longest) of ${samples} samples, own work ${usualWorkMs.toFixed(1)} ms (p99), ${longestWorkMs.toFixed(0)} ms (longest)`;
}

const measure = join(import.meta.dirname, 'event-loop.ts');
const size = Number(process.argv[2] ?? 192);
const node = process.execPath;
execFileSync(node, ['build.ts'], {stdio: 'inherit'});
const folder = await mkdtemp(join(tmpdir(), 'dms-upgrade-bench-'));
const lab = await startLab({agents: 8, pairs: 0, fillerBytes: size * 1024 ** 2});
try {
	const inventory = join(folder, 'inventory.json');
	await writeFile(inventory, JSON.stringify(lab.inventory));
	const result = join(folder, 'pauses.json');
	const idleResult = join(folder, 'idle.json');
	const environment = {XDG_STATE_HOME: join(folder, 'state'), NODE_EXTRA_CA_CERTS: undefined};
	const env = {...process.env, ...environment};
	// The lab lives in this process, and has to answer meanwhile.
	const {stdout} = await promisify(execFile)(
		node,
		[program, 'upload', lab.packages.full, '--config', inventory, '--yes', '--json', '--detach'],
		{env},
	);
	const {run} = JSON.parse(stdout) as {run: string};
	const parent = {BENCH_EVENT_LOOP_OF: String(process.pid)};
	const idle = spawn(
		node,
		['--import', measure, '-e', 'process.stdin.resume().on("end", () => process.exit())'],
		{
			env: {...process.env, ...parent, BENCH_EVENT_LOOP: idleResult},
			stdio: ['pipe', 'ignore', 'inherit'],
		},
	);
	const terminal = new TestTerminal(node, ['--import', measure, program, 'attach', run], {
		columns: 120,
		rows: 40,
		environment: {...environment, ...parent, BENCH_EVENT_LOOP: result},
	});
	await terminal.until('✓ readiness');
	let keys = 0;
	while (terminal.screen.includes('◐ upload')) {
		terminal.type(keys % 2 === 0 ? 'j' : 'k');
		keys += 1;
		await sleep(100);
	}

	await terminal.until('Upload: done');
	// One screen back, and out.
	terminal.type('qq');
	await terminal.exit();
	await terminal.dispose();
	const idleEnded = once(idle, 'exit');
	idle.stdin.end();
	await idleEnded;
	const dashboard = await pausesIn(result);
	const nothing = await pausesIn(idleResult);
	const ok = dashboard.usualPauseMs <= aims.usual && dashboard.longestPauseMs <= aims.longest;
	console.log(`Node ${process.version}, ${cpus().length} cores, ${size} MiB to 8 Agents, ${keys} keys`);
	console.log(
		`dashboard            pauses ${shown(dashboard)}; aims ${aims.usual} and ${aims.longest}: ${ok ? 'ok' : 'TOO LONG'}`,
	);
	console.log(`an idle process      pauses ${shown(nothing)}`);
	process.exitCode = ok ? 0 : 1;
} finally {
	await lab.stop();
	await rm(lab.folder, {recursive: true, force: true});
	await rm(folder, {recursive: true, force: true});
}
