import type {AgentId} from '../../domain/agent.ts';
import {controlDialog, controlDone} from './control-dialog.ts';
import {bodyHeight} from './layout.ts';
import {type ListExtent, type ListView, listMotionOf, moveList, placeCursor} from './list-view.ts';
import {type Member, clusterWarnings, filterMembers, members} from './members.ts';
import {progressRefusal} from './progress-refusal.ts';
import {unfinishedRun} from './shown-run.ts';
import {editText, typeText} from './text-field.ts';
import type {Answer, ControlAct, ScreenLogic, Step, UpdateContext} from './update.ts';

/** Agents › Manage. */
export interface ManageState {
	/** The Agent under the cursor, which stays there while the list changes; undefined: the first. */
	readonly selected: AgentId | undefined;
	/** Where the cursor is when the selected Agent is not in the list any more. */
	readonly view: ListView;
	readonly filter: string;
	readonly filtering: boolean;
}

/** The list as it is shown. */
export interface MemberList {
	readonly rows: readonly Member[];
	/** Agents that there are, the hidden ones included. */
	readonly total: number;
	readonly view: ListView;
	readonly height: number;
	readonly selected: Member | undefined;
	readonly warnings: readonly string[];
}

/** Rows above the list: the cluster and the names of the columns. */
export const headingRows = 2;

const acts = new Map<string, ControlAct>([
	['manage.start', 'start'],
	['manage.stop', 'stop'],
	['manage.restart', 'restart'],
]);

export const manageLogic: ScreenLogic<ManageState> = {
	initial: {selected: undefined, view: {cursor: 0, top: 0}, filter: '', filtering: false},
	press,
	type: (state, text) => ({state: {...state, filter: typeText(state.filter, text)}}),
	answer,
	scopes: state => (state.filtering ? ['text', 'manage'] : ['manage']),
	refusal,
};

export function memberList(state: ManageState, {data, size}: UpdateContext): MemberList {
	if (!data.cluster) {
		return {rows: [], total: 0, view: state.view, height: 0, selected: undefined, warnings: []};
	}

	const all = members(data.cluster, data.underWay);
	const rows = filterMembers(all, state.filter);
	const warnings = clusterWarnings(data.cluster);
	const height = Math.max(
		1,
		bodyHeight(size) - headingRows - (warnings.length > 0 ? warnings.length + 1 : 0),
	);
	const found = rows.findIndex(({id}) => id === state.selected);
	const view = placeCursor(state.view, found === -1 ? state.view.cursor : found, {
		count: rows.length,
		height,
	});
	return {rows, total: all.length, view, height, selected: rows[view.cursor], warnings};
}

function press(state: ManageState, actionId: string, context: UpdateContext): Step<ManageState> {
	const list = memberList(state, context);
	const {selected} = list;
	const motion = listMotionOf(actionId);
	if (motion) {
		return {state: cursorAt(state, list, view => moveList(view, motion, extentOf(list)))};
	}

	const act = acts.get(actionId);
	if (act) {
		return selected ? {state: cursorAt(state, list), dialog: controlDialog(act, selected)} : {state};
	}

	switch (actionId) {
		case 'manage.menu':
			return selected
				? {
						state: cursorAt(state, list),
						menu: {
							title: selected.id,
							...(selected.view.failure && {failure: selected.view.failure}),
							actions: ['manage.upgrade', 'manage.start', 'manage.stop', 'manage.restart', 'manage.refresh'],
						},
					}
				: {state};
		case 'manage.upgrade':
			return {state, goTo: 'schedule'};
		case 'manage.progress':
			return {state, goTo: 'progress'};
		case 'manage.runs':
			return {state, goTo: 'runs'};
		case 'manage.refresh':
			return {state, effects: [{do: 'refresh'}], toast: {tone: 'info', text: 'Asking every Agent…'}};
		case 'manage.filter':
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

function answer(state: ManageState, given: Answer): Step<ManageState> {
	return given.to === 'control' && !('failure' in given)
		? {
				state,
				toast: {tone: 'info', text: controlDone(given.act, given.agent)},
				effects: [{do: 'refresh'}],
			}
		: {state};
}

function refusal(state: ManageState, actionId: string, context: UpdateContext): string | undefined {
	if (actionId === 'manage.progress') {
		return progressRefusal(context.data);
	}

	if (!context.data.cluster) {
		return actionId === 'manage.upgrade' || actionId === 'manage.menu' || acts.has(actionId)
			? 'The cluster is not known yet.'
			: undefined;
	}

	const {selected} = memberList(state, context);
	const act = acts.get(actionId);
	if (!selected) {
		return act || actionId === 'manage.menu' ? 'No Agent is under the cursor.' : undefined;
	}

	return act && refuseAct(act, selected, context);
}

function refuseAct(act: ControlAct, {id, view}: Member, {data}: UpdateContext): string | undefined {
	const pending = data.underWay?.get(id);
	if (pending) {
		return `${id} was asked to ${pending} and has not answered yet.`;
	}

	const run = unfinishedRun(data);
	if (run?.agents.includes(id)) {
		switch (run.standing) {
			case 'going on':
				return `${id} takes part in the ${run.goal} that goes on.`;
			case 'interrupted':
				return `${id} takes part in the ${run.goal} that was interrupted: go on with it or end it first (4).`;
			// To be tried once more, an Agent may have to be started first.
			case 'paused':
				break;
		}
	}

	if (view.failure || !view.status) {
		return `${id} does not answer now. R asks again.`;
	}

	const {state} = view.status;
	if (act === 'start' && state === 'Running') {
		return `DataMiner runs on ${id} already.`;
	}

	return act !== 'start' && state === 'Not running' ? `DataMiner does not run on ${id}.` : undefined;
}

function extentOf({rows, height}: MemberList): ListExtent {
	return {count: rows.length, height};
}

/** Keeps the place of the cursor as it is shown now, or moves it from there. */
function cursorAt(
	state: ManageState,
	list: MemberList,
	move: (view: ListView) => ListView = view => view,
): ManageState {
	const view = move(list.view);
	return {...state, view, selected: list.rows[view.cursor]?.id};
}
