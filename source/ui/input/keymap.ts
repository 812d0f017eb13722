import {manageBindings} from './keymap-manage.ts';
import {overlayBindings} from './keymap-overlays.ts';
import {progressBindings} from './keymap-progress.ts';
import {runsBindings} from './keymap-runs.ts';
import {scheduleBindings} from './keymap-schedule.ts';

/**
 * Where a key is listened to. The innermost scope that is open takes it: a dialog hides the screen below it, and
 * while text is typed only the keys of `text` are no text.
 */
export type KeyScope =
	| 'everywhere'
	| 'manage'
	| 'schedule'
	| 'files'
	| 'progress'
	| 'runs'
	| 'dialog'
	| 'menu'
	| 'help'
	| 'palette'
	| 'text';

export type KeyGroup = 'Move' | 'Go' | 'Act' | 'View';

export interface KeyBinding {
	/** Stable; what reducers and tests go by. */
	readonly id: string;
	readonly scope: KeyScope;
	/**
	 * Named as `nameKeys` names them: single characters as typed (`j`, `G`, `?`), and `up`, `down`, `left`, `right`,
	 * `pageup`, `pagedown`, `home`, `end`, `enter`, `esc`, `tab`, `shift+tab`, `space`, `backspace`, `delete`, `ctrl+c`.
	 */
	readonly keys: readonly string[];
	/** A verb, short enough for the bottom line. */
	readonly label: string;
	readonly group: KeyGroup;
	/** A sentence for the help. */
	readonly help: string;
	/** It harms or starts something; it opens a dialog and does nothing by itself. */
	readonly dangerous?: true;
	/** Stands in the bottom line. */
	readonly footer?: true;
}

const everywhere: readonly KeyBinding[] = [
	{
		id: 'help',
		scope: 'everywhere',
		keys: ['?'],
		label: 'help',
		group: 'Go',
		help: 'Shows the keys of this screen.',
		footer: true,
	},
	{
		id: 'palette',
		scope: 'everywhere',
		keys: [':'],
		label: 'commands',
		group: 'Go',
		help: 'Finds an action by its name.',
	},
	{
		id: 'quit',
		scope: 'everywhere',
		keys: ['q'],
		label: 'back',
		group: 'Go',
		help: 'Goes one screen back; from the first, leaves.',
		footer: true,
	},
	{
		id: 'interrupt',
		scope: 'everywhere',
		keys: ['ctrl+c'],
		label: 'leave',
		group: 'Go',
		help: 'Twice: leaves the program.',
	},
	{
		id: 'back',
		scope: 'everywhere',
		keys: ['esc'],
		label: 'close',
		group: 'Go',
		help: 'Closes what is open, one level at a time.',
	},
	{
		id: 'suspend',
		scope: 'everywhere',
		keys: ['ctrl+z'],
		label: 'suspend',
		group: 'Go',
		help: 'Suspends the program; fg comes back. Not on Windows.',
	},
	{
		id: 'redraw',
		scope: 'everywhere',
		keys: ['ctrl+l'],
		label: 'redraw',
		group: 'View',
		help: 'Draws the screen anew.',
	},
	{
		id: 'go.manage',
		scope: 'everywhere',
		keys: ['1'],
		label: 'Agents',
		group: 'Go',
		help: 'Opens Agents › Manage.',
	},
	{
		id: 'go.schedule',
		scope: 'everywhere',
		keys: ['2'],
		label: 'Schedule',
		group: 'Go',
		help: 'Opens Upgrade › Schedule.',
	},
	{
		id: 'go.progress',
		scope: 'everywhere',
		keys: ['3'],
		label: 'Progress',
		group: 'Go',
		help: 'Opens Upgrade › Progress.',
	},
	{
		id: 'go.runs',
		scope: 'everywhere',
		keys: ['4'],
		label: 'Runs',
		group: 'Go',
		help: 'Opens Runs: all upgrades and uploads from this computer.',
	},
];

/** Every key of the dashboard. The dispatcher, the bottom line, the help, the palette and the README read this. */
export const keymap: readonly KeyBinding[] = [
	...everywhere,
	...manageBindings,
	...scheduleBindings,
	...progressBindings,
	...runsBindings,
	...overlayBindings,
];
