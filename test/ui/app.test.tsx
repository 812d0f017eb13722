import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {App} from '../../source/ui/app.tsx';
import {keymap} from '../../source/ui/input/keymap.ts';
import type {DashboardState} from '../../source/ui/state/dashboard.ts';
import {Store} from '../../source/ui/store.ts';
import {aClusterView} from '../support/a-cluster.ts';
import {MemoryPorts} from '../support/memory-ports.ts';
import {type MountOptions, type Mounted, bytesOf, flawsOf, mount, pasted} from '../support/mount.tsx';

interface Running extends Mounted {
	readonly store: Store;
	readonly ports: MemoryPorts;
}

async function withApp(
	drive: (app: Running) => Promise<void> | void,
	options: MountOptions = {},
): Promise<void> {
	const ports = new MemoryPorts();
	ports.view.set(aClusterView({singles: 30}));
	const store = new Store(ports, {columns: options.columns ?? 80, rows: options.rows ?? 24});
	const mounted = await mount(<App store={store} title="dms-upgrade" />, options);
	try {
		await drive({...mounted, store, ports});
	} finally {
		await mounted.unmount();
	}
}

test('five arrows in one chunk move five rows, and so do five letters', async () => {
	await withApp(async app => {
		await app.type(bytesOf('down').repeat(5));
		expect(app.store.current().screens.manage.selected).toBe('DMA-06');
		await app.type('jjjjj');
		expect(app.store.current().screens.manage.selected).toBe('DMA-11');
		expect(app.text()).toContain('❯  ● DMA-11');
	});
});

test('keys in one chunk lead where they lead one by one', async () => {
	// Leaving and what redraws the terminal end or pause the program that is being tried.
	const left = new Set(['ctrl+z', 'ctrl+l', 'ctrl+c', 'q', 'esc']);
	const keys = [...new Set(keymap.flatMap(binding => binding.keys))].filter(key => !left.has(key));
	const sequences = fc.array(fc.constantFrom(...keys, 'y', 'e'), {minLength: 1, maxLength: 10});
	await fc.assert(
		fc.asyncProperty(sequences, async sequence => {
			const ends: DashboardState[] = [];
			for (const chunks of [[sequence.map(bytesOf).join('')], sequence.map(bytesOf)]) {
				await withApp(async app => {
					for (const chunk of chunks) {
						await app.type(chunk);
					}

					ends.push(app.store.current());
				});
			}

			expect(withoutTime(ends[0])).toEqual(withoutTime(ends[1]));
		}),
		{numRuns: 10},
	);
});

/** Answers of effects arrive between single keys and after a burst; they are no part of the law. */
function withoutTime(state: DashboardState | undefined) {
	return {
		screen: state?.screen,
		manage: state?.screens.manage,
		overlays: state?.overlays,
	};
}

test('pasted text is typed where text is typed, and nothing elsewhere', async () => {
	await withApp(async app => {
		await app.type(pasted('Xy\r'));
		expect(app.store.current().overlays).toEqual([]);
		await app.type(`/${pasted('dma-07\r\n')}`);
		expect(app.store.current().screens.manage.filter).toBe('dma-07');
		expect(app.ports.asked).toEqual([]);
	});
});

test('a lone escape closes, even if the rest of an arrow follows it', async () => {
	await withApp(async app => {
		await app.type('?');
		expect(app.text()).toContain('Help');
		await app.type('\u001B');
		await app.until(text => !text.includes('Help'));
		await app.type('[A');
		expect(app.store.current().overlays).toEqual([]);
		expect(app.store.current().toast).toBeUndefined();
	});
});

test('every frame fits the terminal while it is resized', async () => {
	await withApp(async app => {
		for (const [columns, rows] of [
			[120, 40],
			[80, 24],
			[200, 60],
			[81, 25],
		] as const) {
			await app.resize(columns, rows);
			await app.until(text => text.split('\n').at(-1)?.includes('? help') === true);
			expect(flawsOf(app, {columns, rows, variant: 'color'})).toEqual([]);
		}
	});
});

describe('on a terminal that is too small', () => {
	test.each([
		[79, 24],
		[80, 23],
		[20, 5],
		[2, 1],
	])('of %i x %i there is a notice until it is larger', async (columns, rows) => {
		await withApp(
			async app => {
				expect(flawsOf(app, {columns, rows, variant: 'color'})).toEqual([]);
				if (columns >= 40) {
					expect(app.text()).toContain('too small');
				}

				await app.resize(80, 24);
				await app.until(text => text.includes('Agents › Manage'));
			},
			{columns, rows},
		);
	});
});

test('ctrl+l draws everything anew', async () => {
	await withApp(async app => {
		app.stdout.write('\u001B[2J\u001B[5;5Hgarbage of another program');
		await app.until(text => text.includes('garbage'));
		await app.type(bytesOf('ctrl+l'));
		await app.until(text => !text.includes('garbage') && text.includes('Agents › Manage'));
		await app.type('j');
		expect(app.store.current().screens.manage.selected).toBe('DMA-02');
	});
});
