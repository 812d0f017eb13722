import fc from 'fast-check';
import {expect, test} from 'vitest';
import {
	type ListExtent,
	type ListView,
	listMotionOf,
	listMotions,
	moveList,
	settleList,
	startOfList,
	visibleRows,
} from '../../../source/ui/state/list-view.ts';

const extent = fc.record({count: fc.nat(200), height: fc.integer({min: 1, max: 50})});
const motions = fc.array(fc.constantFrom(...listMotions), {maxLength: 60});

function expectWhole(view: ListView, {count, height}: ListExtent): void {
	expect(view.cursor).toBeGreaterThanOrEqual(0);
	expect(view.cursor).toBeLessThanOrEqual(Math.max(0, count - 1));
	expect(view.cursor).toBeGreaterThanOrEqual(view.top);
	expect(view.cursor).toBeLessThan(view.top + height);
	// No empty rows are shown while there are rows above.
	expect(view.top).toBeLessThanOrEqual(Math.max(0, count - height));
}

test('the cursor is always on a row that is shown, also when list or screen change', () => {
	fc.assert(
		fc.property(motions, extent, motions, extent, (before, first, after, second) => {
			let view = startOfList;
			for (const motion of before) {
				view = moveList(view, motion, first);
				expectWhole(view, first);
			}

			view = settleList(view, second);
			expectWhole(view, second);
			for (const motion of after) {
				view = moveList(view, motion, second);
				expectWhole(view, second);
			}
		}),
	);
});

test('up undoes down, away from the ends', () => {
	const list = {count: 100, height: 10};
	const middle = {cursor: 50, top: 45};
	expect(moveList(moveList(middle, 'down', list), 'up', list)).toEqual(middle);
	expect(moveList(middle, 'first', list)).toEqual({cursor: 0, top: 0});
	expect(moveList(middle, 'last', list)).toEqual({cursor: 99, top: 90});
	expect(moveList(middle, 'page-down', list).cursor).toBe(59);
});

test('as many rows are shown as fit, with their places', () => {
	expect(visibleRows(['a', 'b', 'c', 'd'], {cursor: 3, top: 2}, 2)).toEqual([
		['c', 2],
		['d', 3],
	]);
	expect(visibleRows([], startOfList, 5)).toEqual([]);
});

test('an action says its motion at the end of its id', () => {
	expect(listMotionOf('manage.page-down')).toBe('page-down');
	expect(listMotionOf('up')).toBe('up');
	expect(listMotionOf('manage.upgrade')).toBeUndefined();
});
