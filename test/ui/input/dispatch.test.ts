import {expect, test} from 'vitest';
import {meaningOf, openBindings} from '../../../source/ui/input/dispatch.ts';
import type {KeyBinding, KeyScope} from '../../../source/ui/input/keymap.ts';

const binding = (id: string, scope: KeyScope, ...keys: string[]): KeyBinding => ({
	id,
	scope,
	keys,
	label: id,
	group: 'Act',
	help: id,
});

const bindings = [
	binding('quit', 'everywhere', 'q'),
	binding('outer', 'schedule', 'q', 'x', 'esc'),
	binding('inner', 'files', 'x'),
	binding('accept', 'text', 'enter'),
];

const idOf = (key: string, ...scopes: KeyScope[]) => {
	const meaning = meaningOf(key, scopes, bindings);
	return meaning?.kind === 'action' ? meaning.binding.id : meaning;
};

test('the innermost scope that has a key takes it, everywhere comes last', () => {
	expect(idOf('x', 'files', 'schedule')).toBe('inner');
	expect(idOf('q', 'files', 'schedule')).toBe('outer');
	expect(idOf('q', 'files')).toBe('quit');
	expect(idOf('z', 'files', 'schedule')).toBeUndefined();
});

test('while text is typed, characters are text and other keys are not', () => {
	expect(idOf('q', 'text', 'schedule')).toEqual({kind: 'text', text: 'q'});
	expect(idOf('space', 'text', 'schedule')).toEqual({kind: 'text', text: ' '});
	expect(idOf('é', 'text', 'schedule')).toEqual({kind: 'text', text: 'é'});
	expect(idOf('enter', 'text', 'schedule')).toBe('accept');
	expect(idOf('esc', 'text', 'schedule')).toBe('outer');
	expect(idOf('pageup', 'text', 'schedule')).toBeUndefined();
});

test('a scope inside the text has its keys first', () => {
	expect(idOf('x', 'files', 'text')).toBe('inner');
	expect(idOf('q', 'files', 'text')).toEqual({kind: 'text', text: 'q'});
});

test('a binding is open while one of its keys is not hidden', () => {
	expect(openBindings(['files', 'schedule'], bindings).map(({id}) => id)).toEqual(['outer', 'inner']);
	expect(openBindings(['text', 'schedule'], bindings).map(({id}) => id)).toEqual(['outer', 'accept']);
});
