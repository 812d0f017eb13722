/**
 * How many appends a second the journal takes when each is on the disk before the next, as a ratio to a plain append and
 * `fdatasync` of the same bytes, in turns; and how long it takes to read and fold 1,000,000 events, as a ratio to
 * `JSON.parse` of the same bytes. Each of the latter is a process of its own, with its peak memory.
 * Run: npm run bench:journal [rounds] [events]
 */
import {execFileSync} from 'node:child_process';
import {closeSync, fdatasyncSync, openSync, readFileSync, statSync, writeFileSync, writeSync} from 'node:fs';
import {mkdir, mkdtemp, rm} from 'node:fs/promises';
import {cpus} from 'node:os';
import {join} from 'node:path';
import {systemClock} from '../source/commands/system-clock.ts';
import type {UpgradePlan} from '../source/domain/plan.ts';
import type {RunFact} from '../source/domain/run-event.ts';
import {emptyRunState, foldRun} from '../source/domain/run-state.ts';
import {defaultUpgradeOptions} from '../source/domain/upgrade-options.ts';
import type {RunSetup, RunnerSeat} from '../source/journal/run-journal.ts';
import {type SqliteRunJournal, openRunJournal} from '../source/journal/sqlite-run-journal.ts';

const MiB = 1024 ** 2;
const appendsPerRound = 1500;
const agents = 200;
const run = 'bench';
const leastAppendRatio = 0.8;
const mostFoldSeconds = 2.5;

type Operation = 'fold' | 'parse' | 'list';

interface Measured {
	readonly ms: number;
	/** Peak resident memory of the whole process, bytes. */
	readonly memory: number;
}

const plan: UpgradePlan = {
	cluster: 'Bench',
	goal: 'upgrade',
	package: {
		file: 'DataMiner 10.6.4.0-16868 Full Upgrade.dmupgrade',
		size: 1200 * MiB,
		kind: 'full',
		label: 'release',
		prerequisites: [],
		executor: true,
		actions: [],
		restarts: 'agent',
		unpackedSize: 3000 * MiB,
		problems: [],
	},
	agents: Array.from({length: agents}, (_, index) => `DMA-${index}`),
	wholeCluster: true,
	options: defaultUpgradeOptions,
	policy: 'Simultaneously',
	steps: [],
	warnings: [],
};

const setup: RunSetup = {
	run,
	plan,
	operator: {user: 'bench', host: 'bench'},
	packagePath: '/bench',
	packageSha256: 'ab'.repeat(32),
	inventory: {},
	takeOverLocks: false,
	acknowledged: [],
};

/** What makes up nearly all of a long run: lines of the Agents' logs, and how far the uploads are. */
function factOf(index: number): RunFact {
	const agent = `DMA-${index % agents}`;
	return index % 4 === 0
		? {type: 'upload.progressed', agent, bytes: index * 4096}
		: {
				type: 'agent.progressed',
				agent,
				line: {type: 'progress', message: `Extracting Skyline.DataMiner.Library.Number${index}.dll...`},
				nextOffset: index * 71,
			};
}

function openJournal(folder: string): SqliteRunJournal {
	return openRunJournal(folder, {
		clock: systemClock,
		onNotice({message}) {
			throw new Error(message);
		},
	});
}

async function appendsPerSecond(seat: RunnerSeat): Promise<number> {
	const start = performance.now();
	for (let index = 0; index < appendsPerRound; index++) {
		await seat.append(factOf(index));
	}

	return (appendsPerRound * 1000) / (performance.now() - start);
}

function plainAppendsPerSecond(file: number): number {
	const start = performance.now();
	for (let index = 0; index < appendsPerRound; index++) {
		writeSync(file, `${JSON.stringify({...factOf(index), sequence: index, at: Date.now()})}\n`);
		fdatasyncSync(file);
	}

	return (appendsPerRound * 1000) / (performance.now() - start);
}

const median = (values: readonly number[]) =>
	values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;

/** What a measuring process does; it prints a `Measured`. */
function measureHere(operation: Operation, folder: string): void {
	const start = performance.now();
	if (operation === 'parse') {
		const text = readFileSync(join(folder, 'events.json'), 'utf8');
		const begin = performance.now();
		if (!Array.isArray(JSON.parse(text))) {
			throw new Error('no events');
		}

		report(performance.now() - begin);
		return;
	}

	const journal = openJournal(folder);
	if (operation === 'list') {
		journal.list();
	} else {
		const reader = journal.reader(run);
		let state = emptyRunState;
		for (let events = reader.read(0); events.length > 0; events = reader.read(state.sequence)) {
			state = foldRun(state, events);
		}

		if (state.agents.size !== agents) {
			throw new Error('the fold is not that of the run');
		}
	}

	report(performance.now() - start);
	journal.close();
}

function report(ms: number): void {
	const measured: Measured = {ms, memory: process.resourceUsage().maxRSS * 1024};
	console.log(JSON.stringify(measured));
}

function measure(operation: Operation, folder: string): Measured {
	const parameters = [...process.execArgv, import.meta.filename, operation, folder];
	return JSON.parse(execFileSync(process.execPath, parameters, {encoding: 'utf8'})) as Measured;
}

async function fill(seat: RunnerSeat, count: number): Promise<void> {
	const part = 10_000;
	for (let index = 0; index < count; index += part) {
		await seat.append(...Array.from({length: Math.min(part, count - index)}, (_, at) => factOf(index + at)));
	}
}

async function compare(rounds: number, events: number): Promise<void> {
	// Beside the sources: where temporary files live, there may be no disk.
	const base = join(import.meta.dirname, '..', 'node_modules', '.cache');
	await mkdir(base, {recursive: true});
	const folder = await mkdtemp(join(base, 'bench-journal-'));
	try {
		const journal = openJournal(folder);
		journal.create(setup);
		const seat = journal.takeSeat(run, {token: 'bench', pid: process.pid, host: 'bench'});
		await seat.append({type: 'run.started', run, plan, operator: setup.operator});
		const plain = openSync(join(folder, 'plain'), 'a');
		const ours: number[] = [];
		const theirs: number[] = [];
		// The first round warms everything up and does not count.
		for (let round = 0; round <= rounds; round++) {
			const [one, other] = [await appendsPerSecond(seat), plainAppendsPerSecond(plain)];
			if (round > 0) {
				ours.push(one);
				theirs.push(other);
			}
		}

		closeSync(plain);
		console.log(`Node ${process.version}, ${cpus().length} cores, medians of ${rounds} rounds`);
		const ratio = median(ours) / median(theirs);
		console.log(
			`append   ${median(ours).toFixed(0)}/s on the disk one by one; append + fdatasync: ${median(theirs).toFixed(0)}/s; ratio ${ratio.toFixed(2)} ${verdict(ratio >= leastAppendRatio)} (at least ${leastAppendRatio})`,
		);
		await fill(seat, events);
		seat.leave();
		const all: string[] = [];
		const reader = journal.reader(run);
		for (let part = reader.read(0); part.length > 0; part = reader.read(all.length)) {
			for (const event of part) {
				all.push(JSON.stringify(event));
			}
		}

		writeFileSync(join(folder, 'events.json'), `[${all.join(',')}]`);
		journal.close();
		const measured = {fold: [] as Measured[], parse: [] as Measured[], list: [] as Measured[]};
		for (let round = 0; round <= rounds; round++) {
			for (const operation of ['fold', 'parse', 'list'] as const) {
				const one = measure(operation, folder);
				if (round > 0) {
					measured[operation].push(one);
				}
			}
		}

		const time = (operation: Operation) => median(measured[operation].map(({ms}) => ms));
		const memory = Math.max(...measured.fold.map(one => one.memory)) / MiB;
		const seconds = time('fold') / 1000;
		console.log(
			`fold     ${seconds.toFixed(2)} s for ${all.length} events from ${(statSync(join(folder, 'journal.db')).size / MiB).toFixed(0)} MiB, ${memory.toFixed(0)} MiB at most; JSON.parse: ${(time('parse') / 1000).toFixed(2)} s; ratio ${(time('fold') / time('parse')).toFixed(2)}; ${verdict(seconds <= mostFoldSeconds)} (at most ${mostFoldSeconds} s)`,
		);
		console.log(`list     ${time('list').toFixed(0)} ms to open the journal and list its runs`);
	} finally {
		await rm(folder, {recursive: true});
	}
}

function verdict(isGood: boolean): string {
	if (!isGood) {
		process.exitCode = 1;
	}

	return isGood ? 'ok' : 'TOO SLOW';
}

const [first, second] = process.argv.slice(2);
if (first === 'fold' || first === 'parse' || first === 'list') {
	measureHere(first, second ?? '');
} else {
	await compare(Number(first ?? 5), Number(second ?? 1_000_000));
}
