import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import type {RunRequest} from '../../source/domain/run-event.ts';
import {leaseLasts} from '../../source/journal/leases-table.ts';
import {LeaseLostError, RunHasRunnerError} from '../../source/journal/run-journal-errors.ts';
import {leaseRenewal} from '../../source/journal/run-journal.ts';
import type {SqliteRunJournal} from '../../source/journal/sqlite-run-journal.ts';
import {JournalFolder, aRunner, aSetup, everyEvent} from '../support/a-journal.ts';
import {edith} from '../support/a-run.ts';
import {eventually} from '../support/eventually.ts';
import {note} from '../support/journal-contract.ts';
import {ManualClock} from '../support/manual-clock.ts';

let folder: JournalFolder;
let clock: ManualClock;
/** The runner's computer, and one that shares the state folder with it. */
let here: SqliteRunJournal;
let elsewhere: SqliteRunJournal;

const stop: RunRequest = {kind: 'stop', operator: edith};

beforeEach(() => {
	folder = new JournalFolder();
	clock = new ManualClock(Date.UTC(2026, 2, 6, 22, 0, 0));
	here = folder.open({clock});
	elsewhere = folder.open({clock, host: 'jump-02'});
	here.create(aSetup());
});

afterEach(() => folder.remove());

test('a dead runner is noticed within 15 s, and a living one has three renewals for one', () => {
	expect(leaseLasts).toBeLessThan(15_000);
	expect(leaseLasts).toBeGreaterThan(3 * leaseRenewal);
});

describe('while a runner renews its lease', () => {
	test('nobody else gets the seat, and whoever tries is told who has it', () => {
		const seat = here.takeSeat('r1', aRunner('first', {pid: 4711}));
		clock.advance(leaseRenewal);
		seat.renew();
		const since = Date.UTC(2026, 2, 6, 22, 0, 0);
		for (const journal of [elsewhere, folder.open({clock, processExists: () => true})]) {
			expect(() => journal.takeSeat('r1', aRunner('second'))).toThrow(
				expect.objectContaining({
					code: 'RUN_HAS_RUNNER',
					holder: expect.objectContaining({pid: 4711, host: 'jump-01', since}) as unknown,
				}),
			);
		}
	});

	test('the seat of another run is free', () => {
		here.create(aSetup({run: 'r2'}));
		here.takeSeat('r1', aRunner('first'));
		expect(here.takeSeat('r2', aRunner('second')).history).toEqual([]);
	});

	test('its clock may be set back and forth', () => {
		const seat = here.takeSeat('r1', aRunner('first'));
		clock.advance(-3_600_000);
		seat.renew();
		expect(() => elsewhere.takeSeat('r1', aRunner('second'))).toThrow(RunHasRunnerError);
	});
});

describe('a runner that died', () => {
	test('on the same computer gives its seat free at once', async () => {
		await here.takeSeat('r1', aRunner('first', {pid: 4711})).append(note('a'));
		const journal = folder.open({clock, processExists: pid => pid !== 4711});
		expect(journal.summary('r1').standing).toBe('interrupted');
		expect(journal.takeSeat('r1', aRunner('second')).history).toMatchObject([{text: 'a', sequence: 1}]);
	});

	test('on another computer, or whose process number another has now, is waited for', () => {
		here.takeSeat('r1', aRunner('first'));
		clock.advance(leaseLasts - 1);
		expect(() => elsewhere.takeSeat('r1', aRunner('second'))).toThrow(RunHasRunnerError);
		expect(elsewhere.summary('r1').standing).toBe('going on');
		clock.advance(1);
		expect(elsewhere.summary('r1').standing).toBe('interrupted');
		expect(elsewhere.takeSeat('r1', aRunner('second')).history).toEqual([]);
	});

	test('is noticed by whoever looks on, without that anybody writes', async () => {
		here.takeSeat('r1', aRunner('first'));
		let heard = 0;
		elsewhere.subscribe(() => heard++);
		clock.advance(leaseLasts);
		await eventually(() => heard === 1);
		expect(elsewhere.list()[0]?.standing).toBe('interrupted');
	});
});

describe('a runner whose lease was taken over', () => {
	test('appends nothing any more, and is told so', async () => {
		const first = here.takeSeat('r1', aRunner('first'));
		await first.append(note('first'));
		clock.advance(leaseLasts);
		const second = elsewhere.takeSeat('r1', aRunner('second'));
		const late = first.append(note('late'));
		await expect(late).rejects.toThrow(LeaseLostError);
		expect(() => first.renew()).toThrow(LeaseLostError);
		await second.append(note('second'));
		expect(everyEvent(here.reader('r1')).map(event => 'text' in event && event.text)).toEqual([
			'first',
			'second',
		]);
	});

	test('does not take the seat away from the other one by leaving', () => {
		const first = here.takeSeat('r1', aRunner('first'));
		clock.advance(leaseLasts);
		elsewhere.takeSeat('r1', aRunner('second', {host: 'jump-02'}));
		first.leave();
		expect(() => here.takeSeat('r1', aRunner('third'))).toThrow(RunHasRunnerError);
	});

	test('does not handle requests any more: they are left to the other one', async () => {
		const first = here.takeSeat('r1', aRunner('first'));
		const {promise: handled, resolve: handle} = Promise.withResolvers<undefined>();
		const {promise: heard, resolve: hear} = Promise.withResolvers<undefined>();
		first.onRequest(() => {
			hear(undefined);
			return handled;
		});
		await here.reader('r1').request(stop);
		await heard;
		clock.advance(leaseLasts);
		const second = elsewhere.takeSeat('r1', aRunner('second'));
		handle(undefined);
		await expect(first.append(note('late'))).rejects.toThrow(LeaseLostError);
		const requests: RunRequest[] = [];
		second.onRequest(request => {
			requests.push(request);
			return Promise.resolve();
		});
		expect(requests).toEqual([stop]);
	});
});

test('a seat that was left is free, and what was appended just before is kept', async () => {
	const first = here.takeSeat('r1', aRunner('first'));
	const appended = first.append(note('a'), note('b'));
	first.leave();
	expect(elsewhere.takeSeat('r1', aRunner('second')).history).toEqual(await appended);
	await expect(first.append(note('c'))).rejects.toThrow(LeaseLostError);
});

test('closing the journal writes down what was appended', async () => {
	const appended = here.takeSeat('r1', aRunner('first')).append(note('a'));
	folder.close(here);
	expect(everyEvent(elsewhere.reader('r1'))).toEqual(await appended);
});

test('requests outlive the runner that was to hear them', async () => {
	const first = here.takeSeat('r1', aRunner('first', {pid: 4711}));
	first.onRequest(() => new Promise(() => undefined));
	await elsewhere.reader('r1').request(stop);
	folder.close(here);
	const heard: RunRequest[] = [];
	const second = folder.open({clock, processExists: pid => pid !== 4711}).takeSeat('r1', aRunner('second'));
	second.onRequest(request => {
		heard.push(request);
		return Promise.resolve();
	});
	expect(heard).toEqual([stop]);
});
