import type {KeyScope} from '../input/keymap.ts';
import {type ManageState, manageLogic} from './manage.ts';
import {progressLogic} from './progress.ts';
import type {ProgressState} from './progress-state.ts';
import {type RunsState, runsLogic} from './runs.ts';
import {scheduleLogic} from './schedule.ts';
import type {ScheduleState} from './schedule-state.ts';
import type {Answer, ScreenLogic, ScreenName, Step, UpdateContext} from './update.ts';

/** What each screen remembers, also while another one is shown. */
export interface ScreenStates {
	readonly manage: ManageState;
	readonly schedule: ScheduleState;
	readonly progress: ProgressState;
	readonly runs: RunsState;
}

export const initialScreens: ScreenStates = {
	manage: manageLogic.initial,
	schedule: scheduleLogic.initial,
	progress: progressLogic.initial,
	runs: runsLogic.initial,
};

/** A step of any screen, with the states of all of them. */
export type ScreensStep = Step<ScreenStates>;

/** The logic of one screen, on the states of all of them. */
interface Screen {
	press(screens: ScreenStates, actionId: string, context: UpdateContext): ScreensStep;
	type(screens: ScreenStates, text: string, context: UpdateContext): ScreensStep;
	answer(screens: ScreenStates, answer: Answer, context: UpdateContext): ScreensStep;
	scopes(screens: ScreenStates): readonly KeyScope[];
	refusal(screens: ScreenStates, actionId: string, context: UpdateContext): string | undefined;
}

export const screenLogics: Readonly<Record<ScreenName, Screen>> = {
	manage: onAll('manage', manageLogic),
	schedule: onAll('schedule', scheduleLogic),
	progress: onAll('progress', progressLogic),
	runs: onAll('runs', runsLogic),
};

/** Which screen hears what came of an effect. */
const listeners: Readonly<Partial<Record<Answer['to'], ScreenName>>> = {
	control: 'manage',
	inspect: 'schedule',
	'list-folder': 'schedule',
	'start-run': 'schedule',
	'show-run': 'progress',
	'stop-run': 'progress',
	'retry-run': 'progress',
	'end-run': 'progress',
};

export function answerScreen(screens: ScreenStates, answer: Answer, context: UpdateContext): ScreensStep {
	const name = listeners[answer.to];
	return name === undefined ? {state: screens} : screenLogics[name].answer(screens, answer, context);
}

function onAll<Name extends ScreenName>(name: Name, logic: ScreenLogic<ScreenStates[Name]>): Screen {
	const embed = (screens: ScreenStates, step: Step<ScreenStates[Name]> | undefined): ScreensStep => ({
		...step,
		state: !step || step.state === screens[name] ? screens : {...screens, [name]: step.state},
	});
	return {
		press: (screens, actionId, context) => embed(screens, logic.press(screens[name], actionId, context)),
		type: (screens, text, context) => embed(screens, logic.type?.(screens[name], text, context)),
		answer: (screens, answer, context) => embed(screens, logic.answer?.(screens[name], answer, context)),
		scopes: screens => logic.scopes(screens[name]),
		refusal: (screens, actionId, context) => logic.refusal?.(screens[name], actionId, context),
	};
}
