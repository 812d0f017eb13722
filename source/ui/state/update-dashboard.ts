import {meaningOf} from '../input/dispatch.ts';
import {
	type DashboardState,
	type Message,
	type Updated,
	beginWithRun,
	contextOf,
	openScopes,
	topOverlay,
} from './dashboard.ts';
import {answerFor} from './dialog.ts';
import {failureDialog} from './failure-dialog.ts';
import {isTooSmall} from './layout.ts';
import {chooseAnswer, pressOverlay, typeInOverlay} from './overlays.ts';
import {followQuestion} from './question.ts';
import {performAction, takeStep} from './perform.ts';
import {answerScreen, screenLogics} from './screens.ts';
import {isSameWish, lookWishOf} from './schedule-readiness.ts';
import type {Answer, ControlAct, Effect} from './update.ts';

/** The dashboard after a message, and what the outside is asked to do. Pure. */
export function updateDashboard(state: DashboardState, message: Message): Updated {
	const {state: heeded, effects} = heed(state, message);
	const answered = effects.find(effect => effect.do === 'answer-question')?.id ?? heeded.answered;
	const asked = answered === heeded.answered ? heeded : {...heeded, answered};
	return followForm({state: followQuestion(asked), effects});
}

/**
 * Agents are looked at as soon as the form says which, with which package and policy, and again when it says something
 * else; not while another screen is open.
 */
function followForm({state, effects}: Updated): Updated {
	const wish = state.screen === 'schedule' ? lookWishOf(state.screens.schedule, state.data) : undefined;
	if (isSameWish(wish, state.looking)) {
		return {state, effects};
	}

	const look: Effect = wish ? {do: 'look', wish} : {do: 'stop-looking'};
	return {state: {...state, looking: wish}, effects: [...effects, look]};
}

function heed(state: DashboardState, message: Message): Updated {
	switch (message.type) {
		case 'key':
			return pressKey({...state, begun: true}, message.key);
		case 'paste':
			return openScopes(state).includes('text') && !isTooSmall(state.size)
				? typeText(state, message.text)
				: {state, effects: []};
		case 'answer':
			return takeAnswer(state, message.answer);
		case 'data': {
			const {underWay, starting} = state.data;
			const data = {
				...message.data,
				...(underWay && {underWay}),
				...(starting !== undefined && {starting}),
			};
			return {state: beginWithRun(atTime({...state, data}, message.now)), effects: []};
		}

		case 'size':
			return {state: {...state, size: message.size}, effects: []};
		case 'tick':
			return {state: atTime(state, message.now), effects: []};
	}
}

/** What works even where nothing of the dashboard can be seen. */
const alwaysSafe = new Set(['interrupt', 'suspend', 'redraw']);

function pressKey(state: DashboardState, key: string): Updated {
	const overlay = topOverlay(state);
	const blind = isTooSmall(state.size);
	if (overlay?.kind === 'dialog' && !blind) {
		const answer = answerFor(overlay, key);
		if (answer) {
			return chooseAnswer(state, answer);
		}
	}

	const meaning = meaningOf(key, openScopes(state));
	if (!meaning || (blind && !(meaning.kind === 'action' && alwaysSafe.has(meaning.binding.id)))) {
		return {state, effects: []};
	}

	if (meaning.kind === 'text') {
		return typeText(state, meaning.text);
	}

	const {id} = meaning.binding;
	return pressOverlay(state, id) ?? performAction(state, id);
}

function typeText(state: DashboardState, text: string): Updated {
	const overlay = topOverlay(state);
	return overlay
		? {state: typeInOverlay(state, overlay, text), effects: []}
		: takeStep(state, screenLogics[state.screen].type(state.screens, text, contextOf(state)));
}

function takeAnswer(state: DashboardState, answer: Answer): Updated {
	const settled = withoutPending(state, answer);
	const step = answerScreen(settled.screens, answer, contextOf(settled));
	const taken = takeStep(settled, step);
	const heard = step.state !== settled.screens || step.dialog !== undefined || step.toast !== undefined;
	return 'failure' in answer && !heard
		? {
				...taken,
				state: takeStep(taken.state, {state: taken.state.screens, dialog: failureDialog(answer)}).state,
			}
		: taken;
}

function withoutPending(state: DashboardState, answer: Answer): DashboardState {
	if (answer.to === 'start-run') {
		const {starting: begun, ...data} = state.data;
		return begun === undefined ? state : {...state, data};
	}

	if (answer.to !== 'control' || answer.agent === undefined) {
		return state;
	}

	const underWay = new Map<string, ControlAct>(state.data.underWay);
	underWay.delete(answer.agent);
	return {...state, data: {...state.data, underWay}};
}

function atTime(state: DashboardState, now: number): DashboardState {
	const {toast, interruptedUntil} = state;
	return {
		...state,
		now,
		toast: toast && toast.until > now ? toast : undefined,
		interruptedUntil: interruptedUntil !== undefined && interruptedUntil > now ? interruptedUntil : undefined,
	};
}
