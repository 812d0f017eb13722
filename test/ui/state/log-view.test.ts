import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import type {LogEntry} from '../../../source/domain/run-log.ts';
import {type ListMotion, listMotions} from '../../../source/ui/state/list-view.ts';
import {
	type LogShape,
	type LogView,
	filterLog,
	followingLog,
	logWindow,
	scrollLog,
} from '../../../source/ui/state/log-view.ts';

/** Entries with gaps in their sequence numbers, as the events of other Agents leave them. */
function aLog(count: number, message = (index: number) => `line ${index}`): LogEntry[] {
	return Array.from({length: count}, (_, index) => ({
		sequence: index * 3 + 1,
		at: index * 1000,
		type: index % 4 === 0 ? 'Notice' : 'Information',
		message: message(index),
	}));
}

const shape: LogShape = {width: 40, height: 5, wrapped: false};

function shown(log: readonly LogEntry[], view: LogView, given = shape): readonly string[] {
	return logWindow(log, view, given).lines.map(({text}) => text);
}

function scrolled(log: readonly LogEntry[], ...motions: readonly ListMotion[]): LogView {
	return motions.reduce((view, motion) => scrollLog(log, view, motion, shape), followingLog);
}

describe('a log', () => {
	test('shows its end and follows it', () => {
		expect(shown(aLog(10), followingLog)).toEqual(['line 5', 'line 6', 'line 7', 'line 8', 'line 9']);
		expect(shown(aLog(11), followingLog).at(-1)).toBe('line 10');
	});

	test('keeps its place once it was scrolled up, and counts what arrives', () => {
		const view = scrolled(aLog(10), 'up');
		expect(shown(aLog(10), view)[0]).toBe('line 4');
		const later = logWindow(aLog(17), view, shape);
		expect(later.lines[0]?.text).toBe('line 4');
		expect(later).toMatchObject({newer: 7, following: false});
	});

	test('what is scrolled past is not new any more', () => {
		const view = scrollLog(aLog(17), scrolled(aLog(10), 'up'), 'page-down', shape);
		expect(shown(aLog(17), view)).toEqual(['line 8', 'line 9', 'line 10', 'line 11', 'line 12']);
		expect(logWindow(aLog(17), view, shape).newer).toBe(4);
	});

	test('follows again when its end is reached', () => {
		const view = scrolled(aLog(10), 'up', 'up', 'down');
		expect(view.anchor).toBeDefined();
		expect(scrollLog(aLog(10), view, 'down', shape).anchor).toBeUndefined();
		expect(scrolled(aLog(10), 'first', 'last').anchor).toBeUndefined();
	});

	test('a log that fits has nowhere to scroll to', () => {
		for (const motion of listMotions) {
			expect(scrolled(aLog(4), motion).anchor).toBeUndefined();
		}
	});

	test('long lines are wrapped, and scrolled line by line', () => {
		const log = aLog(4, index => `entry ${index} ${'word '.repeat(12)}end`);
		const wrapped = {...shape, wrapped: true};
		const end = logWindow(log, followingLog, wrapped);
		expect(end.lines).toHaveLength(5);
		expect(end.lines.at(-1)).toMatchObject({line: 1});
		const up = scrollLog(log, followingLog, 'up', wrapped);
		expect(logWindow(log, up, wrapped).lines.slice(1)).toEqual(end.lines.slice(0, -1));
	});

	test('the filter looks at types and messages, in any case of letters', () => {
		const log = aLog(9);
		expect(shown(log, filterLog(followingLog, 'NOTICE'))).toEqual(['line 0', 'line 4', 'line 8']);
		expect(shown(log, filterLog(followingLog, 'Line 7'))).toEqual(['line 7']);
		expect(logWindow(log, filterLog(followingLog, 'nothing'), shape)).toMatchObject({lines: [], matching: 0});
	});

	test('control characters of a message become visible', () => {
		expect(
			shown(
				aLog(1, () => 'a\u001B[2Jb'),
				followingLog,
			),
		).toEqual(['a\\x1b[2Jb']);
	});
});

describe('laws of following', () => {
	const motions = fc.array(fc.constantFrom(...listMotions), {maxLength: 30});
	const anyShape = fc.record({
		width: fc.integer({min: 8, max: 60}),
		height: fc.integer({min: 1, max: 12}),
		wrapped: fc.boolean(),
	});
	const messages = fc.array(fc.lorem({maxCount: 12}), {maxLength: 40});

	function run(log: readonly LogEntry[], given: LogShape, steps: readonly ListMotion[]): LogView {
		return steps.reduce((view, motion) => scrollLog(log, view, motion, given), followingLog);
	}

	test('a view that does not follow shows the same lines, whatever arrives', () => {
		fc.assert(
			fc.property(messages, messages, motions, anyShape, (before, after, steps, given) => {
				const all = aLog(before.length + after.length, index => [...before, ...after][index] ?? '');
				const log = all.slice(0, before.length);
				const view = run(log, given, steps);
				if (view.anchor !== undefined) {
					expect(logWindow(all, view, given).lines).toEqual(logWindow(log, view, given).lines);
					expect(logWindow(all, view, given).newer).toBeGreaterThanOrEqual(after.length);
				}
			}),
		);
	});

	test('a view that follows shows the newest line, and never has anything new', () => {
		fc.assert(
			fc.property(messages, motions, anyShape, (texts, steps, given) => {
				const log = aLog(texts.length, index => texts[index] ?? '');
				const view = run(log, given, steps);
				const shownNow = logWindow(log, view, given);
				expect(shownNow.following).toBe(view.anchor === undefined);
				if (shownNow.following && log.length > 0) {
					expect(shownNow.lines.at(-1)?.entry).toBe(log.at(-1));
					expect(shownNow.newer).toBe(0);
				}
			}),
		);
	});

	test('the window is full whenever there is enough to fill it', () => {
		fc.assert(
			fc.property(messages, motions, anyShape, (texts, steps, given) => {
				const log = aLog(texts.length, index => texts[index] ?? '');
				const {lines} = logWindow(log, run(log, given, steps), given);
				const everything = logWindow(log, followingLog, {...given, height: 10_000}).lines.length;
				expect(lines).toHaveLength(Math.min(given.height, everything));
			}),
		);
	});

	test('down undoes up', () => {
		fc.assert(
			fc.property(messages, fc.integer({min: 1, max: 20}), anyShape, (texts, count, given) => {
				const log = aLog(texts.length, index => texts[index] ?? '');
				const start = run(log, given, ['first']);
				if (start.anchor === undefined) {
					return;
				}

				const middle = run(log, given, ['first', ...Array.from({length: count}, () => 'down' as const)]);
				const back = scrollLog(log, scrollLog(log, middle, 'up', given), 'down', given);
				expect(logWindow(log, back, given).lines).toEqual(logWindow(log, middle, given).lines);
			}),
		);
	});
});
