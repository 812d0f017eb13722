import {
	cpSync,
	existsSync,
	readFileSync,
	readdirSync,
	rmSync,
	statSync,
	truncateSync,
	writeFileSync,
} from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import {afterAll, afterEach, beforeEach, describe, expect, test} from 'vitest';
import type {RunEvent} from '../../source/domain/run-event.ts';
import {UserError} from '../../source/domain/user-error.ts';
import type {SqliteRunJournal} from '../../source/journal/sqlite-run-journal.ts';
import {JournalFolder, aRunner, aSetup, everyEvent} from '../support/a-journal.ts';
import {aPlan, edith} from '../support/a-run.ts';
import {note} from '../support/journal-contract.ts';

const page = 4096;
const runs = ['r1', 'r2', 'r3'];
const next = 'next';
const original = new JournalFolder();
const written = new Map<string, readonly RunEvent[]>();

/** Three runs, begun one after the other and going on at the same time; the log holds what came last. */
async function writeOriginal(): Promise<void> {
	const journal = original.open();
	for (const run of runs) {
		journal.create(aSetup({run}));
	}

	const seats = runs.map(run => journal.takeSeat(run, aRunner(`runner of ${run}`)));
	await Promise.all(
		seats.map((seat, index) =>
			seat.append({type: 'run.started', run: runs[index]!, plan: aPlan(), operator: edith}),
		),
	);
	for (let turn = 0; turn < 150; turn++) {
		for (const [index, seat] of seats.entries()) {
			await seat.append(
				...Array.from({length: 1 + (turn % 3)}, () => note(`turn ${turn} of run ${index + 1} `.repeat(3))),
			);
		}
	}

	await seats[0]!.append({type: 'run.finished', outcome: 'done'});
	await journal.reader('r2').request({kind: 'stop', operator: edith});
	for (const seat of seats) {
		seat.leave();
	}

	for (const run of runs) {
		written.set(run, everyEvent(journal.reader(run)));
	}
}

await writeOriginal();
afterAll(() => original.remove());

let folder: JournalFolder;

/** A copy of the original, as a power cut would leave it. */
function copy(): JournalFolder {
	const copied = new JournalFolder();
	for (const ending of ['', '-wal']) {
		cpSync(original.file + ending, copied.file + ending);
	}

	return copied;
}

beforeEach(() => {
	folder = copy();
});

afterEach(() => folder.remove());

/** Later, when those who wrote the original are gone. */
const open = () => folder.open({processExists: () => false});

/** What was told of what was done, when the damage itself had been told. */
const repairs = () => folder.notices.filter(({code}) => code !== 'JOURNAL_DAMAGED');

const asides = () => readdirSync(folder.folder).filter(name => name.includes('.damaged-'));

/** Writes the log into the file, so that the file alone is the journal. */
function foldLog(): void {
	folder.close(open());
	expect(existsSync(`${folder.file}-wal`)).toBe(false);
}

function overwrite(file: string, at: number, bytes: Uint8Array): void {
	const content = readFileSync(file);
	content.set(bytes.subarray(0, content.length - at), at);
	writeFileSync(file, content);
}

/** The page of the file that holds a text. */
function pageWith(text: string): number {
	const at = readFileSync(folder.file).lastIndexOf(text);
	expect(at).toBeGreaterThan(0);
	return Math.floor(at / page);
}

/**
 * Everything that the journal can be asked, and a new run in it if there is none; what is found to be damaged is mended
 * by the next opening.
 */
async function readAll(): Promise<{
	readonly journal: SqliteRunJournal;
	readonly events: Map<string, readonly RunEvent[]>;
}> {
	for (let opening = 1; ; opening++) {
		expect(opening).toBeLessThan(4);
		const journal = open();
		const told = folder.notices.length;
		try {
			const events = new Map<string, readonly RunEvent[]>();
			for (const {run} of journal.list()) {
				journal.setup(run);
				events.set(run, everyEvent(journal.reader(run)));
			}

			if (!events.delete(next)) {
				journal.create(aSetup({run: next}));
			}

			await writeIn(journal);

			if (!folder.notices.slice(told).some(({code}) => code === 'JOURNAL_DAMAGED')) {
				return {journal, events};
			}
		} catch (error) {
			expect(error).toMatchObject({code: 'JOURNAL_DAMAGED'});
		}

		folder.close(journal);
	}
}

async function writeIn(journal: SqliteRunJournal): Promise<void> {
	const before = everyEvent(journal.reader(next)).length;
	const seat = journal.takeSeat(next, aRunner('next'));
	await seat.append(note('a'));
	seat.leave();
	expect(everyEvent(journal.reader(next))).toHaveLength(before + 1);
}

async function runsWhole(): Promise<string[]> {
	const {events} = await readAll();
	return runs.filter(run => JSON.stringify(events.get(run)) === JSON.stringify(written.get(run)));
}

test('a copy that nothing happened to is whole, and nobody is told anything', async () => {
	expect(await runsWhole()).toEqual(runs);
	expect(folder.notices).toEqual([]);
});

describe('a journal that is no database any more is moved aside, and a new one is begun', () => {
	test.each<[string, () => void]>([
		['random bytes', () => writeFileSync(folder.file, Buffer.from('no journal '.repeat(3000)))],
		['zeroes', () => writeFileSync(folder.file, Buffer.alloc(statSync(folder.file).size))],
		['a header that is cut', () => truncateSync(folder.file, 50)],
		['a first page of zeroes', () => overwrite(folder.file, 0, new Uint8Array(page))],
	])('%s', async (_, spoil) => {
		foldLog();
		spoil();
		const spoilt = readFileSync(folder.file);
		const {journal} = await readAll();
		expect(repairs()).toMatchObject([{code: 'JOURNAL_MOVED_ASIDE'}]);
		const [aside = ''] = asides();
		expect(folder.notices[0]?.nextSteps.join('\n')).toContain(aside);
		expect(readFileSync(path.join(folder.folder, aside)).equals(spoilt)).toBe(true);
		folder.close(journal);
		expect(open().list()[0]?.run).toBe(next);
		expect(folder.notices).toHaveLength(1);
	});

	test.each(['', 'S'])('an empty file (%j) beside a log that is not', async content => {
		writeFileSync(folder.file, content);
		expect((await readAll()).events.size).toBe(0);
		expect(folder.notices).toMatchObject([{code: 'JOURNAL_MOVED_ASIDE'}]);
		expect(asides().some(name => name.endsWith('-wal'))).toBe(true);
	});

	test('an empty file with nothing beside it, which is told in case that there was something in it', async () => {
		writeFileSync(folder.file, '');
		rmSync(`${folder.file}-wal`);
		expect((await readAll()).events.size).toBe(0);
		expect(folder.notices).toMatchObject([{code: 'JOURNAL_WAS_EMPTY'}]);
	});
});

describe('what is whole of a damaged journal is saved', () => {
	test('one broken page costs the run that it is of, and no other; both are named', async () => {
		foldLog();
		overwrite(folder.file, pageWith('turn 75 of run 2') * page, new Uint8Array(page).fill(0xa5));
		expect(await runsWhole()).toEqual(['r1', 'r3']);
		expect(repairs()).toMatchObject([{code: 'JOURNAL_MOVED_ASIDE'}]);
		expect(repairs()[0]?.message).toMatch(/2 runs of it saved.*Not whole any more: r2\./);
	});

	test('the other runs are listed, also before it is mended', () => {
		foldLog();
		const at = readFileSync(folder.file).indexOf('"packagePath":"/home/edith');
		overwrite(folder.file, at, Buffer.from('"packagePath":"/home/kim/a'));
		const journal = open();
		expect(journal.list()).toHaveLength(2);
		expect(journal.list()).toHaveLength(2);
		expect(folder.notices).toMatchObject([{code: 'JOURNAL_DAMAGED'}]);
	});

	test('an event that says something else than it said is found out', async () => {
		foldLog();
		const at = readFileSync(folder.file).lastIndexOf('turn 75 of run 3');
		overwrite(folder.file, at, Buffer.from('turn 76'));
		expect(await runsWhole()).toEqual(['r1', 'r2']);
		expect(repairs()[0]?.message).toContain('Not whole any more: r3.');
	});

	test('what a run was begun with is found out to be something else, too', async () => {
		foldLog();
		const at = readFileSync(folder.file).indexOf('"packagePath":"/home/edith');
		overwrite(folder.file, at, Buffer.from('"packagePath":"/home/kim/a'));
		const {events} = await readAll();
		expect(events.size).toBe(2);
		expect(repairs()[0]?.message).toContain('Not whole any more: ');
	});

	test('a run whose last events are gone is saved, and it is said that they are', async () => {
		foldLog();
		const content = readFileSync(folder.file);
		const header = pageWith('turn 149 of run 3') * page;
		// One cell fewer, as a flipped bit makes it: the page looks whole, and the last event of the last run is gone.
		content.writeUInt16BE(content.readUInt16BE(header + 3) - 1, header + 3);
		writeFileSync(folder.file, content);
		const {events} = await readAll();
		expect(events.get('r3')).toEqual(written.get('r3')?.slice(0, -1));
		expect(repairs()[0]?.message).toMatch(/3 runs of it saved.*Without their last events: r3\./);
	});

	test('with the requests that nobody has handled', async () => {
		foldLog();
		overwrite(folder.file, pageWith('turn 75 of run 3') * page, new Uint8Array(page));
		const {journal} = await readAll();
		const heard: string[] = [];
		journal.takeSeat('r2', aRunner('next')).onRequest(({kind}) => {
			heard.push(kind);
			return Promise.resolve();
		});
		expect(heard).toEqual(['stop']);
	});

	test('a runner that is at work is not disturbed by whoever opens a damaged journal', async () => {
		foldLog();
		overwrite(folder.file, pageWith('turn 75 of run 2') * page, new Uint8Array(page));
		const seat = open().takeSeat('r3', aRunner('at work'));
		const onlooker = folder.open({processExists: () => true});
		expect(() => onlooker.reader('r2').read(0)).toThrow(UserError);
		folder.close(onlooker);
		const another = folder.open({processExists: () => true});
		expect(another.summary('r3').standing).toBe('going on');
		await seat.append(note('goes on'));
		seat.leave();
		expect(asides()).toEqual([]);
		folder.closeAll();
		expect(everyEvent((await readAll()).journal.reader('r3')).at(-1)).toMatchObject({text: 'goes on'});
		expect(repairs()).toHaveLength(1);
	});

	test('whoever dies in the middle of the repair leaves it to the next one', async () => {
		foldLog();
		overwrite(folder.file, pageWith('turn 75 of run 2') * page, new Uint8Array(page));
		await readAll();
		folder.closeAll();
		// As if it had died when everything was saved, and the damaged one just moved away.
		cpSync(folder.file, `${folder.file}.saved`);
		rmSync(folder.file);
		expect(await runsWhole()).toEqual(['r1', 'r3']);
		expect(existsSync(`${folder.file}.saved`)).toBe(false);
	});
});

describe('a write-ahead log', () => {
	const log = () => `${folder.file}-wal`;
	const frame = (number: number) => 32 + (number - 1) * (24 + page);

	test('that is damaged in the middle is noticed: SQLite would take that place for its end', async () => {
		overwrite(log(), frame(8) + 1000, Buffer.from('spoilt'));
		const {events} = await readAll();
		expect(folder.notices).toMatchObject([{code: 'JOURNAL_MOVED_ASIDE'}]);
		expect(folder.notices[0]?.message).toMatch(/from frame 8 on, so that the last \d+ writes are lost/);
		for (const [run, found] of events) {
			expect(written.get(run)?.slice(0, found.length)).toEqual(found);
		}

		const aside = asides().find(name => name.endsWith('-wal'));
		expect(statSync(path.join(folder.folder, aside!)).size).toBe(statSync(`${original.file}-wal`).size);
	});

	test('without a readable beginning is noticed', async () => {
		overwrite(log(), 9, Buffer.from('spoilt'));
		await readAll();
		expect(folder.notices).toMatchObject([{code: 'JOURNAL_MOVED_ASIDE'}]);
	});

	test('whose last write was cut off, as by a power cut, counts up to there', async () => {
		truncateSync(log(), statSync(log()).size - 10);
		const {events} = await readAll();
		for (const [run, found] of events) {
			expect(written.get(run)?.slice(0, found.length)).toEqual(found);
		}

		expect(asides()).toEqual([]);
	});
});

/** What disks, file systems and people do to files. */
const damage = fc.record({
	file: fc.constantFrom('', '-wal'),
	folded: fc.boolean(),
	at: fc.nat(),
	act: fc.oneof(
		fc.record({kind: fc.constant('flip' as const), bit: fc.nat(7)}),
		fc.record({kind: fc.constant('overwrite' as const), bytes: fc.uint8Array({minLength: 1, maxLength: 64})}),
		fc.record({kind: fc.constant('page' as const), value: fc.nat(255)}),
		fc.record({kind: fc.constant('cut' as const)}),
	),
});
type Damage = typeof damage extends fc.Arbitrary<infer Value> ? Value : never;

function inflict({file, folded, at, act}: Damage): void {
	if (folded) {
		foldLog();
	}

	const target = folder.file + (folded ? '' : file);
	const {size} = statSync(target);
	// Half of the places are in the heads of pages, where the structure stands.
	const place =
		at % 2 === 0 ? at % size : Math.min(size - 1, Math.floor((at % size) / page) * page + (at % 40));
	switch (act.kind) {
		case 'flip':
			overwrite(target, place, Uint8Array.of(readFileSync(target)[place]! ^ (1 << act.bit)));
			break;
		case 'overwrite':
			overwrite(target, place, act.bytes);
			break;
		case 'page':
			overwrite(target, place - (place % page), new Uint8Array(page).fill(act.value));
			break;
		case 'cut':
			truncateSync(target, place);
			break;
	}
}

test('whatever happens to the files: nothing but UserErrors, nothing altered, nothing lost in silence', async () => {
	const outcomes = {untouched: 0, told: 0, shorter: 0};
	await fc.assert(
		fc.asyncProperty(damage, async inflicted => {
			folder.remove();
			folder = copy();
			inflict(inflicted);
			const {events} = await readAll();
			for (const [run, found] of events) {
				expect(found).toEqual(written.get(run)?.slice(0, found.length));
			}

			const whole = runs.every(run => events.get(run)?.length === written.get(run)?.length);
			const isTold = folder.notices.length > 0;
			// A log that ends early cannot be told from one that never was longer.
			const isShorterLog = inflicted.act.kind === 'cut' && inflicted.file === '-wal' && !inflicted.folded;
			expect(whole || isTold || isShorterLog).toBe(true);
			outcomes[whole ? 'untouched' : isTold ? 'told' : 'shorter']++;
		}),
		{numRuns: Number(process.env['DAMAGE_RUNS'] ?? 60)},
	);
	expect(outcomes.untouched).toBeGreaterThan(0);
	expect(outcomes.told).toBeGreaterThan(0);
});
