import {type DashboardState, type Updated, contextOf, openScopes, toastOf} from './dashboard.ts';
import {openDialog} from './dialog.ts';
import {openHelp} from './help.ts';
import {leaveDialog, leavingMeans} from './leaving.ts';
import {openMenu} from './menu.ts';
import {openPalette} from './palette.ts';
import {isGoingOn} from './run-words.ts';
import {type ScreensStep, screenLogics} from './screens.ts';
import type {ControlAct, Effect, ScreenName} from './update.ts';

/** A second ctrl+c leaves within this time, in milliseconds. */
const interruptWindow = 5000;

const destinations = new Map<string, ScreenName>([
	['go.manage', 'manage'],
	['go.schedule', 'schedule'],
	['go.progress', 'progress'],
]);

/** Does what an action of the table means on the open screen. */
export function performAction(state: DashboardState, id: string): Updated {
	const refusal = refusalOf(state, id);
	if (refusal !== undefined) {
		return only({...state, toast: toastOf({tone: 'warning', text: refusal}, state.now)});
	}

	const destination = destinations.get(id);
	if (destination) {
		return only({...state, screen: destination});
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
	if (id === 'go.progress' && !state.data.run?.plan) {
		return 'No upgrade was started yet.';
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
			...state,
			screens: step.state,
			overlays: overlays.length === state.overlays.length ? state.overlays : overlays,
			screen: goTo ?? state.screen,
			toast: toast ? toastOf(toast, state.now) : state.toast,
		},
		effects,
	});
}

/** Remembers which Agents were asked for something. */
export function withPending({state, effects}: Updated): Updated {
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
	const closed = step.state !== state.screens || step.dialog !== undefined || step.goTo !== undefined;
	if (closed || state.screen === 'manage') {
		return takeStep(state, step);
	}

	return only({...state, screen: 'manage'});
}

function goBack(state: DashboardState): Updated {
	const {run} = state.data;
	if (state.screen !== 'manage') {
		return only({...state, screen: 'manage'});
	}

	return run && isGoingOn(run)
		? only({...state, overlays: [...state.overlays, openDialog(leaveDialog(run))]})
		: {state, effects: [{do: 'leave'}]};
}

function interrupt(state: DashboardState): Updated {
	if (state.interruptedUntil !== undefined && state.interruptedUntil > state.now) {
		return {state, effects: [{do: 'leave'}]};
	}

	const text = ['Once more ctrl+c leaves.', ...leavingMeans(state.data.run)].join(' ');
	const toast = {...toastOf({tone: 'warning', text}, state.now), until: state.now + interruptWindow};
	return only({...state, interruptedUntil: toast.until, toast});
}

function only(state: DashboardState, effects: readonly Effect[] = []): Updated {
	return {state, effects};
}
