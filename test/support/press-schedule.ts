import {topOverlay} from '../../source/ui/state/dashboard.ts';
import {focusedIndex, focusedRow, formRows} from '../../source/ui/state/schedule-form.ts';
import type {Pressed} from './press.ts';

export const form = ({state}: Pressed) => state.screens.schedule;
export const toast = ({state}: Pressed) => state.toast?.text ?? '';
export const focus = ({state}: Pressed) => focusedRow(state.screens.schedule, state);

export function dialogOf({state}: Pressed) {
	const overlay = topOverlay(state);
	return overlay?.kind === 'dialog' ? overlay.dialog : undefined;
}

/** Moves the cursor to a row of the form by its id. */
export function standOn(pressed: Pressed, id: string): Pressed {
	const rows = formRows(form(pressed), pressed.state);
	const distance = rows.findIndex(row => row.id === id) - focusedIndex(rows, form(pressed).focus);
	return pressed.press(...Array.from({length: Math.abs(distance)}, () => (distance > 0 ? 'down' : 'up')));
}
