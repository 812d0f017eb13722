import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {createKeyNamer, nameKeys} from '../../../source/ui/input/name-keys.ts';

const typed = (input: string) => nameKeys(input, {});

describe('keys are named', () => {
	test.each([
		['j', ['j']],
		['jjj', ['j', 'j', 'j']],
		[' ', ['space']],
		['\r', ['enter']],
		['a\tb\r', ['a', 'tab', 'b', 'enter']],
		['\u0003', ['ctrl+c']],
		['e\u0301', ['e\u0301']],
		['👩‍👩‍👧x', ['👩‍👩‍👧', 'x']],
	])('%j as %j', (input, names) => {
		expect(typed(input)).toEqual(names);
	});

	test('after what Ink found in their sequences', () => {
		expect(nameKeys('', {upArrow: true})).toEqual(['up']);
		expect(nameKeys('', {tab: true, shift: true})).toEqual(['shift+tab']);
		expect(nameKeys('c', {ctrl: true})).toEqual(['ctrl+c']);
		expect(nameKeys('G', {shift: true})).toEqual(['G']);
	});
});

test('a key that is released, or pressed with alt, is no key', () => {
	expect(nameKeys('j', {eventType: 'release'})).toEqual([]);
	expect(nameKeys('j', {meta: true})).toEqual([]);
});

test('what is left of an arrow that the network tore apart is no typing', () => {
	const namer = createKeyNamer();
	expect(namer('', {escape: true})).toEqual(['esc']);
	expect(namer('[A', {})).toEqual([]);
	expect(namer('[A', {})).toEqual(['[', 'A']);
});

test('text gives the same keys in one piece as character by character', () => {
	fc.assert(
		fc.property(fc.array(fc.string({minLength: 1, maxLength: 1, unit: 'binary-ascii'})), characters => {
			const namer = createKeyNamer();
			expect(typed(characters.join(''))).toEqual(characters.flatMap(character => namer(character, {})));
		}),
	);
});
