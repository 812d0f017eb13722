import {expect, test} from 'vitest';
import {opensDashboard} from '../source/first-paint.ts';

const terminal = {TERM: 'xterm-256color'};

test.each([
	[[]],
	[['--lab']],
	[['--lab=7', '--ascii']],
	[['--fault', 'reboots@DMA-01', '--lab']],
	[['--speed', '60', '--lab']],
])('%j opens the dashboard', argv => {
	expect(opensDashboard(argv, terminal, true)).toBe(true);
});

test.each([
	[['inspect', 'x']],
	[['--lab', 'upgrade', 'x']],
	[['--help']],
	[['-h']],
	[['--version', '--lab']],
	[['-V']],
])('%j is a command', argv => {
	expect(opensDashboard(argv, terminal, true)).toBe(false);
});

test('without a terminal, or on a dumb one, nothing is painted', () => {
	expect(opensDashboard(['--lab'], terminal, false)).toBe(false);
	expect(opensDashboard(['--lab'], {TERM: 'dumb'}, true)).toBe(false);
});
