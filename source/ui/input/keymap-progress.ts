import type {KeyBinding} from './keymap.ts';
import {movingBindings} from './moving.ts';

const go = {scope: 'progress', group: 'Go'} as const;
const view = {scope: 'progress', group: 'View'} as const;

export const progressBindings: readonly KeyBinding[] = [
	...movingBindings('progress'),
	{
		...go,
		id: 'progress.open',
		keys: ['enter'],
		label: 'log',
		help: 'Opens the log of the Agent under the cursor.',
		footer: true,
	},
	{
		...go,
		id: 'progress.next-tab',
		keys: ['tab', 'right', ']'],
		label: 'next tab',
		help: 'Overview, General, then one tab for each Agent.',
		footer: true,
	},
	{
		...go,
		id: 'progress.previous-tab',
		keys: ['shift+tab', 'left', '['],
		label: 'previous tab',
		help: 'To the tab before.',
	},
	{
		...view,
		id: 'progress.wrap',
		keys: ['w'],
		label: 'wrap',
		help: 'Wraps long lines of the log, or cuts them.',
		footer: true,
	},
	{
		...view,
		id: 'progress.filter',
		keys: ['/'],
		label: 'filter',
		help: 'Shows only the lines of the log that have what is typed; esc shows all.',
		footer: true,
	},
	{
		...go,
		id: 'progress.schedule',
		keys: ['s'],
		label: 'schedule',
		help: 'Opens Upgrade › Schedule.',
	},
	{
		scope: 'progress',
		group: 'Act',
		id: 'progress.stop',
		keys: ['X'],
		label: 'stop',
		help: 'Stops the run: nothing new is started. Says first what goes on, and asks.',
		dangerous: true,
		footer: true,
	},
];
