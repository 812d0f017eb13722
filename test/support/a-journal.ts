import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {systemClock} from '../../source/commands/system-clock.ts';
import type {Clock} from '../../source/domain/clock.ts';
import type {RunEvent} from '../../source/domain/run-event.ts';
import type {Failure} from '../../source/domain/user-error.ts';
import type {JournalReader} from '../../source/journal/journal.ts';
import type {RunSetup, Runner} from '../../source/journal/run-journal.ts';
import {
	type RunJournalOptions,
	type SqliteRunJournal,
	openRunJournal,
} from '../../source/journal/sqlite-run-journal.ts';
import {aPlan, edith} from './a-run.ts';

export function aSetup(changes: Partial<RunSetup> = {}): RunSetup {
	return {
		run: 'r1',
		plan: aPlan(),
		operator: edith,
		packagePath: '/home/edith/packages/full.dmupgrade',
		packageSha256: 'ab'.repeat(32),
		inventory: {cluster: 'Practice', agents: [{name: 'DMA-01', address: '10.0.0.1'}]},
		takeOverLocks: false,
		acknowledged: [],
		...changes,
	};
}

export function aRunner(token: string, changes: Partial<Runner> = {}): Runner {
	return {token, pid: process.pid, host: 'jump-01', ...changes};
}

export function everyEvent(reader: JournalReader): RunEvent[] {
	const events: RunEvent[] = [];
	for (let part = reader.read(0); part.length > 0; part = reader.read(events.length)) {
		events.push(...part);
	}

	return events;
}

/** A state folder of a test, and the journals that were opened in it. */
export class JournalFolder {
	readonly folder: string = mkdtempSync(path.join(tmpdir(), 'dms-upgrade-journal-'));
	/** What was told of the journal, by whatever connection. */
	readonly notices: Failure[] = [];
	readonly #opened = new Set<SqliteRunJournal>();

	get file(): string {
		return path.join(this.folder, 'journal.db');
	}

	/** One more connection, as another process has it. */
	open(options: Partial<RunJournalOptions> & {readonly clock?: Clock} = {}): SqliteRunJournal {
		const journal = openRunJournal(this.folder, {
			clock: systemClock,
			host: 'jump-01',
			onNotice: notice => this.notices.push(notice),
			...options,
		});
		this.#opened.add(journal);
		return journal;
	}

	close(journal: SqliteRunJournal): void {
		this.#opened.delete(journal);
		journal.close();
	}

	closeAll(): void {
		for (const journal of [...this.#opened]) {
			this.close(journal);
		}
	}

	remove(): void {
		this.closeAll();
		rmSync(this.folder, {recursive: true, force: true, maxRetries: 5});
	}
}
