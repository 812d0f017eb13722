import {setImmediate as nextTurn} from 'node:timers/promises';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import type {RunId} from '../../source/domain/run-event.ts';
import {UserError} from '../../source/domain/user-error.ts';
import {Store} from '../../source/ui/store.ts';
import {topOverlay} from '../../source/ui/state/dashboard.ts';
import {aClusterView} from '../support/a-cluster.ts';
import {MemoryPorts} from '../support/memory-ports.ts';
import {ARun, aPlan, aSummary} from '../support/a-run.ts';
import {aFailedRun, aLongLog, aRetriedRun, aTestedRun} from '../support/progress-situations.ts';
import {somePackages} from '../support/schedule-situations.ts';

class NoSuchRunError extends UserError {
	readonly code = 'NO_SUCH_RUN';
	readonly nextSteps = [];
}

class SilentHost {
	readonly asked: string[] = [];

	suspend(): Promise<void> {
		this.asked.push('suspend');
		return Promise.resolve();
	}

	redraw(): Promise<void> {
		this.asked.push('redraw');
		return Promise.resolve();
	}

	leave(): void {
		this.asked.push('leave');
	}
}

let ports: MemoryPorts;
let host: SilentHost;
let store: Store;
let changes: number;
const unforeseen: unknown[] = [];

beforeEach(async () => {
	ports = new MemoryPorts();
	host = new SilentHost();
	store = new Store(ports, {columns: 80, rows: 24});
	store.start(host, error => unforeseen.push(error));
	await settled();
	changes = 0;
	store.subscribe(() => {
		changes++;
	});
});

afterEach(() => {
	store.stop();
	expect(unforeseen).toEqual([]);
});

/** Lets everything that is due happen. */
async function settled(): Promise<void> {
	await nextTurn();
	await nextTurn();
}

async function later(milliseconds: number): Promise<void> {
	ports.clock.advance(milliseconds);
	await settled();
}

function press(...keys: readonly string[]): void {
	for (const key of keys) {
		store.dispatch({type: 'key', key});
	}
}

test('what the ports know is there from the first frame on', () => {
	const fresh = new Store(ports, {columns: 80, rows: 24});
	expect(fresh.current().data.cluster).toBe(ports.view.current());
});

describe('news from outside', () => {
	test('come at once when it was quiet', async () => {
		await later(200);
		changes = 0;
		ports.view.set(aClusterView({singles: 7}));
		await settled();
		expect(store.current().data.cluster?.cluster.agents).toHaveLength(9);
		expect(changes).toBe(1);
	});

	test('come together, ten times a second, however many there are', async () => {
		await later(200);
		changes = 0;
		for (let count = 1; count <= 500; count++) {
			ports.view.set(aClusterView({singles: count}));
		}

		expect(changes).toBe(1);
		await later(100);
		expect(changes).toBe(2);
		expect(store.current().data.cluster?.cluster.agents).toHaveLength(502);
		await later(100);
		expect(changes).toBe(2);
	});

	test('of a run are folded once each', async () => {
		ports.initialRun = await startedRun();
		ports.summaries.set([aSummary(new ARun(aPlan(), ports.initialRun))]);
		await later(1000);
		expect(store.current().data).toMatchObject({shown: 'r1', standing: 'going on', run: {sequence: 1}});
		await ports.journalOf('r1').append({type: 'phase.started', phase: 'upload'});
		await later(100);
		expect(store.current().data.run).toMatchObject({sequence: 2, phase: 'upload'});
	});
});

test('a run that is started from the dashboard is followed at once', async () => {
	ports.listings.set(somePackages);
	const asking = new Store(ports, {columns: 80, rows: 24});
	asking.start(host, error => unforeseen.push(error));
	for (const key of ['2', 'enter']) {
		asking.dispatch({type: 'key', key});
	}

	await settled();
	// What the look found comes with the next batch of news.
	await later(100);
	for (const key of ['U', ...letters('Practice'), 'enter']) {
		asking.dispatch({type: 'key', key});
	}

	await settled();
	expect(ports.asked).toContain('start a run of 5 Agents');
	expect(asking.current().screen).toBe('progress');
	await later(100);
	expect(asking.current().data.run?.plan?.agents).toHaveLength(5);
	asking.stop();
});

describe('a run of the list', () => {
	test('is opened with all that happened in it, and another one after it', async () => {
		const first = new ARun(aPlan(), 'first');
		const second = new ARun(aPlan(), 'second');
		await ports.keep(aFailedRun(aTestedRun(first)), {standing: 'paused'});
		await ports.keep(aLongLog(aTestedRun(second)), {standing: 'interrupted'});
		await later(200);
		press('4', 'down', 'enter');
		await settled();
		expect(store.current()).toMatchObject({
			screen: 'progress',
			data: {shown: 'first', standing: 'paused', run: {outcome: 'failed', sequence: first.events.length}},
			overlays: [],
		});
		press('q', 'up', 'enter');
		await settled();
		expect(store.current()).toMatchObject({
			data: {shown: 'second', standing: 'interrupted', run: {sequence: second.events.length}},
			overlays: [{dialog: {title: 'Go on with the upgrade?'}}],
		});
		press('y');
		await settled();
		expect(ports.asked).toEqual(['retry second']);
	});

	test('that is not shown any more changes nothing of the one that is', async () => {
		await ports.keep(aFailedRun(aTestedRun(new ARun(aPlan(), 'first'))), {standing: 'paused'});
		await ports.keep(aRetriedRun(aFailedRun(aTestedRun(new ARun(aPlan(), 'second')))));
		await later(200);
		press('4', 'enter');
		await settled();
		press('q', 'down', 'enter');
		await settled();
		const before = store.current().data.run;
		await ports.journalOf('second').append({type: 'note', text: 'Nobody looks.'});
		await later(1000);
		expect(store.current().data.run).toBe(before);
	});

	test('is gone through event by event, however fast the keys come', async () => {
		const run = aFailedRun();
		await ports.keep(run, {standing: 'paused'});
		await later(200);
		press('4', 'enter');
		await settled();
		press('<', '<', '<', '<', '>');
		expect(store.current().data).toMatchObject({
			past: {event: {sequence: run.events.length - 3}},
			run: {sequence: run.events.length},
		});
		await ports.journalOf('2026-03-06-1').append({type: 'note', text: 'Later.'});
		await later(100);
		expect(store.current().data).toMatchObject({
			past: {event: {sequence: run.events.length - 3}},
			run: {sequence: run.events.length + 1},
		});
		press('esc');
		expect(store.current().data.past).toBeUndefined();
		expect(store.current().screen).toBe('progress');
	});

	test('that cannot be read is told, and the list is shown again', async () => {
		await ports.keep(aFailedRun(), {standing: 'paused'});
		await later(200);
		Object.assign(ports.runs, {
			open: () => {
				throw new NoSuchRunError('Its events are gone.');
			},
		});
		press('4', 'enter');
		await settled();
		expect(store.current()).toMatchObject({
			screen: 'runs',
			overlays: [{dialog: {title: 'The run could not be opened', lines: ['Its events are gone.']}}],
		});
	});

	test('of any length is read in slices, with room for keys in between', async () => {
		const long = new ARun(aPlan(), 'long');
		for (let line = 0; line < 45_000; line++) {
			long.record({type: 'note', text: `line ${line}`});
		}

		await ports.keep(long, {standing: 'over', outcome: 'done'});
		await later(200);
		press('4', 'enter');
		await nextTurn();
		const sequences: number[] = [];
		store.subscribe(() => sequences.push(store.current().data.run?.sequence ?? 0));
		for (let turn = 0; turn < 10; turn++) {
			await later(100);
		}

		expect(store.current().data.behind).toBeUndefined();
		expect(store.current().data.run?.sequence).toBe(45_001);
		expect(new Set(sequences)).toContain(40_000);
	});
});

test('time goes by once a second', async () => {
	const before = store.current().now;
	await later(1000);
	expect(store.current().now).toBe(before + 1000);
});

describe('what is asked of the outside', () => {
	test('is done, and its answer is shown', async () => {
		press('X', 'y');
		expect(store.current().data.underWay?.get('DMA-01')).toBe('stop');
		await settled();
		expect(ports.asked).toEqual(['stop DMA-01', 'refresh']);
		expect(store.current().toast?.text).toBe('DataMiner was stopped on DMA-01.');
		expect(store.current().data.underWay?.size).toBe(0);
	});

	test('comes back as a dialog when it fails', async () => {
		ports.controlAnswer = Promise.reject(new Error('It is on fire.'));
		press('X', 'y');
		await settled();
		const overlay = topOverlay(store.current());
		expect(overlay?.kind === 'dialog' && overlay.dialog.lines[0]).toBe('It is on fire.');
		expect(store.current().data.underWay?.size).toBe(0);
	});

	test('of the terminal goes to its owner', async () => {
		press('ctrl+z', 'ctrl+l', 'q');
		await settled();
		expect(host.asked).toEqual(['suspend', 'redraw', 'leave']);
	});
});

test('after it was stopped nothing calls back and nobody waits', async () => {
	ports.initialRun = await startedRun();
	ports.view.set(aClusterView());
	await later(1000);
	store.stop();
	await settled();
	const last = store.current();
	expect(last.data.run?.sequence).toBe(1);
	changes = 0;
	ports.view.set(aClusterView({singles: 1}));
	await ports.journalOf('r1').append({type: 'phase.started', phase: 'upload'});
	await later(5000);
	press('j');
	expect(changes).toBe(0);
	expect(store.current()).toBe(last);
	expect(ports.view.listening).toBe(0);
	expect(ports.listings.listening).toBe(0);
	expect(ports.summaries.listening).toBe(0);
	expect(ports.clock.sleeping).toBe(0);
});

function startedRun(): Promise<RunId> {
	return ports.runs.start(aPlan(), '/packages/p', {takeOverLocks: false, acknowledged: []});
}

function letters(text: string): readonly string[] {
	return text.split('');
}
