import type {KeyBinding, KeyScope} from './keymap.ts';
import {movingBindings} from './moving.ts';

const choosing = (scope: KeyScope, what: string): readonly KeyBinding[] => [
	{scope, group: 'Move', id: `${scope}.up`, keys: ['up'], label: 'up', help: 'One row up.'},
	{scope, group: 'Move', id: `${scope}.down`, keys: ['down'], label: 'down', help: 'One row down.'},
	{scope, group: 'Move', id: `${scope}.page-up`, keys: ['pageup'], label: 'page up', help: 'One page up.'},
	{
		scope,
		group: 'Move',
		id: `${scope}.page-down`,
		keys: ['pagedown'],
		label: 'page down',
		help: 'One page down.',
	},
	{
		scope,
		group: 'Act',
		id: `${scope}.choose`,
		keys: ['enter'],
		label: 'choose',
		help: what,
		footer: true,
	},
];

const dialogBindings: readonly KeyBinding[] = [
	{
		scope: 'dialog',
		group: 'Move',
		id: 'dialog.next',
		keys: ['right', 'down', 'tab'],
		label: 'next',
		help: 'To the next answer.',
		footer: true,
	},
	{
		scope: 'dialog',
		group: 'Move',
		id: 'dialog.previous',
		keys: ['left', 'up', 'shift+tab'],
		label: 'previous',
		help: 'To the answer before.',
	},
	{
		scope: 'dialog',
		group: 'Act',
		id: 'dialog.choose',
		keys: ['enter'],
		label: 'choose',
		help: 'Takes the answer that is marked; at first that is the safe one.',
		footer: true,
	},
	{
		scope: 'dialog',
		group: 'Act',
		id: 'dialog.decline',
		keys: ['n', 'q'],
		label: 'no',
		help: 'Takes the safe answer.',
	},
];

const menuBindings: readonly KeyBinding[] = [
	...movingBindings('menu'),
	{
		scope: 'menu',
		group: 'Act',
		id: 'menu.choose',
		keys: ['enter'],
		label: 'choose',
		help: 'Does what is under the cursor; what harms asks first.',
		footer: true,
	},
];

const helpBindings: readonly KeyBinding[] = [
	...movingBindings('help'),
	{
		scope: 'help',
		group: 'View',
		id: 'help.search',
		keys: ['/'],
		label: 'search',
		help: 'Shows only the keys whose description has what is typed.',
		footer: true,
	},
	{
		scope: 'help',
		group: 'Go',
		id: 'help.close',
		keys: ['?', 'q'],
		label: 'close',
		help: 'Closes the help.',
		footer: true,
	},
];

const textBindings: readonly KeyBinding[] = [
	{
		scope: 'text',
		group: 'Act',
		id: 'text.erase',
		keys: ['backspace', 'delete'],
		label: 'erase',
		help: 'Erases the last character.',
	},
	{
		scope: 'text',
		group: 'Act',
		id: 'text.clear',
		keys: ['ctrl+u'],
		label: 'clear',
		help: 'Erases everything that was typed.',
	},
	{
		scope: 'text',
		group: 'Act',
		id: 'text.accept',
		keys: ['enter'],
		label: 'done',
		help: 'Ends typing and keeps the text.',
		footer: true,
	},
];

/** The keys of what lies over a screen, and of typing. */
export const overlayBindings: readonly KeyBinding[] = [
	...dialogBindings,
	...menuBindings,
	...helpBindings,
	...choosing('palette', 'Does the action under the cursor; what harms asks first.'),
	...textBindings,
];
