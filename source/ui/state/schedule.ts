import type {FailoverPolicy} from '../../domain/failover-policy.ts';
import type {RunId} from '../../domain/run-event.ts';
import {failureDialog} from './failure-dialog.ts';
import {
	type FileStep,
	failFolder,
	leaveFolder,
	moveInFiles,
	openBrowser,
	openFile,
	showFolder,
} from './file-browser.ts';
import {type ListMotion, listMotionOf, moveList} from './list-view.ts';
import {isRunOpen, openRunDialog, runOpenCode} from './open-run.ts';
import {progressRefusal} from './progress-refusal.ts';
import {type FormRow, focusedIndex, focusedRow, formRows, neighbourSection} from './schedule-form.ts';
import {findingDialog, manualDialog} from './readiness-dialogs.ts';
import {lookWishOf} from './schedule-readiness.ts';
import {type StartGoal, listingRefusal, startDialog, startRefusal} from './schedule-start.ts';
import {type ScheduleState, initialSchedule} from './schedule-state.ts';
import {bodyHeight} from './layout.ts';
import {unfinishedRun} from './shown-run.ts';
import {staleLockCode, takeOverDialog} from './take-over.ts';
import type {Answer, DashboardData, Dialog, ScreenLogic, Step, UpdateContext} from './update.ts';

type ScheduleStep = Step<ScheduleState>;

/** Upgrade › Schedule: the form in which an upgrade is put together. */
export const scheduleLogic: ScreenLogic<ScheduleState> = {
	initial: initialSchedule,
	press(state, actionId, context) {
		return actionId.startsWith('files.')
			? pressFiles(state, actionId, context)
			: pressForm(state, actionId, context);
	},
	answer,
	// The form cannot be seen behind the file browser, so that its keys mean nothing there.
	scopes: ({files}) => (files ? ['files'] : ['schedule']),
	refusal(state, actionId, context) {
		switch (actionId) {
			case 'schedule.upload':
				return pressRefusal(state, context, 'upload');
			case 'schedule.upgrade':
				return pressRefusal(state, context, 'upgrade');
			case 'schedule.progress':
				return progressRefusal(context.data);
			default:
				return undefined;
		}
	},
};

/** Why a start leads to nothing, not even to the run that is in its way; undefined when it opens a dialog. */
export function pressRefusal(
	state: ScheduleState,
	context: Pick<UpdateContext, 'data' | 'now'>,
	goal: StartGoal,
): string | undefined {
	return isRunOpen(context.data) ? undefined : startRefusal(state, context, goal);
}

/** How many lines the file browser has for folders and packages. */
export function fileRowsHeight(context: Pick<UpdateContext, 'size'>): number {
	return Math.max(1, bodyHeight(context.size) - 4);
}

function pressForm(state: ScheduleState, actionId: string, context: UpdateContext): ScheduleStep {
	const motion = listMotionOf(actionId);
	if (motion) {
		return {state: moveFocus(state, motion, context)};
	}

	switch (actionId) {
		case 'schedule.choose':
			return choose(state, context);
		case 'schedule.next-section':
			return {state: toSection(state, 1, context)};
		case 'schedule.previous-section':
			return {state: toSection(state, -1, context)};
		case 'schedule.right':
			return {state: sideways(state, 'right', context)};
		case 'schedule.left':
			return {state: sideways(state, 'left', context)};
		case 'schedule.upload':
			return start(state, 'upload', context);
		case 'schedule.upgrade':
			return start(state, 'upgrade', context);
		case 'schedule.refresh':
			return refresh(state, context);
		case 'schedule.progress':
			return {state, goTo: 'progress'};
		default:
			return {state};
	}
}

/** Also what readiness was found by, where it may be looked at. */
function refresh(state: ScheduleState, {data}: UpdateContext): ScheduleStep {
	const wish = lookWishOf(state, data);
	return {
		state,
		effects: [{do: 'refresh'}, ...(wish ? [{do: 'look', wish, anew: true} as const] : [])],
		toast: {tone: 'info', text: wish ? 'Looking at every Agent again…' : 'Asking every Agent…'},
	};
}

function moveFocus(state: ScheduleState, motion: ListMotion, context: UpdateContext): ScheduleState {
	const rows = formRows(state, context);
	const extent = {count: rows.length, height: bodyHeight(context.size)};
	const {cursor} = moveList({cursor: focusedIndex(rows, state.focus), top: 0}, motion, extent);
	return {...state, focus: rows[cursor]?.id ?? ''};
}

function toSection(state: ScheduleState, way: 1 | -1, context: UpdateContext): ScheduleState {
	return {...state, focus: neighbourSection(formRows(state, context), state.focus, way)?.id ?? state.focus};
}

function sideways(state: ScheduleState, way: 'left' | 'right', context: UpdateContext): ScheduleState {
	const row = focusedRow(state, context);
	switch (row?.section) {
		case 'options':
			return {...state, optionsOpen: way === 'right', focus: 'options:'};
		case 'failover':
			return {...state, failoverOpen: way === 'right', focus: 'failover:'};
		case 'manual':
			return {...state, manualOpen: way === 'right', focus: 'manual:'};
		case 'buttons': {
			const moved = moveFocus(state, way === 'right' ? 'down' : 'up', context);
			return moved.focus.startsWith('buttons:') ? moved : state;
		}

		default:
			return state;
	}
}

function choose(state: ScheduleState, context: UpdateContext): ScheduleStep {
	const row = focusedRow(state, context);
	switch (row?.kind) {
		case 'package':
			return choosePackage(state, row.listing.path, false, context);
		case 'new-package':
			return withFiles(state, openBrowser(state.lastFolder));
		case 'all-agents':
			return {state: {...state, agents: 'all', focus: row.id}};
		case 'individual-agents':
			return {state: {...state, agents: 'individual', focus: row.id}};
		case 'member':
			return {state: toggleMember(state, row)};
		case 'options':
			return {state: {...state, optionsOpen: !state.optionsOpen}};
		case 'option':
			return {state: {...state, options: {...state.options, [row.name]: !state.options[row.name]}}};
		case 'failover':
			return {state: {...state, failoverOpen: !state.failoverOpen}};
		case 'manual':
			return {state: {...state, manualOpen: !state.manualOpen}};
		case 'finding':
			return {state, dialog: findingDialog(row.finding)};
		case 'manual-item':
			return {state, dialog: manualDialog(row.item)};
		case 'policy':
			return choosePolicy(state, row.policy, context);
		case 'launch':
			return {state: {...state, launch: row.way}};
		case 'button':
			return row.button === 'close' ? {state, goTo: 'manage'} : start(state, row.button, context);
		default:
			return {state};
	}
}

function choosePackage(
	state: ScheduleState,
	path: string,
	isNew: boolean,
	{data}: UpdateContext,
): ScheduleStep {
	const refusal = listingRefusal(data, path);
	const running = runOfPackage(data, path);
	if (running !== undefined) {
		return {state, effects: [{do: 'show-run', run: running}], goTo: 'progress'};
	}

	return refusal === undefined
		? {state: {...state, chosen: {path, isNew}}, effects: [{do: 'inspect', path}]}
		: {state, toast: {tone: 'warning', text: refusal}};
}

/** The run that is not over and has this package of the list: choosing it means to watch that run. */
function runOfPackage(data: UpdateContext['data'], path: string): RunId | undefined {
	const listing = data.packages.find(known => known.path === path);
	const isBusy = listing?.status === 'Uploading' || listing?.status === 'Upgrading';
	const run = isBusy ? unfinishedRun(data) : undefined;
	return run?.package.file === listing?.file ? run?.run : undefined;
}

function toggleMember(state: ScheduleState, {agents}: Extract<FormRow, {kind: 'member'}>): ScheduleState {
	const isMarked = agents.every(id => state.marked.has(id));
	const marked = new Set(state.marked);
	for (const id of agents) {
		if (isMarked) {
			marked.delete(id);
		} else {
			marked.add(id);
		}
	}

	return {...state, marked};
}

function choosePolicy(state: ScheduleState, policy: FailoverPolicy, {data}: UpdateContext): ScheduleStep {
	const refusal = policyRefusal(policy, state, data);
	return refusal === undefined
		? {state: {...state, policy}}
		: {state, toast: {tone: 'warning', text: refusal}};
}

/** Why a policy cannot be chosen; undefined when it can. */
export function policyRefusal(
	policy: FailoverPolicy,
	{launch}: Pick<ScheduleState, 'launch'>,
	{switchOverRefusal}: UpdateContext['data'],
): string | undefined {
	const switches = policy === 'BackupFirst' || policy === 'BackupFirstWithSwitchback';
	// An Agent that launches the whole cluster switches over by itself.
	return switches && launch === 'agents' ? switchOverRefusal?.message : undefined;
}

function start(state: ScheduleState, goal: StartGoal, context: UpdateContext): ScheduleStep {
	const {data} = context;
	const refusal = pressRefusal(state, context, goal);
	if (refusal !== undefined) {
		return {state, toast: {tone: 'warning', text: refusal}};
	}

	const dialog = isRunOpen(data) ? openRunDialog(state, data) : startDialog(state, context, goal);
	return {state, ...(dialog && {dialog})};
}

function pressFiles(state: ScheduleState, actionId: string, context: UpdateContext): ScheduleStep {
	const {files} = state;
	if (!files) {
		return {state};
	}

	const motion = listMotionOf(actionId);
	if (motion) {
		return {state: {...state, files: moveInFiles(files, motion, fileRowsHeight(context))}};
	}

	switch (actionId) {
		case 'files.open': {
			const step = openFile(files);
			return step.picked === undefined
				? withFiles(state, step)
				: choosePackage(
						{...state, files: undefined, lastFolder: files.listing?.path},
						step.picked,
						true,
						context,
					);
		}

		case 'files.parent':
			return withFiles(state, leaveFolder(files));
		case 'files.close':
			return {state: {...state, files: undefined}};
		default:
			return {state};
	}
}

function withFiles(state: ScheduleState, {browser, effects}: FileStep): ScheduleStep {
	return {state: {...state, files: browser}, ...(effects && {effects})};
}

/** A stale lock may be taken over, a run that is open can be opened; any other reason is for the operator to remove. */
function notStartedDialog(
	state: ScheduleState,
	given: Extract<Answer, {readonly failure: unknown}>,
	data: DashboardData,
): Dialog {
	const {failure, request} = given;
	const instead = failure.code === runOpenCode ? openRunDialog(state, data) : undefined;
	if (instead) {
		return instead;
	}

	return failure.code === staleLockCode && request ? takeOverDialog(failure, request) : failureDialog(given);
}

function answer(state: ScheduleState, given: Answer, context: UpdateContext): ScheduleStep {
	const {chosen, files} = state;
	switch (given.to) {
		case 'inspect': {
			// A package that is not chosen any more may answer late.
			if (!chosen || ('path' in given && given.path !== chosen.path)) {
				return {state};
			}

			const {path, isNew} = chosen;
			const read =
				'facts' in given ? {facts: given.facts} : 'failure' in given ? {failure: given.failure} : {};
			return {state: {...state, chosen: {path, isNew, ...read}}};
		}

		case 'list-folder':
			if (!files) {
				return {state};
			}

			return 'listing' in given
				? {state: {...state, files: showFolder(files, given.listing, fileRowsHeight(context))}}
				: {state: 'failure' in given ? {...state, files: failFolder(files, given.failure)} : state};
		case 'start-run':
			return 'failure' in given
				? {state, goTo: 'schedule', dialog: notStartedDialog(state, given, context.data)}
				: {state};
		default:
			return {state};
	}
}
