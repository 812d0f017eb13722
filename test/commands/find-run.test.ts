import {afterEach, beforeEach, expect, test} from 'vitest';
import {findRun} from '../../source/commands/find-run.ts';
import {UsageError} from '../../source/commands/usage-error.ts';
import type {SqliteRunJournal} from '../../source/journal/sqlite-run-journal.ts';
import {JournalFolder, aSetup} from '../support/a-journal.ts';

let folder: JournalFolder;
let journal: SqliteRunJournal;

beforeEach(() => {
	folder = new JournalFolder();
	journal = folder.open();
});

afterEach(() => folder.remove());

function begin(...runs: string[]): void {
	for (const run of runs) {
		journal.create(aSetup({run}));
	}
}

test('a run is found by its id or the beginning of it', () => {
	begin('20260112-153000-aa', '20260112-153000-ab', '20260113-080000-ac');
	expect(findRun(journal, '20260112-153000-aa').run).toBe('20260112-153000-aa');
	expect(findRun(journal, '20260113').run).toBe('20260113-080000-ac');
});

test('an id that is the beginning of another one is still meant as an id', () => {
	begin('a', 'ab');
	expect(findRun(journal, 'a').run).toBe('a');
});

test('without one it is the newest that is not over', () => {
	begin('a', 'b');
	expect(findRun(journal, undefined).run).toBe('b');
});

test('what fits several runs names none, and it is said which', () => {
	begin('20260112-153000-aa', '20260112-153000-ab');
	expect(() => findRun(journal, '20260112')).toThrow(
		'20260112 is the beginning of 2 runs: 20260112-153000-ab, 20260112-153000-aa.',
	);
});

test('an empty one names none, even where there is only one run: a script may have lost its variable', () => {
	begin('a');
	expect(() => findRun(journal, '')).toThrow(UsageError);
	expect(() => findRun(journal, '')).toThrow('RUN is empty.');
});

test('an unknown one is told without what a terminal would act upon', () => {
	begin('a');
	expect(() => findRun(journal, '\u001B[31mx')).toThrow(String.raw`There is no run \x1b[31mx.`);
});

test('where nothing was begun yet, that is said', () => {
	expect(() => findRun(journal, undefined)).toThrow('There is no run yet.');
});
