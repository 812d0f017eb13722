import {type DashboardState, type Overlay, type Updated, onScreen, toastOf, topOverlay} from './dashboard.ts';
import {openDialog, pressDialog, typeInDialog} from './dialog.ts';
import {pressHelp, typeInHelp} from './help.ts';
import {overlayListHeight} from './layout.ts';
import {pressMenu} from './menu.ts';
import {pressPalette, typeInPalette} from './palette.ts';
import {pressSecret, typeInSecret} from './question.ts';
import {performAction, withPending} from './perform.ts';
import type {DialogAnswer} from './update.ts';

/** What works over and under anything. */
const everywhere = new Set(['interrupt', 'suspend', 'redraw']);

/** Gives an action to what lies over the screen; undefined: nothing does, or it is not its business. */
export function pressOverlay(state: DashboardState, id: string): Updated | undefined {
	const overlay = topOverlay(state);
	if (!overlay || everywhere.has(id)) {
		return undefined;
	}

	if (id === 'help' && overlay.kind !== 'help') {
		return undefined;
	}

	if (id === 'palette' || id.startsWith('go.')) {
		const text = overlay.kind === 'dialog' ? 'Answer the question first.' : 'Close this first: esc.';
		return {state: {...state, toast: toastOf({tone: 'warning', text}, state.now)}, effects: []};
	}

	const height = overlayListHeight(state.size);
	switch (overlay.kind) {
		case 'dialog': {
			const step = pressDialog(overlay, id);
			return 'open' in step ? replaceTop(state, step.open) : chooseAnswer(state, step.chosen);
		}

		case 'secret': {
			const step = pressSecret(overlay, id);
			return 'open' in step
				? replaceTop(state, step.open)
				: withPending({state: withoutTop(state), effects: step.effects});
		}

		case 'help':
			return replaceTop(state, pressHelp(overlay, id, height));
		case 'palette':
		case 'menu': {
			const step = overlay.kind === 'menu' ? pressMenu(overlay, id) : pressPalette(overlay, id, height);
			if ('open' in step) {
				return replaceTop(state, step.open);
			}

			const below = withoutTop(state);
			return step.chosen === undefined ? {state: below, effects: []} : performAction(below, step.chosen);
		}
	}
}

export function typeInOverlay(state: DashboardState, overlay: Overlay, text: string): DashboardState {
	switch (overlay.kind) {
		case 'dialog':
			return replaceTop(state, typeInDialog(overlay, text)).state;
		case 'help':
			return replaceTop(state, typeInHelp(overlay, text)).state;
		case 'palette':
			return replaceTop(state, typeInPalette(overlay, text)).state;
		case 'secret':
			return replaceTop(state, typeInSecret(overlay, text)).state;
		case 'menu':
			return state;
	}
}

/** Closes the topmost dialog with an answer. */
export function chooseAnswer(state: DashboardState, answer: DialogAnswer | undefined): Updated {
	const below = answer?.dialog ? replaceTop(state, openDialog(answer.dialog)).state : withoutTop(state);
	return withPending({
		state: answer?.goTo ? onScreen(below, answer.goTo) : below,
		effects: answer?.effects ?? [],
	});
}

function replaceTop(state: DashboardState, overlay: Overlay | undefined): Updated {
	const below = state.overlays.slice(0, -1);
	return {state: {...state, overlays: overlay ? [...below, overlay] : below}, effects: []};
}

function withoutTop(state: DashboardState): DashboardState {
	return {...state, overlays: state.overlays.slice(0, -1)};
}
