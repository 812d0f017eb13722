import {execFileSync, spawnSync} from 'node:child_process';
import {
	chmodSync,
	existsSync,
	mkdirSync,
	readFileSync,
	readdirSync,
	rmSync,
	statSync,
	writeFileSync,
} from 'node:fs';
import {DatabaseSync} from 'node:sqlite';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {journalFormat} from '../../source/journal/journal-schema.ts';
import {openRunJournal} from '../../source/journal/sqlite-run-journal.ts';
import {systemClock} from '../../source/commands/system-clock.ts';
import {JournalFolder, aRunner, aSetup, everyEvent} from '../support/a-journal.ts';
import {asNobody} from '../support/as-nobody.ts';
import {note} from '../support/journal-contract.ts';

let folder: JournalFolder;

beforeEach(() => {
	folder = new JournalFolder();
});

afterEach(() => folder.remove());

/** Does something to the file that no dms-upgrade does. */
function tamper(sql: string): void {
	const database = new DatabaseSync(folder.file);
	database.exec(sql);
	database.close();
}

const pragma = (name: string) => {
	const database = new DatabaseSync(folder.file, {readOnly: true});
	try {
		return Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0];
	} finally {
		database.close();
	}
};

async function beginRun(): Promise<void> {
	const journal = folder.open();
	journal.create(aSetup());
	const seat = journal.takeSeat('r1', aRunner('first'));
	await seat.append(note('a'), note('b'));
	seat.leave();
	folder.close(journal);
}

const open = () => () => folder.open();
const withCode = (code: string) => expect.objectContaining({code}) as unknown as Error;

describe('a journal', () => {
	test('is one file that says what it is and of which format', () => {
		folder.close(folder.open());
		expect(readdirSync(folder.folder).toSorted()).toEqual(['journal.db', 'journal.db.lock']);
		expect([pragma('user_version'), pragma('application_id'), pragma('journal_mode')]).toEqual([
			journalFormat,
			0x64_6d_73_75,
			'wal',
		]);
	});

	test.skipIf(process.platform === 'win32')('is for its owner alone, and is made so again', async () => {
		const journal = folder.open();
		journal.create(aSetup());
		const modes = () =>
			readdirSync(folder.folder).map(name => statSync(`${folder.folder}/${name}`).mode & 0o777);
		expect(new Set(modes())).toEqual(new Set([0o600]));
		for (const name of readdirSync(folder.folder)) {
			chmodSync(`${folder.folder}/${name}`, 0o644);
		}

		const another = folder.open();
		await another.takeSeat('r1', aRunner('first')).append(note('a'));
		expect(statSync(folder.file).mode & 0o777).toBe(0o600);
		expect(statSync(`${folder.file}-wal`).mode & 0o777).toBe(0o600);
	});

	test('is on the disk before it counts: every commit waits for it', async () => {
		await beginRun();
		const journal = folder.open();
		const seat = journal.takeSeat('r1', aRunner('second'));
		await seat.append(note('c'));
		// What lies on the disk now, as a power cut would leave it.
		const [database, log] = [readFileSync(folder.file), readFileSync(`${folder.file}-wal`)];
		const after = new JournalFolder();
		try {
			writeFileSync(after.file, database);
			writeFileSync(`${after.file}-wal`, log);
			expect(everyEvent(after.open().reader('r1'))).toHaveLength(3);
			expect(after.notices).toEqual([]);
		} finally {
			after.remove();
		}
	});

	test('of a newer version is refused as it is, not touched', async () => {
		await beginRun();
		tamper(`PRAGMA user_version = ${journalFormat + 1}`);
		const before = readFileSync(folder.file);
		expect(open()).toThrow(withCode('JOURNAL_NEWER'));
		expect(readFileSync(folder.file).equals(before)).toBe(true);
		expect(readdirSync(folder.folder).filter(name => name.includes('damaged'))).toEqual([]);
		tamper(`PRAGMA user_version = ${journalFormat}`);
		expect(folder.open().list()).toHaveLength(1);
	});

	test('that somebody else keeps there under its name is moved aside whole', () => {
		tamper("CREATE TABLE recipes (name TEXT); INSERT INTO recipes VALUES ('soup')");
		expect(folder.open().list()).toEqual([]);
		const [aside] = readdirSync(folder.folder).filter(name => name.includes('damaged'));
		expect(folder.notices).toMatchObject([
			{code: 'JOURNAL_MOVED_ASIDE', message: expect.stringContaining('no journal of this program') as string},
		]);
		const database = new DatabaseSync(`${folder.folder}/${aside}`);
		expect(database.prepare('SELECT name FROM recipes').all()).toMatchObject([{name: 'soup'}]);
		database.close();
	});

	test('that was moved away while it was open is not written any more', async () => {
		await beginRun();
		const journal = folder.open();
		const seat = journal.takeSeat('r1', aRunner('second'));
		for (const name of readdirSync(folder.folder)) {
			rmSync(`${folder.folder}/${name}`);
		}

		await expect(seat.append(note('c'))).rejects.toThrow(withCode('JOURNAL_REPLACED'));
	});
});

describe('what the user can do something about', () => {
	test('no right to write in the folder', async () => {
		await beginRun();
		chmodSync(folder.folder, 0o555);
		try {
			await asNobody(() => {
				expect(open()).toThrow(withCode('JOURNAL_READ_ONLY'));
				return Promise.resolve();
			});
		} finally {
			chmodSync(folder.folder, 0o700);
		}

		expect(folder.open().list()).toHaveLength(1);
	});

	test('a folder that is missing, or is a file', () => {
		for (const missing of [`${folder.folder}/missing`, folder.file]) {
			writeFileSync(folder.file, 'in the way');
			expect(() => openRunJournal(missing, {clock: systemClock, onNotice: () => undefined})).toThrow(
				withCode('JOURNAL_READ_ONLY'),
			);
		}
	});

	test('a folder in the place of the file', () => {
		mkdirSync(folder.file);
		expect(open()).toThrow(withCode('JOURNAL_READ_ONLY'));
	});

	test('a process that does not let go of it', async () => {
		await beginRun();
		const holder = new DatabaseSync(folder.file);
		holder.exec('BEGIN IMMEDIATE');
		try {
			const journal = folder.open();
			expect(journal.list()).toHaveLength(1);
			expect(() => journal.create(aSetup({run: 'r2'}))).toThrow(withCode('JOURNAL_BUSY'));
		} finally {
			holder.close();
		}
	}, 20_000);
});

/** A disk of 400 KiB; only root may make one. */
function mountTinyDisk(): boolean {
	return (
		process.platform === 'linux' &&
		spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=400k', 'tmpfs', folder.folder]).status === 0
	);
}

test('a full disk is told, what was kept before stays, and it goes on when there is space', async context => {
	if (!mountTinyDisk()) {
		context.skip();
	}

	try {
		const journal = folder.open();
		journal.create(aSetup());
		const seat = journal.takeSeat('r1', aRunner('first'));
		const ballast = `${folder.folder}/ballast`;
		writeFileSync(ballast, Buffer.alloc(150_000));
		let kept = 0;
		let failed: unknown;
		while (failed === undefined) {
			await seat.append(note('x'.repeat(2000)), note('y')).then(
				events => (kept += events.length),
				(error: unknown) => (failed = error),
			);
		}

		expect(failed).toMatchObject({code: 'JOURNAL_DISK_FULL'});
		expect(kept).toBeGreaterThan(10);
		expect(everyEvent(folder.open().reader('r1'))).toHaveLength(kept);
		rmSync(ballast);
		await seat.append(note('z'));
		expect(everyEvent(journal.reader('r1')).at(-1)).toMatchObject({text: 'z', sequence: kept + 1});
		expect(folder.notices).toEqual([]);
	} finally {
		folder.closeAll();
		execFileSync('umount', [folder.folder]);
	}

	expect(existsSync(folder.file)).toBe(false);
});
