import {setImmediate as nextTurn} from 'node:timers/promises';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {Store} from '../../source/ui/store.ts';
import {topOverlay} from '../../source/ui/state/dashboard.ts';
import {aClusterView} from '../support/a-cluster.ts';
import {MemoryPorts} from '../support/memory-ports.ts';
import {aPlan} from '../support/a-run.ts';
import {somePackages} from '../support/schedule-situations.ts';

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
		const journal = await ports.runs.start(aPlan(), '/packages/p');
		await later(1000);
		expect(store.current().data.run?.sequence).toBe(1);
		await ports.journal?.append({type: 'phase.started', phase: 'upload'});
		await later(100);
		expect(store.current().data.run).toMatchObject({sequence: 2, phase: 'upload'});
		expect(journal.read(0)).toHaveLength(2);
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
	await ports.runs.start(aPlan(), '/packages/p');
	await later(1000);
	store.stop();
	await settled();
	const last = store.current();
	changes = 0;
	ports.view.set(aClusterView({singles: 1}));
	await ports.journal?.append({type: 'phase.started', phase: 'upload'});
	await later(5000);
	press('j');
	expect(changes).toBe(0);
	expect(store.current()).toBe(last);
	expect(ports.view.listening).toBe(0);
	expect(ports.listings.listening).toBe(0);
	expect(ports.clock.sleeping).toBe(0);
});

function letters(text: string): readonly string[] {
	return text.split('');
}
