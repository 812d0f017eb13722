import {describe, expect, test} from 'vitest';
import {
	type ClusterChoice,
	openClusterChoice,
	pressClusterChoice,
	resizeClusterChoice,
} from '../../../source/ui/state/cluster-choice.ts';

const size = {columns: 80, rows: 24};
const many = Array.from({length: 40}, (_, index) => ({name: `C${index}`, agents: index + 1}));

/** The choice after these keys, or what they chose. */
function after(choice: ClusterChoice, ...keys: readonly string[]) {
	for (const [index, key] of keys.entries()) {
		const step = pressClusterChoice(choice, key);
		if ('chosen' in step) {
			expect(index).toBe(keys.length - 1);
			return step;
		}

		choice = step.open;
	}

	return choice;
}

describe('choosing a cluster', () => {
	test('enter takes the one under the cursor', () => {
		const choice = openClusterChoice(many, size);
		expect(after(choice, 'enter')).toEqual({chosen: 'C0'});
		expect(after(choice, 'down', 'j', 'enter')).toEqual({chosen: 'C2'});
		expect(after(choice, 'G', 'k', 'enter')).toEqual({chosen: 'C38'});
		expect(after(choice, 'up', 'enter')).toEqual({chosen: 'C0'});
	});

	test.each(['esc', 'q', 'ctrl+c'])('%s leaves without a choice', key => {
		expect(after(openClusterChoice(many, size), 'down', key)).toEqual({chosen: undefined});
	});

	test.each(['x', '?', ':', '2', 'u', 'ctrl+l'])('%s does nothing', key => {
		const choice = openClusterChoice(many, size);
		expect(after(choice, key)).toEqual(choice);
	});

	test('on a terminal that is too small nothing is chosen unseen', () => {
		const small = resizeClusterChoice(openClusterChoice(many, size), {columns: 40, rows: 10});
		expect(after(small, 'down', 'enter')).toEqual(small);
		expect(after(small, 'q')).toEqual({chosen: undefined});
	});

	test('the cursor stays in sight when the terminal becomes smaller', () => {
		const choice = after(openClusterChoice(many, {columns: 80, rows: 50}), 'G') as ClusterChoice;
		const {view} = resizeClusterChoice(choice, size);
		expect(view).toEqual({cursor: 39, top: 39 - 16});
	});
});
