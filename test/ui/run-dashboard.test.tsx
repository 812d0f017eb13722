import {describe, expect, test} from 'vitest';
import {runDashboard} from '../../source/ui/run-dashboard.tsx';
import {splashFrame} from '../../source/ui/splash.ts';
import {MemoryPorts} from '../support/memory-ports.ts';
import {bytesOf, fakeTerminal, waitFor} from '../support/mount.tsx';
import {anUpgrade} from '../support/progress-situations.ts';

function begin({ports = new MemoryPorts(), signal}: {ports?: MemoryPorts; signal?: AbortSignal} = {}) {
	const fake = fakeTerminal();
	const text = () => fake.screen().join('\n');
	const ended = runDashboard({
		ports,
		appearance: {color: true, ascii: false, animated: false},
		stdin: fake.stdin,
		stdout: fake.stdout,
		...(signal && {signal}),
	});
	return {
		...fake,
		ports,
		text,
		ended,
		shows: (described: (text: string) => boolean) => waitFor(text, described),
	};
}

describe('the dashboard', () => {
	test('is left by q, and the terminal is then as it was', async () => {
		const run = begin();
		await run.shows(text => text.includes('Agents › Manage'));
		expect(run.terminal.buffer.active.type).toBe('alternate');
		run.send('q');
		await expect(run.ended).resolves.toEqual({reason: 'left'});
		expect(run.terminal.buffer.active.type).toBe('normal');
		expect(run.stdin.isRaw).toBe(false);
		expect(run.ports.clock.sleeping).toBe(0);
		expect(run.ports.view.listening).toBe(0);
	});

	test('is left by ctrl+c twice, after it said what that means', async () => {
		const ports = new MemoryPorts();
		await ports.keep(anUpgrade());
		const run = begin({ports});
		await run.shows(text => text.includes('Agents › Manage'));
		run.send(bytesOf('ctrl+c'));
		await run.shows(
			text => text.includes('Once more ctrl+c leaves.') && text.includes('attach 2026-03-06-1'),
		);
		run.send(bytesOf('ctrl+c'));
		await expect(run.ended).resolves.toEqual({reason: 'left', run: '2026-03-06-1'});
	});

	test('is left when its owner says so', async () => {
		const owner = new AbortController();
		const run = begin({signal: owner.signal});
		await run.shows(text => text.includes('Agents › Manage'));
		owner.abort();
		await expect(run.ended).resolves.toEqual({reason: 'left'});
		expect(run.terminal.buffer.active.type).toBe('normal');
	});

	test('ends with the error that nobody foresaw, after the terminal is as it was', async () => {
		const ports = new MemoryPorts();
		const run = begin({ports});
		await run.shows(text => text.includes('Agents › Manage'));
		// The next look at the data fails, outside of any frame.
		Object.assign(ports.cluster, {
			current: () => {
				throw new Error('the unforeseen');
			},
		});
		ports.view.set(undefined);
		ports.clock.advance(100);
		await expect(run.ended).rejects.toThrow('the unforeseen');
		expect(run.terminal.buffer.active.type).toBe('normal');
	});
});

describe('the splash', () => {
	test.each([
		[80, 24, false],
		[120, 40, false],
		[80, 24, true],
		[40, 10, false],
		[1, 1, true],
	])('of %i x %i fills the terminal and not more', (columns, rows, ascii) => {
		const lines = splashFrame({columns, rows, ascii}).split('\n');
		expect(lines).toHaveLength(rows);
		for (const line of lines) {
			expect(line.length).toBeLessThanOrEqual(columns);
		}

		if (ascii) {
			expect(lines.join('')).toMatch(/^[\u0020-\u007E]*$/);
		}
	});

	test('has the tabs and the keys where the first frame has them', async () => {
		const run = begin();
		await run.shows(text => text.includes('Agents › Manage'));
		const first = run.screen();
		const splash = splashFrame({columns: 80, rows: 24, ascii: false}).split('\n');
		expect(splash[1]).toBe(first[1]);
		expect(splash[23]).toBe(first[23]);
		run.send('q');
		await run.ended;
	});
});
