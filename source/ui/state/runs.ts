import type {RunId} from '../../domain/run-event.ts';
import type {RunSummary} from '../ports.ts';
import {bodyHeight} from './layout.ts';
import {
	type ListExtent,
	type ListView,
	listMotionOf,
	moveList,
	placeCursor,
	startOfList,
} from './list-view.ts';
import {filterRuns} from './runs-list.ts';
import {editText, typeText} from './text-field.ts';
import type {ScreenLogic, Step, UpdateContext} from './update.ts';

/** Runs: the history of upgrades and uploads. */
export interface RunsState {
	/** The run under the cursor, which stays there while the list changes; undefined: the first, the newest. */
	readonly selected: RunId | undefined;
	/** Where the cursor is when the selected run is not in the list any more. */
	readonly view: ListView;
	readonly filter: string;
	readonly filtering: boolean;
}

/** The list as it is shown. */
export interface RunList {
	readonly rows: readonly RunSummary[];
	/** Runs that there are, the hidden ones included. */
	readonly total: number;
	readonly view: ListView;
	readonly height: number;
	readonly selected: RunSummary | undefined;
}

/** Rows above the list: what it is, and the names of the columns. */
export const runsHeadingRows = 2;

/** Lines below the list that are kept for the details of the run under the cursor. */
const detailRows = 10;

export const runsLogic: ScreenLogic<RunsState> = {
	initial: {selected: undefined, view: startOfList, filter: '', filtering: false},
	press,
	type: (state, text) => ({state: {...state, filter: typeText(state.filter, text)}}),
	scopes: state => (state.filtering ? ['text', 'runs'] : ['runs']),
	refusal,
};

export function runList(state: RunsState, {data, size}: UpdateContext): RunList {
	const rows = filterRuns(data.runs, state.filter);
	const room = bodyHeight(size) - runsHeadingRows;
	const height = Math.max(1, Math.min(Math.max(1, rows.length), room - 1 - detailRows));
	const found = rows.findIndex(({run}) => run === state.selected);
	const view = placeCursor(state.view, found === -1 ? state.view.cursor : found, {
		count: rows.length,
		height,
	});
	return {rows, total: data.runs.length, view, height, selected: rows[view.cursor]};
}

function press(state: RunsState, actionId: string, context: UpdateContext): Step<RunsState> {
	const list = runList(state, context);
	const motion = listMotionOf(actionId);
	if (motion) {
		return {state: cursorAt(state, list, view => moveList(view, motion, extentOf(list)))};
	}

	const run = list.selected?.run;
	switch (actionId) {
		case 'runs.open':
		case 'runs.retry':
		case 'runs.end':
			return run === undefined
				? {state}
				: {
						state: cursorAt(state, list),
						effects: [{do: 'show-run', run, ...asked(actionId, list.selected)}],
						goTo: 'progress',
					};
		case 'runs.schedule':
			return {state, goTo: 'schedule'};
		case 'runs.filter':
			return {state: {...cursorAt(state, list), filtering: true}};
		case 'text.accept':
			return {state: {...cursorAt(state, list), filtering: false}};
		case 'back':
			return state.filtering || state.filter !== ''
				? {state: {...cursorAt(state, list), filtering: false, filter: ''}}
				: {state};
		default: {
			const filter = editText(state.filter, actionId);
			return {state: filter === undefined ? state : {...state, filter}};
		}
	}
}

/** An interrupted run waits for somebody to go on with it, so that opening it offers that. */
function asked(actionId: string, selected: RunSummary | undefined): {readonly ask?: 'retry' | 'end'} {
	if (actionId === 'runs.open') {
		return selected?.standing === 'interrupted' ? {ask: 'retry'} : {};
	}

	return {ask: actionId === 'runs.retry' ? 'retry' : 'end'};
}

function refusal(state: RunsState, actionId: string, context: UpdateContext): string | undefined {
	if (actionId !== 'runs.open' && actionId !== 'runs.retry' && actionId !== 'runs.end') {
		return undefined;
	}

	const {selected} = runList(state, context);
	if (!selected) {
		return 'No run is under the cursor.';
	}

	switch (actionId) {
		case 'runs.retry':
			return retryRefusal(selected);
		case 'runs.end':
			return endRefusal(selected);
		default:
			return undefined;
	}
}

function retryRefusal({standing, outcome, canRetry}: RunSummary): string | undefined {
	if (standing === 'going on') {
		return 'The run goes on: there is nothing to try once more.';
	}

	if (standing === 'over' && !canRetry) {
		return outcome === 'done'
			? 'The run is done: there is nothing to try once more.'
			: 'The run was given up: start another one on Schedule (2).';
	}

	return undefined;
}

function endRefusal({standing}: RunSummary): string | undefined {
	switch (standing) {
		case 'going on':
			return 'The run goes on. Open it (enter) and stop it first (X), then it can be ended.';
		case 'over':
			return 'The run is over already.';
		default:
			return undefined;
	}
}

function extentOf({rows, height}: RunList): ListExtent {
	return {count: rows.length, height};
}

/** Keeps the place of the cursor as it is shown now, or moves it from there. */
function cursorAt(
	state: RunsState,
	list: RunList,
	move: (view: ListView) => ListView = view => view,
): RunsState {
	const view = move(list.view);
	return {...state, view, selected: list.rows[view.cursor]?.run};
}
