import {afterEach, beforeEach, expect, test, vi} from 'vitest';
import {PausableLimit} from '../../../../source/transport/ssh/network/pausable-limit.ts';

beforeEach(() => {
	vi.useFakeTimers({toFake: ['setTimeout', 'clearTimeout', 'performance']});
});
afterEach(() => {
	vi.useRealTimers();
});

test('a limit does not count the time in which it stands still', () => {
	const expired = vi.fn();
	const limit = new PausableLimit(1000, expired);
	vi.advanceTimersByTime(900);
	limit.pause();
	vi.advanceTimersByTime(60_000);
	limit.resume();
	vi.advanceTimersByTime(99);
	expect(expired).not.toHaveBeenCalled();
	vi.advanceTimersByTime(1);
	expect(expired).toHaveBeenCalledOnce();
});

test('a limit that was cleared is over for good', () => {
	const expired = vi.fn();
	const limit = new PausableLimit(1000, expired);
	limit.clear();
	limit.resume();
	vi.advanceTimersByTime(10_000);
	expect(expired).not.toHaveBeenCalled();
});
