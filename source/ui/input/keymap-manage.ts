import type {KeyBinding} from './keymap.ts';
import {movingBindings} from './moving.ts';

const act = {scope: 'manage', group: 'Act'} as const;

// Start, stop and restart stand apart on the keyboard and from every other key, so that none is hit for another.
export const manageBindings: readonly KeyBinding[] = [
	...movingBindings('manage'),
	{
		...act,
		id: 'manage.menu',
		keys: ['enter'],
		label: 'menu',
		help: 'Shows what can be done with this Agent.',
		footer: true,
	},
	{
		...act,
		id: 'manage.upgrade',
		keys: ['u'],
		label: 'upgrade',
		help: 'Opens Upgrade › Schedule. Nothing starts yet.',
		footer: true,
	},
	{
		...act,
		id: 'manage.start',
		keys: ['S'],
		label: 'start',
		help: 'Starts DataMiner on this Agent. Asks first.',
		dangerous: true,
		footer: true,
	},
	{
		...act,
		id: 'manage.stop',
		keys: ['X'],
		label: 'stop',
		help: 'Stops DataMiner on this Agent. Asks first.',
		dangerous: true,
		footer: true,
	},
	{
		...act,
		id: 'manage.restart',
		keys: ['T'],
		label: 'restart',
		help: 'Stops and starts DataMiner there. Asks first.',
		dangerous: true,
		footer: true,
	},
	{
		scope: 'manage',
		group: 'View',
		id: 'manage.refresh',
		keys: ['R'],
		label: 'refresh',
		help: 'Asks every Agent for its state now.',
	},
	{
		scope: 'manage',
		group: 'View',
		id: 'manage.filter',
		keys: ['/'],
		label: 'filter',
		help: 'Shows only the Agents that have what is typed; esc shows all.',
		footer: true,
	},
	{
		scope: 'manage',
		group: 'Go',
		id: 'manage.progress',
		keys: ['p'],
		label: 'progress',
		help: 'Opens Upgrade › Progress, once an upgrade was started.',
	},
	{
		scope: 'manage',
		group: 'Go',
		id: 'manage.runs',
		keys: ['h'],
		label: 'runs',
		help: 'Opens Runs: the history of upgrades and uploads.',
	},
];
