import {type ListMotion, listMotionOf, moveList} from './list-view.ts';
import {filterLog, scrollLog} from './log-view.ts';
import {gridHeight, logShape} from './progress-layout.ts';
import {
	type ProgressState,
	initialProgress,
	isSameTab,
	openLog,
	openLogView,
	progressOfRun,
	tabsOf,
	withLogView,
} from './progress-state.ts';
import {stopDialog, stopRefusal} from './progress-stop.ts';
import {editText, typeText} from './text-field.ts';
import type {ScreenLogic, Step, UpdateContext} from './update.ts';

type ProgressStep = Step<ProgressState>;

/** Upgrade › Progress: every Agent of a run, live, and what was logged of it. */
export const progressLogic: ScreenLogic<ProgressState> = {
	initial: initialProgress,
	press: (state, actionId, context) => press(progressOfRun(state, context.data.run), actionId, context),
	type(state, text) {
		const view = openLogView(state);
		return {state: withLogView(state, filterLog(view, typeText(view.filter, text)))};
	},
	scopes: ({typing}) => (typing ? ['text', 'progress'] : ['progress']),
	refusal(state, actionId, {data}) {
		switch (actionId) {
			case 'progress.stop':
				return stopRefusal(data.run);
			case 'progress.open':
				return progressOfRun(state, data.run).tab === 'overview' && data.run
					? undefined
					: 'This is a log already.';
			case 'progress.wrap':
			case 'progress.filter':
				return progressOfRun(state, data.run).tab === 'overview'
					? 'This is for logs: open one with enter or tab.'
					: undefined;
			default:
				return undefined;
		}
	},
};

function press(state: ProgressState, actionId: string, context: UpdateContext): ProgressStep {
	const {run} = context.data;
	if (actionId === 'progress.schedule') {
		return {state, goTo: 'schedule'};
	}

	const refusal = progressLogic.refusal?.(state, actionId, context);
	if (refusal !== undefined) {
		return {state, toast: {tone: 'info', text: refusal}};
	}

	if (!run) {
		return {state};
	}

	const motion = listMotionOf(actionId);
	if (motion) {
		return {state: move(state, motion, context)};
	}

	switch (actionId) {
		case 'progress.open': {
			const agent = [...run.agents.keys()][state.grid.cursor];
			return {state: agent === undefined ? state : {...state, tab: {agent}}};
		}

		case 'progress.next-tab':
			return {state: toTab(state, 1, context)};
		case 'progress.previous-tab':
			return {state: toTab(state, -1, context)};
		case 'progress.wrap':
			return {state: {...state, wrapped: !state.wrapped}};
		case 'progress.filter':
			return {state: {...state, typing: true}};
		case 'progress.stop':
			return {state, dialog: stopDialog(run)};
		case 'back':
			return {state: back(state)};
		default:
			return {state: edit(state, actionId)};
	}
}

function move(state: ProgressState, motion: ListMotion, {data: {run}, size}: UpdateContext): ProgressState {
	if (!run) {
		return state;
	}

	if (state.tab === 'overview') {
		const count = run.agents.size;
		return {...state, grid: moveList(state.grid, motion, {count, height: gridHeight(size, count)})};
	}

	const shape = logShape(size, state.wrapped);
	return withLogView(state, scrollLog(openLog(run, state.tab), openLogView(state), motion, shape));
}

function toTab(state: ProgressState, way: 1 | -1, {data: {run}}: UpdateContext): ProgressState {
	const tabs = run ? tabsOf(run) : [];
	const place = tabs.findIndex(tab => isSameTab(tab, state.tab));
	return {...state, typing: false, tab: tabs.at((place + way) % tabs.length) ?? 'overview'};
}

/** One level: typing, the filter, the log. What is left unchanged is for whoever is outside of this screen. */
function back(state: ProgressState): ProgressState {
	if (state.tab === 'overview') {
		return state;
	}

	const view = openLogView(state);
	if (state.typing || view.filter !== '') {
		return {...withLogView(state, filterLog(view, '')), typing: false};
	}

	return {...state, tab: 'overview'};
}

function edit(state: ProgressState, actionId: string): ProgressState {
	if (!state.typing) {
		return state;
	}

	if (actionId === 'text.accept') {
		return {...state, typing: false};
	}

	const view = openLogView(state);
	const text = editText(view.filter, actionId);
	return text === undefined ? state : withLogView(state, filterLog(view, text));
}
