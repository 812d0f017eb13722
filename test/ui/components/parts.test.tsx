import {render} from 'ink-testing-library';
import {afterEach, describe, expect, test, vi} from 'vitest';
import {Activity} from '../../../source/ui/components/activity.tsx';
import {ChoiceList} from '../../../source/ui/components/choice-list.tsx';
import {AppearanceProvider} from '../../../source/ui/theme/appearance.tsx';

const choices = ['Upgrade', 'Restart', 'Stop'].map(label => ({id: label, spans: [label]}));

describe('a list of choices', () => {
	test('points at the choice under the cursor, wherever that is', () => {
		for (const [cursor, label] of ['Upgrade', 'Restart', 'Stop'].entries()) {
			const {lastFrame, unmount} = render(
				<AppearanceProvider appearance={{color: false, ascii: true}}>
					<ChoiceList choices={choices} cursor={cursor} width={20} />
				</AppearanceProvider>,
			);
			const rows = (lastFrame() ?? '').split('\n').map(row => row.trimEnd());
			expect(rows.filter(row => row.includes('> '))).toEqual([expect.stringContaining(label)]);
			expect(rows).toHaveLength(choices.length);
			unmount();
		}
	});

	test('leaves the keys to the dispatcher', async () => {
		const {lastFrame, stdin, unmount} = render(
			<AppearanceProvider appearance={{color: false, ascii: true}}>
				<ChoiceList choices={choices} cursor={0} width={20} />
			</AppearanceProvider>,
		);
		const before = lastFrame();
		stdin.write('\u001B[B');
		await new Promise(resolve => setImmediate(resolve));
		expect(lastFrame()).toBe(before);
		unmount();
	});
});

describe('the mark that something is alive', () => {
	afterEach(() => {
		vi.useRealTimers();
	});

	test('moves', async () => {
		vi.useFakeTimers({toFake: ['setInterval', 'clearInterval']});
		const {frames, unmount} = render(
			<AppearanceProvider appearance={{color: false, ascii: false}}>
				<Activity />
			</AppearanceProvider>,
		);
		for (let step = 0; step < 10; step++) {
			await new Promise(resolve => setImmediate(resolve));
			vi.advanceTimersByTime(100);
		}

		unmount();
		expect(new Set(frames.filter(frame => frame.trim() !== '')).size).toBeGreaterThan(3);
	});

	test.each([
		['with ASCII only', {color: false, ascii: true}],
		['where nothing may move', {color: false, ascii: false, animated: false}],
	])('stands still %s', (_, appearance) => {
		vi.useFakeTimers({toFake: ['setInterval', 'clearInterval']});
		const {frames, unmount} = render(
			<AppearanceProvider appearance={appearance}>
				<Activity />
			</AppearanceProvider>,
		);
		vi.advanceTimersByTime(1000);
		expect(new Set(frames).size).toBe(1);
		unmount();
	});
});
