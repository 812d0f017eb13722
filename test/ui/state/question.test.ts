import {expect, test} from 'vitest';
import {aHostKeyQuestion, aSecretQuestion, onManage} from '../../support/manage-situations.ts';
import type {Pressed} from '../../support/press.ts';

const kinds = ({state}: Pressed) => state.overlays.map(({kind}) => kind);

/** The outside has heard the answer, or does not want it any more. */
function withdrawn(pressed: Pressed): Pressed {
	const data = {...pressed.state.data};
	delete data.question;
	return pressed.tell({type: 'data', data, now: pressed.state.now});
}

test('what is typed is the answer as it is, keys of commands and blanks included', () => {
	const asked = onManage().news({question: aSecretQuestion()});
	expect(kinds(asked)).toEqual(['secret']);
	asked.typed(' q?:1 ').tell({type: 'paste', text: 'a\tb\r\n'}).press('backspace', 'enter');
	expect(asked.effects).toEqual([{do: 'answer-question', id: 2, answer: ' q?:1 a\t'}]);
	expect(kinds(asked)).toEqual([]);
	expect(JSON.stringify(asked.state)).not.toContain('q?:1');
});

test('esc declines; the answered question does not come again before the outside has heard', () => {
	const asked = onManage().news({question: aSecretQuestion()}).typed('abc').press('esc');
	expect(asked.effects).toEqual([{do: 'answer-question', id: 2}]);
	expect(kinds(asked.news({}))).toEqual([]);
	expect(kinds(withdrawn(asked).news({question: aSecretQuestion({again: true}, 3)}))).toEqual(['secret']);
});

test('a server is trusted by a word, and by no single key', () => {
	for (const keys of [['y'], ['enter'], ['y', 'enter'], ['right', 'enter'], ['tab', 'space', 'enter']]) {
		const asked = onManage()
			.news({question: aHostKeyQuestion})
			.press(...keys);
		expect(asked.effects).not.toContainEqual({do: 'answer-question', id: 1, answer: true});
	}

	const trusted = onManage().news({question: aHostKeyQuestion}).typed('yes').press('enter');
	expect(trusted.effects).toEqual([{do: 'answer-question', id: 1, answer: true}]);
	const declined = onManage().news({question: aHostKeyQuestion}).press('esc');
	expect(declined.effects).toEqual([{do: 'answer-question', id: 1}]);
});

test('a question that is not wanted any more goes, and what lies beside it stays', () => {
	for (const question of [aHostKeyQuestion, aSecretQuestion()]) {
		const asked = onManage().press('?').news({question});
		expect(kinds(asked)[1]).toBe('help');
		expect(kinds(withdrawn(asked))).toEqual(['help']);
	}
});

test('nobody answers a question by accident: it waits under what is open, and for the end of what is typed', () => {
	const dialog = onManage().press('X').news({question: aSecretQuestion()});
	expect(kinds(dialog)).toEqual(['secret', 'dialog']);
	expect(kinds(dialog.press('n'))).toEqual(['secret']);

	const filtering = onManage().press('/').typed('04').news({question: aSecretQuestion()});
	expect(kinds(filtering)).toEqual([]);
	expect(kinds(filtering.press('enter'))).toEqual(['secret']);
});
