import {type KeyBinding, keymap} from '../input/keymap.ts';
import {type ListView, listMotionOf, moveList, startOfList} from './list-view.ts';
import type {Menu} from './update.ts';

/** A menu on the screen. */
export interface OpenMenu {
	readonly kind: 'menu';
	readonly menu: Menu;
	readonly view: ListView;
}

export type MenuStep = {readonly open: OpenMenu} | {readonly chosen: string | undefined};

export function openMenu(menu: Menu): OpenMenu {
	return {kind: 'menu', menu, view: startOfList};
}

export function menuActions({menu}: OpenMenu): readonly KeyBinding[] {
	return menu.actions.flatMap(id => keymap.filter(binding => binding.id === id));
}

export function pressMenu(open: OpenMenu, actionId: string): MenuStep {
	const {actions} = open.menu;
	const motion = listMotionOf(actionId);
	if (motion) {
		const extent = {count: actions.length, height: actions.length};
		return {open: {...open, view: moveList(open.view, motion, extent)}};
	}

	switch (actionId) {
		case 'menu.choose':
			return {chosen: actions[open.view.cursor]};
		case 'back':
		case 'quit':
			return {chosen: undefined};
		default:
			return {open};
	}
}
