import {readFileSync, readdirSync} from 'node:fs';
import path from 'node:path';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {RunExistsError, UnknownRunError} from '../../source/journal/run-journal-errors.ts';
import {JournalFolder, aRunner, aSetup} from '../support/a-journal.ts';
import {aPlan, edith, kim} from '../support/a-run.ts';
import {eventually} from '../support/eventually.ts';
import {ManualClock} from '../support/manual-clock.ts';

let folder: JournalFolder;

beforeEach(() => {
	folder = new JournalFolder();
});

afterEach(() => folder.remove());

const upgradeFailed = {code: 'UPGRADE_FAILED', message: 'It failed.', nextSteps: []};

test('what a run was begun with is there for another runner, unchanged', () => {
	const setup = aSetup({inventory: {agents: [{name: 'DMA-01', identityFile: '/home/edith/key'}]}});
	folder.open().create(setup);
	expect(folder.open().setup('r1')).toEqual(setup);
});

test('a run that there is not is no run, whatever is asked of it', () => {
	const journal = folder.open();
	const asked = [
		() => journal.setup('r1'),
		() => journal.summary('r1'),
		() => journal.reader('r1'),
		() => journal.takeSeat('r1', aRunner('a')),
	];
	for (const ask of asked) {
		expect(ask).toThrow(UnknownRunError);
	}
});

test('a run is created once, and stays as it was created', () => {
	const journal = folder.open();
	journal.create(aSetup());
	expect(() => journal.create(aSetup({packagePath: '/elsewhere'}))).toThrow(RunExistsError);
	expect(journal.setup('r1').packagePath).toBe(aSetup().packagePath);
});

test('the list shows the newest first, each as far as it has come', async () => {
	const clock = new ManualClock(1000);
	const journal = folder.open({clock});
	journal.create(aSetup());
	const seat = journal.takeSeat('r1', aRunner('a'));
	clock.advance(500);
	await seat.append({type: 'run.started', run: 'r1', plan: aPlan(), operator: edith});
	clock.advance(500);
	await seat.append({type: 'run.finished', outcome: 'done'});
	seat.leave();
	journal.create(aSetup({run: 'r2', operator: kim}));
	expect(folder.open({clock}).list()).toEqual([
		expect.objectContaining({run: 'r2', standing: 'interrupted', startedAt: 2000, operator: kim}),
		{
			run: 'r1',
			cluster: 'Practice',
			goal: 'upgrade',
			package: aPlan().package,
			packagePath: aSetup().packagePath,
			packageSha256: aSetup().packageSha256,
			agents: aPlan().agents,
			operator: edith,
			startedAt: 1500,
			finishedAt: 2000,
			outcome: 'done',
			standing: 'over',
			canRetry: false,
		},
	]);
});

test('a run goes on while it has a runner, pauses where it went wrong, and is over when it is given up', async () => {
	const journal = folder.open();
	const onlooker = folder.open();
	const standing = () => onlooker.summary('r1').standing;
	journal.create(aSetup());
	const seat = journal.takeSeat('r1', aRunner('a'));
	await seat.append(
		{type: 'run.started', run: 'r1', plan: aPlan(), operator: edith},
		{type: 'launch.started', agent: 'DMA-02'},
		{type: 'note', text: 'nothing that the list would show'},
	);
	expect(standing()).toBe('going on');
	await seat.append(
		{type: 'agent.failed', agent: 'DMA-02', failure: upgradeFailed},
		{type: 'run.finished', outcome: 'failed', failure: upgradeFailed},
	);
	expect(onlooker.summary('r1')).toMatchObject({standing: 'paused', outcome: 'failed', canRetry: true});
	await seat.append({type: 'run.retried', operator: kim, agents: ['DMA-02']});
	expect(standing()).toBe('going on');
	expect(onlooker.summary('r1')).not.toHaveProperty('outcome');
	seat.leave();
	expect(standing()).toBe('interrupted');
	await journal
		.takeSeat('r1', aRunner('b'))
		.append({type: 'run.finished', outcome: 'unknown'}, {type: 'run.ended', operator: kim});
	expect(onlooker.summary('r1')).toMatchObject({standing: 'over', canRetry: false});
});

test('whoever looks on the list hears of changes of any run, by whatever connection', async () => {
	const journal = folder.open();
	const onlooker = folder.open();
	let heard = 0;
	onlooker.subscribe(() => heard++);
	journal.create(aSetup());
	await eventually(() => heard === 1);
	journal.create(aSetup({run: 'r2'}));
	await eventually(() => heard === 2);
	await journal.takeSeat('r1', aRunner('a')).append({type: 'note', text: 'a'});
	await eventually(() => heard > 2);
});

test('whoever looks on one run is not woken by another one', async () => {
	const journal = folder.open();
	journal.create(aSetup());
	journal.create(aSetup({run: 'r2'}));
	const [one, other] = ['r1', 'r2'].map(run => journal.takeSeat(run, aRunner('a')));
	const onlooker = folder.open();
	const heard: string[] = [];
	onlooker.reader('r1').subscribe(() => heard.push('r1'));
	onlooker.reader('r2').subscribe(() => heard.push('r2'));
	await other!.append({type: 'note', text: 'a'});
	await eventually(() => heard.length === 1);
	await one!.append({type: 'note', text: 'a'});
	await eventually(() => heard.length === 2);
	expect(heard).toEqual(['r2', 'r1']);
});

test('a reader that subscribes hears of what another process wrote since it has read', async () => {
	const journal = folder.open();
	journal.create(aSetup());
	const seat = journal.takeSeat('r1', aRunner('a'));
	const reader = folder.open().reader('r1');
	expect(reader.read(0)).toEqual([]);
	await seat.append({type: 'note', text: 'a'});
	let heard = 0;
	reader.subscribe(() => heard++);
	await eventually(() => heard === 1);
	expect(reader.read(0)).toHaveLength(1);
});

test('nothing is written by looking on', () => {
	const journal = folder.open();
	journal.create(aSetup());
	const log = () => readFileSync(`${folder.file}-wal`);
	const before = log();
	const onlooker = folder.open();
	onlooker.list();
	onlooker.reader('r1').read(0);
	onlooker.subscribe(() => undefined)();
	expect(log().equals(before)).toBe(true);
	expect(
		readdirSync(folder.folder)
			.map(name => path.extname(name))
			.toSorted(),
	).toEqual(['.db', '.db-shm', '.db-wal', '.lock']);
});
