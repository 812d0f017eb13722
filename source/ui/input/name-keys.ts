import type {Key} from 'ink';
import {graphemes} from '../components/fit.ts';

const named = [
	['upArrow', 'up'],
	['downArrow', 'down'],
	['leftArrow', 'left'],
	['rightArrow', 'right'],
	['pageUp', 'pageup'],
	['pageDown', 'pagedown'],
	['home', 'home'],
	['end', 'end'],
	['return', 'enter'],
	['escape', 'esc'],
	['backspace', 'backspace'],
	['delete', 'delete'],
] as const satisfies readonly (readonly [keyof Key, string])[];

/** What terminals send as single characters for keys that have a name. */
const namedCharacters = new Map([
	['\r', 'enter'],
	['\n', 'enter'],
	['\t', 'tab'],
	[' ', 'space'],
	['\u001B', 'esc'],
	['\u007F', 'backspace'],
	['\b', 'backspace'],
]);

/** What is left of an arrow or a like key whose first byte the network delivered alone. */
const tornSequence = /^\[(?:[A-DFHZ]|\d+~)$/;

/** Names the keys of one terminal. It remembers whether the last one was a lone escape, as torn sequences begin. */
export function createKeyNamer(): (input: string, key: Partial<Key>) => readonly string[] {
	let afterEscape = false;
	return (input, key) => {
		const isTorn = afterEscape && tornSequence.test(input);
		afterEscape = key.escape === true;
		return isTorn ? [] : nameKeys(input, key);
	};
}

/**
 * Names the keys in what Ink reports as one event; text that was typed fast, or arrived late, comes as one event
 * and holds many keys. Keys that have no name here (with alt, releases) are left out.
 */
export function nameKeys(input: string, key: Partial<Key>): readonly string[] {
	if (key.eventType === 'release') {
		return [];
	}

	const name = named.find(([property]) => key[property])?.[1];
	if (name !== undefined) {
		return [name];
	}

	if (key.tab) {
		return [key.shift ? 'shift+tab' : 'tab'];
	}

	if (key.ctrl) {
		return /^[a-z]$/.test(input) ? [`ctrl+${input}`] : [];
	}

	if (key.meta || key.super || key.hyper) {
		return [];
	}

	return graphemes(input).flatMap(nameOfCharacter);
}

function nameOfCharacter(character: string): readonly string[] {
	const name = namedCharacters.get(character);
	if (name !== undefined) {
		return [name];
	}

	const code = character.codePointAt(0) ?? 0;
	if (code >= 1 && code <= 26) {
		return [`ctrl+${String.fromCharCode(code + 96)}`];
	}

	return code < 0x20 || (code >= 0x80 && code <= 0x9f) ? [] : [character];
}
