import {expect, test} from 'vitest';
import type {RunRequest} from '../../source/domain/run-event.ts';
import {MemoryJournal} from '../../source/journal/memory-journal.ts';

const stop: RunRequest = {kind: 'stop', operator: {user: 'edith', host: 'jump'}};

test('facts get their place and time, and are read from any place on', async () => {
	const journal = new MemoryJournal({now: () => 42});
	const [first] = await journal.append({type: 'note', text: 'a'}, {type: 'note', text: 'b'});
	expect(first).toEqual({type: 'note', text: 'a', sequence: 1, at: 42});
	await journal.append({type: 'note', text: 'c'});
	expect(journal.read(1).map(event => event.sequence)).toEqual([2, 3]);
	expect(journal.read(3)).toEqual([]);
});

test('readers hear of each append until they have enough', async () => {
	const journal = new MemoryJournal({now: () => 0});
	let heard = 0;
	const enough = journal.subscribe(() => heard++);
	await journal.append({type: 'note', text: 'a'});
	enough();
	await journal.append({type: 'note', text: 'b'});
	expect(heard).toBe(1);
});

test('a request that was left before anybody listened is not lost', async () => {
	const journal = new MemoryJournal({now: () => 0});
	await journal.request(stop);
	const heard: RunRequest[] = [];
	const enough = journal.onRequest(request => heard.push(request));
	await journal.request(stop);
	enough();
	await journal.request(stop);
	expect(heard).toEqual([stop, stop]);
});
