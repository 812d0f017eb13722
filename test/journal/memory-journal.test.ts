import {expect, test} from 'vitest';
import {MemoryJournal} from '../../source/journal/memory-journal.ts';

test('its readers are told before the append is over, so that nothing is painted late', async () => {
	const journal = new MemoryJournal({now: () => 42});
	const heard: number[] = [];
	journal.subscribe(() => heard.push(journal.read(0).length));
	const appended = journal.append({type: 'note', text: 'a'}, {type: 'note', text: 'b'});
	expect(heard).toEqual([2]);
	await appended;
});
