import type {KeyBinding, KeyScope} from './keymap.ts';

/** The keys that move in a list; `listMotionOf` understands their ids. */
export function movingBindings(scope: KeyScope): readonly KeyBinding[] {
	const base = {scope, group: 'Move'} as const;
	return [
		{...base, id: `${scope}.up`, keys: ['up', 'k'], label: 'up', help: 'One row up.'},
		{...base, id: `${scope}.down`, keys: ['down', 'j'], label: 'down', help: 'One row down.'},
		{...base, id: `${scope}.page-up`, keys: ['pageup', 'ctrl+u'], label: 'page up', help: 'One page up.'},
		{
			...base,
			id: `${scope}.page-down`,
			keys: ['pagedown', 'ctrl+d'],
			label: 'page down',
			help: 'One page down.',
		},
		{...base, id: `${scope}.first`, keys: ['home', 'g'], label: 'first', help: 'To the first row.'},
		{...base, id: `${scope}.last`, keys: ['end', 'G'], label: 'last', help: 'To the last row.'},
	];
}
