import {MemoryJournal} from '../../source/journal/memory-journal.ts';
import type {RunnerSeat} from '../../source/journal/run-journal.ts';
import {systemClock} from '../../source/commands/system-clock.ts';
import {JournalFolder, aRunner, aSetup} from '../support/a-journal.ts';
import {type OpenedJournal, describeJournal, now} from '../support/journal-contract.ts';

const clock = {...systemClock, now: () => now};

/** With one connection for both ends, or with one for each, as two processes have it. */
function openSqlite(connections: 1 | 2): OpenedJournal {
	const folder = new JournalFolder();
	const journal = folder.open({clock});
	journal.create(aSetup());
	let seat: RunnerSeat = journal.takeSeat('r1', aRunner('first'));
	return {
		writer: seat,
		reader: (connections === 1 ? journal : folder.open({clock})).reader('r1'),
		nextWriter: () => {
			seat.leave();
			seat = journal.takeSeat('r1', aRunner('next'));
			return seat;
		},
		close: () => folder.remove(),
	};
}

describeJournal('MemoryJournal', () => {
	const journal = new MemoryJournal({now: () => now});
	return {writer: journal, reader: journal, nextWriter: () => journal, close: () => undefined};
});
describeJournal('SqliteRunJournal, one connection', () => openSqlite(1));
describeJournal('SqliteRunJournal, a connection for each end', () => openSqlite(2));
