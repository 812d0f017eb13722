import {type DashboardState, type Updated, contextOf, onScreen, openScopes, toastOf} from './dashboard.ts';
import {openDialog} from './dialog.ts';
import {openHelp} from './help.ts';
import {leaveDialog, leavingMeans} from './leaving.ts';
import {openMenu} from './menu.ts';
import {openPalette} from './palette.ts';
import {progressRefusal} from './progress-refusal.ts';
import {type ScreensStep, screenLogics} from './screens.ts';
import type {ControlAct, Effect, ScreenName} from './update.ts';

/** A second ctrl+c leaves within this time, in milliseconds. */
const interruptWindow = 5000;

const destinations = new Map<string, ScreenName>([
	['go.manage', 'manage'],
	['go.schedule', 'schedule'],
	['go.progress', 'progress'],
	['go.runs', 'runs'],
]);

/** Does what an action of the table means on the open screen. */
export function performAction(state: DashboardState, id: string): Updated {
	const refusal = refusalOf(state, id);
	if (refusal !== undefined) {
		return only({...state, toast: toastOf({tone: 'warning', text: refusal}, state.now)});
	}

	const destination = destinations.get(id);
	if (destination) {
		return only(onScreen(state, destination));
	}

	switch (id) {
		case 'help':
			return only({...state, overlays: [...state.overlays, openHelp(openScopes(state))]});
		case 'palette':
			return only({...state, overlays: [...state.overlays, openPalette(openScopes(state))]});
		case 'quit':
			return goBack(state);
		case 'interrupt':
			return interrupt(state);
		case 'suspend':
			return {state, effects: [{do: 'suspend'}]};
		case 'redraw':
			return {state, effects: [{do: 'redraw'}]};
		case 'back':
			return closeOrGoBack(state);
		default:
			return takeStep(state, screenLogics[state.screen].press(state.screens, id, contextOf(state)));
	}
}

/** Why an action does nothing now; undefined when it works. */
export function refusalOf(state: DashboardState, id: string): string | undefined {
	if (id === 'go.progress') {
		return progressRefusal(state.data);
	}

	return screenLogics[state.screen].refusal(state.screens, id, contextOf(state));
}

/** Carries over what a screen's reducer decided. */
export function takeStep(state: DashboardState, step: ScreensStep): Updated {
	const {dialog, menu, toast, goTo, effects = []} = step;
	const overlays = [
		...state.overlays,
		...(menu ? [openMenu(menu)] : []),
		...(dialog ? [openDialog(dialog)] : []),
	];
	return withPending({
		state: {
			...(goTo ? onScreen(state, goTo) : state),
			screens: step.state,
			overlays: overlays.length === state.overlays.length ? state.overlays : overlays,
			toast: toast ? toastOf(toast, state.now) : state.toast,
		},
		effects,
	});
}

/** Remembers which Agents were asked for something, that a run was, and that nobody looks at the past any more. */
export function withPending({state: before, effects}: Updated): Updated {
	const start = effects.find(effect => effect.do === 'start-run');
	const {past, ...present} = before.data;
	const leavesPast = past && effects.some(effect => effect.do === 'look-at' && effect.sequence === undefined);
	const data = leavesPast ? present : before.data;
	const state =
		start || leavesPast
			? {...before, data: {...data, ...(start && {starting: start.plan.package.file})}}
			: before;
	const acts = effects.filter(effect => effect.do === 'control');
	if (acts.length === 0) {
		return {state, effects};
	}

	const underWay = new Map<string, ControlAct>(state.data.underWay);
	for (const {agent, act} of acts) {
		underWay.set(agent, act);
	}

	return {state: {...state, data: {...state.data, underWay}}, effects};
}

function closeOrGoBack(state: DashboardState): Updated {
	const step = screenLogics[state.screen].press(state.screens, 'back', contextOf(state));
	const closed =
		step.state !== state.screens ||
		step.dialog !== undefined ||
		step.effects !== undefined ||
		step.goTo !== undefined;
	if (closed || state.screen === 'manage') {
		return takeStep(state, step);
	}

	return only(onScreen(state, state.back));
}

function goBack(state: DashboardState): Updated {
	if (state.screen !== 'manage') {
		return only(onScreen(state, state.back));
	}

	const dialog = leaveDialog(state.data);
	return dialog
		? only({...state, overlays: [...state.overlays, openDialog(dialog)]})
		: {state, effects: [{do: 'leave'}]};
}

function interrupt(state: DashboardState): Updated {
	if (state.interruptedUntil !== undefined && state.interruptedUntil > state.now) {
		return {state, effects: [{do: 'leave'}]};
	}

	const text = ['Once more ctrl+c leaves.', ...leavingMeans(state.data)].join(' ');
	const toast = {...toastOf({tone: 'warning', text}, state.now), until: state.now + interruptWindow};
	return only({...state, interruptedUntil: toast.until, toast});
}

function only(state: DashboardState, effects: readonly Effect[] = []): Updated {
	return {state, effects};
}
