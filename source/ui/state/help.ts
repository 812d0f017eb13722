import {openBindings} from '../input/dispatch.ts';
import type {KeyBinding, KeyGroup, KeyScope} from '../input/keymap.ts';
import {type ListView, listMotionOf, moveList, startOfList} from './list-view.ts';
import {editText, typeText} from './text-field.ts';

/** The keys of what is open below, to read and search. */
export interface OpenHelp {
	readonly kind: 'help';
	readonly search: string;
	readonly searching: boolean;
	readonly view: ListView;
	/** The scopes that were open below. */
	readonly below: readonly KeyScope[];
}

export type HelpRow =
	{readonly kind: 'heading'; readonly group: KeyGroup} | {readonly kind: 'key'; readonly binding: KeyBinding};

export function openHelp(below: readonly KeyScope[]): OpenHelp {
	return {kind: 'help', search: '', searching: false, view: startOfList, below};
}

const groups: readonly KeyGroup[] = ['Act', 'Go', 'View', 'Move'];

export function helpRows({below, search}: Pick<OpenHelp, 'below' | 'search'>): readonly HelpRow[] {
	const wanted = search.toLowerCase();
	const found = openBindings(below).filter(({label, help, keys}) =>
		`${keys.join(' ')} ${label} ${help}`.toLowerCase().includes(wanted),
	);
	return groups.flatMap(group => {
		const bindings = found.filter(binding => binding.group === group);
		return bindings.length === 0
			? []
			: [{kind: 'heading', group} as const, ...bindings.map(binding => ({kind: 'key', binding}) as const)];
	});
}

/** Undefined: it was closed. `height`: rows that the list has on the screen. */
export function pressHelp(open: OpenHelp, actionId: string, height: number): OpenHelp | undefined {
	const motion = listMotionOf(actionId);
	if (motion) {
		return {...open, view: moveList(open.view, motion, {count: helpRows(open).length, height})};
	}

	switch (actionId) {
		case 'help.search':
			return {...open, searching: true};
		case 'text.accept':
			return {...open, searching: false};
		case 'help.close':
			return undefined;
		case 'back':
			return open.searching || open.search !== ''
				? {...open, search: '', searching: false, view: startOfList}
				: undefined;
		default: {
			const search = editText(open.search, actionId);
			return search === undefined ? open : {...open, search, view: startOfList};
		}
	}
}

export function typeInHelp(open: OpenHelp, text: string): OpenHelp {
	return {...open, search: typeText(open.search, text), view: startOfList};
}
