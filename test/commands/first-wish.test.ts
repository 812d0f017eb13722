import {afterEach, beforeEach, expect, test} from 'vitest';
import {firstWish, wishLimit} from '../../source/commands/first-wish.ts';
import type {RunRequest} from '../../source/domain/run-event.ts';
import type {RunnerSeat} from '../../source/journal/run-journal.ts';
import type {SqliteRunJournal} from '../../source/journal/sqlite-run-journal.ts';
import {JournalFolder, aRunner, aSetup} from '../support/a-journal.ts';
import {edith} from '../support/a-run.ts';
import {ManualClock} from '../support/manual-clock.ts';

let folder: JournalFolder;
let journal: SqliteRunJournal;
let seat: RunnerSeat;
const clock = new ManualClock(0);

beforeEach(() => {
	folder = new JournalFolder();
	journal = folder.open();
	journal.create(aSetup());
	seat = journal.takeSeat('r1', aRunner('first'));
});

afterEach(() => folder.remove());

const ask = (kind: RunRequest['kind']) => journal.reader('r1').request({kind, operator: edith});

/** What is still to be heard, in order, by whoever carries the run out. */
function leftOpen(): RunRequest['kind'][] {
	const kinds: RunRequest['kind'][] = [];
	seat.onRequest(({kind}) => {
		kinds.push(kind);
		return Promise.resolve();
	})();
	return kinds;
}

test('a runner does what the operator wished last: one that never came may have left an earlier wish unheard', async () => {
	await ask('retry');
	await ask('end');
	expect(await firstWish(seat, clock)).toEqual({kind: 'end', operator: edith});
	expect(leftOpen()).toEqual([]);
});

test('a stop from before the wish is answered by it', async () => {
	await ask('stop');
	await ask('retry');
	expect(await firstWish(seat, clock)).toEqual({kind: 'retry', operator: edith});
	expect(leftOpen()).toEqual([]);
});

test('a stop from after the wish is left to whoever carries it out', async () => {
	await ask('retry');
	await ask('stop');
	expect(await firstWish(seat, clock)).toEqual({kind: 'retry', operator: edith});
	expect(leftOpen()).toEqual(['stop']);
});

test('where nobody wishes anything, a runner does not wait forever', async () => {
	const wish = firstWish(seat, clock);
	clock.advance(wishLimit);
	expect(await wish).toBeUndefined();
});
