import {hostname} from 'node:os';
import {readFileSync, readdirSync, writeFileSync} from 'node:fs';
import {afterAll, afterEach, beforeEach, expect, test} from 'vitest';
import type {RunEvent} from '../../source/domain/run-event.ts';
import {JournalFolder, aRunner, aSetup, everyEvent} from '../support/a-journal.ts';
import {eventually} from '../support/eventually.ts';
import {JournalProcess, bundleJournalProcess} from '../support/journal-processes.ts';

const bundle = await bundleJournalProcess();
afterAll(() => bundle.remove());

let folder: JournalFolder;
const started: JournalProcess[] = [];

beforeEach(() => {
	folder = new JournalFolder();
});

afterEach(async () => {
	await Promise.all(started.splice(0).map(each => each.kill()));
	folder.remove();
});

function start(): JournalProcess {
	const one = new JournalProcess(bundle.file, folder.folder);
	started.push(one);
	return one;
}

/** Which batches stand in a run; throws where one is torn or out of place. */
function batchesIn(events: readonly RunEvent[]): number[] {
	const batches: number[] = [];
	events.forEach((event, place) => {
		expect(event.sequence).toBe(place + 1);
	});
	for (let place = 0; place < events.length;) {
		const words = (index: number) => {
			const event = events[index];
			return event?.type === 'note' ? event.text.split(' ').slice(0, 3).map(Number) : [];
		};
		const [batch = 0, size = 0] = words(place);
		for (let index = 0; index < size; index++) {
			expect(words(place + index)).toEqual([batch, size, index]);
		}

		batches.push(batch);
		place += size;
	}

	return batches;
}

test('a writer killed again and again in the middle of appending: what was told as kept is there, in order, none torn', async () => {
	let journal = folder.open();
	let positions = 0;
	for (let round = 0; round < 12; round++) {
		const run = `r${round}`;
		journal.create(aSetup({run}));
		const writer = start();
		expect(await writer.ask(`seat ${run}`)).toBe(0);
		if (round % 3 === 0) {
			// Nobody else has it open: the one who opens it next recovers it.
			folder.close(journal);
		}

		writer.tell('forever');
		const wanted = 1 + round * 7;
		await eventually(() => writer.answers.length >= wanted);
		await writer.kill();
		if (round % 3 === 0) {
			journal = folder.open();
		}

		const kept = Number(writer.answers.at(-1));
		const events = everyEvent(journal.reader(run));
		expect(events.length).toBeGreaterThanOrEqual(kept);
		const batches = batchesIn(events);
		expect(batches).toEqual(batches.map((_, index) => index + 1));
		positions += batches.length;
	}

	expect(positions).toBeGreaterThan(100);
	expect(folder.notices).toEqual([]);
});

test('a reader in another process sees everything that a writer appends, in order and without a gap', async () => {
	const journal = folder.open();
	journal.create(aSetup());
	const seen: RunEvent[] = [];
	const reader = journal.reader('r1');
	reader.subscribe(() => seen.push(...reader.read(seen.length)));
	const writer = start();
	await writer.ask('seat r1');
	let last = 0;
	for (let batch = 1; batch <= 200; batch++) {
		last = Number(await writer.ask(`append ${batch} ${1 + (batch % 4)}`));
	}

	await eventually(() => seen.length === last);
	expect(batchesIn(seen)).toHaveLength(200);
});

test('300 races for a seat between four processes: there is one winner each time', async () => {
	const journal = folder.open();
	const racers = Array.from({length: 4}, start);
	await Promise.all(racers.map(racer => racer.ask('open')));
	const wins = racers.map(() => 0);
	for (let race = 0; race < 300; race++) {
		const run = `r${race}`;
		journal.create(aSetup({run}));
		const answers = await Promise.all(racers.map(racer => racer.ask(`seat ${run}`)));
		const winners = answers.flatMap((answer, index) => (answer === 0 ? [index] : []));
		expect([race, winners]).toEqual([race, [expect.any(Number)]]);
		expect(answers.filter(answer => answer !== 0)).toEqual(
			Array.from({length: 3}, () => expect.objectContaining({code: 'RUN_HAS_RUNNER'}) as unknown),
		);
		wins[winners[0]!]!++;
	}

	expect(wins.filter(count => count > 0).length).toBeGreaterThan(1);
}, 120_000);

test('a runner that was killed is noticed by whoever looks on, well within 15 s, and its seat is free', async () => {
	const journal = folder.open({host: hostname()});
	journal.create(aSetup());
	const runner = start();
	await runner.ask('seat r1');
	await runner.ask('append 1 3');
	expect(journal.summary('r1').standing).toBe('going on');
	expect(() => journal.takeSeat('r1', aRunner('early'))).toThrow('is carried out by process');
	await runner.kill();
	const killedAt = Date.now();
	let noticed = false;
	journal.subscribe(() => (noticed = journal.summary('r1').standing === 'interrupted'));
	await eventually(() => noticed || journal.summary('r1').standing === 'interrupted');
	expect(Date.now() - killedAt).toBeLessThan(15_000);
	expect(journal.takeSeat('r1', aRunner('next')).history).toHaveLength(3);
});

test('processes that open a new journal at the same time begin one', async () => {
	const openers = Array.from({length: 6}, start);
	expect(await Promise.all(openers.map(opener => opener.ask('list')))).toEqual(openers.map(() => []));
	const journal = folder.open();
	journal.create(aSetup());
	expect(await Promise.all(openers.map(opener => opener.ask('list')))).toEqual(openers.map(() => ['r1']));
	expect(await Promise.all(openers.map(opener => opener.ask('open')))).toEqual(openers.map(() => []));
});

test('processes that open a damaged journal at the same time: one mends it and tells, the others use what it made', async () => {
	const journal = folder.open();
	journal.create(aSetup());
	folder.close(journal);
	writeFileSync(
		folder.file,
		Buffer.concat([Buffer.alloc(100, 'x'), readFileSync(folder.file).subarray(100)]),
	);
	const openers = Array.from({length: 6}, start);
	const told = await Promise.all(openers.map(opener => opener.ask('open')));
	expect(told.flat()).toEqual(['JOURNAL_MOVED_ASIDE']);
	expect(readdirSync(folder.folder).filter(name => name.includes('.damaged-'))).toHaveLength(1);
	folder.open().create(aSetup({run: 'r2'}));
	expect(await Promise.all(openers.map(opener => opener.ask('list')))).toEqual(openers.map(() => ['r2']));
});

test('nothing is told on stderr: not that SQLite is experimental either', async () => {
	const opener = start();
	expect(await opener.ask('list')).toEqual([]);
	await opener.end();
	expect(opener.stderr).toBe('');
});

test('every other warning is still told', async () => {
	const opener = start();
	await opener.ask('list');
	await opener.ask('warn');
	await opener.end();
	expect(opener.stderr).toContain('ExperimentalWarning: Fetching is an experimental feature');
});
