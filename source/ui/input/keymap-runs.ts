import type {KeyBinding} from './keymap.ts';
import {movingBindings} from './moving.ts';

const act = {scope: 'runs', group: 'Act'} as const;

export const runsBindings: readonly KeyBinding[] = [
	...movingBindings('runs'),
	{
		scope: 'runs',
		group: 'Go',
		id: 'runs.open',
		keys: ['enter'],
		label: 'open',
		help: 'Opens the run on Progress: what happens in it now, or what happened.',
		footer: true,
	},
	{
		...act,
		id: 'runs.retry',
		keys: ['r'],
		label: 'retry',
		help: 'Opens the run and asks whether to go on with it, or to try it once more.',
		footer: true,
	},
	{
		...act,
		id: 'runs.end',
		keys: ['e'],
		label: 'end',
		help: 'Opens the run and asks whether to give it up as it is.',
		footer: true,
	},
	{
		scope: 'runs',
		group: 'View',
		id: 'runs.filter',
		keys: ['/'],
		label: 'filter',
		help: 'Shows only the runs that have what is typed; esc shows all.',
		footer: true,
	},
	{
		scope: 'runs',
		group: 'Go',
		id: 'runs.schedule',
		keys: ['s'],
		label: 'schedule',
		help: 'Opens Upgrade › Schedule.',
	},
];
