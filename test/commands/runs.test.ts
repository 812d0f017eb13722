import {closeSync, openSync, statSync, writeSync} from 'node:fs';
import {mkdir, mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {systemClock} from '../../source/commands/system-clock.ts';
import {openRunJournal} from '../../source/journal/sqlite-run-journal.ts';
import {aRunner, aSetup} from '../support/a-journal.ts';
import {note} from '../support/journal-contract.ts';
import {runProgram} from '../support/run-program.ts';

let base: string;
let folder: string;

beforeEach(async () => {
	base = await mkdtemp(path.join(tmpdir(), 'dms-upgrade-test-'));
	folder = path.join(base, 'dms-upgrade');
	await mkdir(folder, {mode: 0o700});
});

afterEach(() => rm(base, {recursive: true, force: true}));

const run = (...args: string[]) => runProgram(args, {environment: {XDG_STATE_HOME: base}});

test('the history of a computer on which nothing was begun is empty', async () => {
	expect(await run('runs')).toEqual({exitCode: 0, stdout: 'No runs yet.\n', stderr: ''});
	expect(await run('runs', '--json')).toEqual({exitCode: 0, stdout: '', stderr: ''});
});

function writeJournal(): void {
	const journal = openRunJournal(folder, {clock: systemClock, onNotice: () => undefined});
	journal.create(aSetup());
	const seat = journal.takeSeat('r1', aRunner('runner'));
	for (let index = 0; index < 2000; index++) {
		void seat.append(note(`number ${index}`));
	}

	seat.leave();
	journal.close();
}

function damageJournal(): void {
	const file = path.join(folder, 'journal.db');
	const handle = openSync(file, 'r+');
	const page = 4096;
	for (let at = 12 * page; at < statSync(file).size; at += page) {
		writeSync(handle, Buffer.alloc(64, 0xff), 0, 64, at);
	}

	closeSync(handle);
}

test('of a damaged journal nobody is told that it is empty; programs read why in objects', async () => {
	writeJournal();
	damageJournal();
	const first = await run('attach', 'r1', '--json');
	expect(first.exitCode).toBe(1);
	expect(JSON.parse(first.stderr)).toMatchObject({code: 'JOURNAL_DAMAGED'});
	const second = await run('runs', '--json');
	expect(second.stdout).toBe('');
	expect(JSON.parse(second.stderr)).toMatchObject({
		code: 'JOURNAL_MOVED_ASIDE',
		message: expect.stringContaining('Not whole any more: r1.') as string,
	});
	expect(await run('runs')).toEqual({exitCode: 0, stdout: 'No runs yet.\n', stderr: ''});
});
