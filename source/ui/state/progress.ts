import {type ListMotion, listMotionOf, moveList} from './list-view.ts';
import {filterLog, scrollLog} from './log-view.ts';
import {gridHeight, logShape} from './progress-layout.ts';
import {progressNote} from './progress-note.ts';
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
import {retryDialog, retryRefusal, unreadRefusal} from './run-again.ts';
import {endDialog, endRefusal} from './run-end.ts';
import {failureDialog} from './failure-dialog.ts';
import {type PastStep, lookAtNow, stepInPast, viewedRun} from './past.ts';
import {shownId} from './shown-run.ts';
import {editText, typeText} from './text-field.ts';
import type {Answer, DashboardData, ScreenLogic, Step, UpdateContext} from './update.ts';

type ProgressStep = Step<ProgressState>;

/** Upgrade › Progress: every Agent of a run, live, and what was logged of it. */
export const progressLogic: ScreenLogic<ProgressState> = {
	initial: initialProgress,
	press(state, actionId, context) {
		const here = progressOfRun(state, context.data.run);
		const step = press(here, actionId, context);
		// Another run alone is no change that a key made: going back would stop at it.
		return step.state === here ? {...step, state} : step;
	},
	type(state, text) {
		const view = openLogView(state);
		return {state: withLogView(state, filterLog(view, typeText(view.filter, text)))};
	},
	answer,
	scopes: ({typing}) => (typing ? ['text', 'progress'] : ['progress']),
	refusal(state, actionId, {data}) {
		switch (actionId) {
			case 'progress.stop':
				return stopRefusal(data);
			case 'progress.retry':
				return retryRefusal(data);
			case 'progress.end':
				return endRefusal(data);
			case 'progress.earlier':
			case 'progress.earlier-stage':
			case 'progress.later':
			case 'progress.later-stage':
				return pastRefusal(progressOfRun(state, data.run), actionId, data);
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

const pastSteps = new Map<string, PastStep>([
	['progress.earlier', 'earlier'],
	['progress.later', 'later'],
	['progress.earlier-stage', 'earlier-stage'],
	['progress.later-stage', 'later-stage'],
]);

/** Why a step through the events leads nowhere; undefined when it does not. */
function pastRefusal(state: ProgressState, actionId: string, data: DashboardData): string | undefined {
	const unread = unreadRefusal(data);
	if (unread !== undefined) {
		return unread;
	}

	const step = pastSteps.get(actionId);
	if (!data.past && step?.startsWith('later')) {
		return 'This is how the run is now.';
	}

	return step && stepInPast(state, data, step) ? undefined : 'There is nothing earlier.';
}

function press(state: ProgressState, actionId: string, context: UpdateContext): ProgressStep {
	const {run} = context.data;
	if (actionId === 'progress.schedule' || actionId === 'progress.runs') {
		return {state, goTo: actionId === 'progress.runs' ? 'runs' : 'schedule'};
	}

	const refusal = progressLogic.refusal?.(state, actionId, context);
	if (refusal !== undefined) {
		return {state, toast: {tone: 'info', text: refusal}};
	}

	// A run that is starting is not the one that was shown before.
	if (!run || context.data.starting !== undefined) {
		return {state};
	}

	const motion = listMotionOf(actionId);
	if (motion) {
		return {state: move(state, motion, context)};
	}

	const pastStep = pastSteps.get(actionId);
	if (pastStep) {
		const effect = stepInPast(state, context.data, pastStep);
		return {state, ...(effect && {effects: [effect]})};
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
			return {state, dialog: stopDialog(run, shownId(context.data) ?? '')};
		case 'progress.retry':
			return {state, dialog: retryDialog(context.data)};
		case 'progress.end':
			return {state, dialog: endDialog(context.data)};
		case 'back':
			return back(state, context.data);
		default:
			return {state: edit(state, actionId)};
	}
}

function answer(state: ProgressState, given: Answer, {data}: UpdateContext): ProgressStep {
	if ('failure' in given) {
		return given.to === 'show-run' ? {state, goTo: 'runs', dialog: failureDialog(given)} : {state};
	}

	switch (given.to) {
		case 'retry-run':
			return {state, toast: {tone: 'info', text: 'The run goes on.'}};
		case 'end-run':
			return {state, toast: {tone: 'info', text: 'The run was ended.'}};
		case 'show-run': {
			const refusal =
				given.ask === 'retry' ? retryRefusal(data) : given.ask === 'end' ? endRefusal(data) : undefined;
			if (given.ask === undefined || given.run !== shownId(data)) {
				return {state};
			}

			return refusal === undefined
				? {state, dialog: given.ask === 'retry' ? retryDialog(data) : endDialog(data)}
				: {state, toast: {tone: 'warning', text: refusal}};
		}

		default:
			return {state};
	}
}

function move(state: ProgressState, motion: ListMotion, {data, size}: UpdateContext): ProgressState {
	const run = viewedRun(data);
	if (!run) {
		return state;
	}

	const noted = progressNote(data) !== undefined;

	if (state.tab === 'overview') {
		const count = run.agents.size;
		return {...state, grid: moveList(state.grid, motion, {count, height: gridHeight(size, count, noted)})};
	}

	const shape = logShape(size, state.wrapped, noted);
	return withLogView(state, scrollLog(openLog(run, state.tab), openLogView(state), motion, shape));
}

function toTab(state: ProgressState, way: 1 | -1, {data: {run}}: UpdateContext): ProgressState {
	const tabs = run ? tabsOf(run) : [];
	const place = tabs.findIndex(tab => isSameTab(tab, state.tab));
	return {...state, typing: false, tab: tabs.at((place + way) % tabs.length) ?? 'overview'};
}

/** One level: typing, the filter, the past, the log. What is left unchanged is for whoever is outside of this screen. */
function back(state: ProgressState, data: DashboardData): ProgressStep {
	const view = openLogView(state);
	if (state.typing || view.filter !== '') {
		return {state: {...withLogView(state, filterLog(view, '')), typing: false}};
	}

	const now = lookAtNow(data);
	if (now) {
		return {state, effects: [now]};
	}

	return {state: state.tab === 'overview' ? state : {...state, tab: 'overview'}};
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
