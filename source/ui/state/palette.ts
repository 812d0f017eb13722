import {openBindings} from '../input/dispatch.ts';
import type {KeyBinding, KeyScope} from '../input/keymap.ts';
import {type ListView, listMotionOf, moveList, startOfList} from './list-view.ts';
import {editText, typeText} from './text-field.ts';

/** Finding an action by its name. */
export interface OpenPalette {
	readonly kind: 'palette';
	readonly text: string;
	readonly view: ListView;
	/** The scopes that were open below, which say what can be found. */
	readonly below: readonly KeyScope[];
}

export type PaletteStep = {readonly open: OpenPalette} | {readonly chosen: string | undefined};

export function openPalette(below: readonly KeyScope[]): OpenPalette {
	return {kind: 'palette', text: '', view: startOfList, below};
}

/** Motions are pointless in a palette, and it does not find itself or what only closes. */
const leftOut = new Set(['palette', 'back', 'interrupt']);

/** The actions that fit what was typed: every word stands somewhere in the label, the help, the id or is the key. */
export function paletteActions({text, below}: Pick<OpenPalette, 'text' | 'below'>): readonly KeyBinding[] {
	const words = text.toLowerCase().split(' ').filter(Boolean);
	return openBindings(below)
		.filter(({group, id}) => group !== 'Move' && !leftOut.has(id))
		.map(binding => ({binding, rank: rankOf(binding, words)}))
		.filter(({rank}) => rank >= 0)
		.toSorted((a, b) => a.rank - b.rank)
		.map(({binding}) => binding);
}

/** Less is better: all words in the label before words in the help; negative: no. */
function rankOf({label, help, id, scope}: KeyBinding, words: readonly string[]): number {
	const inLabel = words.every(word => label.toLowerCase().includes(word));
	const anywhere = `${label} ${help} ${id}`.toLowerCase();
	if (!words.every(word => anywhere.includes(word))) {
		return -1;
	}

	return (inLabel ? 0 : 2) + (scope === 'everywhere' ? 1 : 0);
}

/** `height`: rows that the list has on the screen. */
export function pressPalette(open: OpenPalette, actionId: string, height: number): PaletteStep {
	const actions = paletteActions(open);
	const motion = listMotionOf(actionId);
	if (motion) {
		return {open: {...open, view: moveList(open.view, motion, {count: actions.length, height})}};
	}

	if (actionId === 'palette.choose') {
		const binding = actions[open.view.cursor];
		return binding ? {chosen: binding.id} : {open};
	}

	if (actionId === 'back') {
		return {chosen: undefined};
	}

	const text = editText(open.text, actionId);
	return {open: text === undefined ? open : {...open, text, view: startOfList}};
}

export function typeInPalette(open: OpenPalette, text: string): OpenPalette {
	return {...open, text: typeText(open.text, text), view: startOfList};
}
