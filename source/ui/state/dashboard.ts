import type {KeyScope} from '../input/keymap.ts';
import type {LookWish} from '../ports.ts';
import {type OpenDialog, isTyping, openDialog} from './dialog.ts';
import type {OpenHelp} from './help.ts';
import type {OpenMenu} from './menu.ts';
import type {OpenPalette} from './palette.ts';
import type {OpenSecret} from './question.ts';
import {retryDialog} from './run-again.ts';
import {type ScreenStates, initialScreens, screenLogics} from './screens.ts';
import {shownStanding} from './shown-run.ts';
import type {Answer, DashboardData, Effect, ScreenName, ScreenSize, Step, UpdateContext} from './update.ts';

export type Overlay = OpenDialog | OpenHelp | OpenMenu | OpenPalette | OpenSecret;

export interface OpenToast {
	readonly tone: 'info' | 'warning' | 'danger';
	readonly text: string;
	/** When it goes, in milliseconds since 1970-01-01 UTC. */
	readonly until: number;
}

/** Everything that the dashboard shows is a function of this. */
export interface DashboardState {
	readonly screen: ScreenName;
	/** Where going back leads to from there. */
	readonly back: ScreenName;
	/** Whether it was decided which screen to begin with: by what is known at first, or by a key. */
	readonly begun: boolean;
	readonly screens: ScreenStates;
	/** What lies over the screen, the topmost last. */
	readonly overlays: readonly Overlay[];
	readonly toast: OpenToast | undefined;
	/** Until then another ctrl+c leaves. */
	readonly interruptedUntil: number | undefined;
	readonly data: DashboardData;
	/** The question that was answered last, until the outside knows it. */
	readonly answered: number | undefined;
	/** Whom the outside was asked to look at; undefined while nobody is. */
	readonly looking: LookWish | undefined;
	readonly size: ScreenSize;
	/** Milliseconds since 1970-01-01 UTC. */
	readonly now: number;
}

/** Whatever can happen to the dashboard. */
export type Message =
	/** A key by its name. */
	| {readonly type: 'key'; readonly key: string}
	/** Pasted text; never a command. */
	| {readonly type: 'paste'; readonly text: string}
	| {readonly type: 'answer'; readonly answer: Answer}
	| {readonly type: 'data'; readonly data: DashboardData; readonly now: number}
	| {readonly type: 'size'; readonly size: ScreenSize}
	| {readonly type: 'tick'; readonly now: number};

export interface Updated {
	readonly state: DashboardState;
	readonly effects: readonly Effect[];
}

export function initialDashboard(
	size: ScreenSize,
	now: number,
	data: DashboardData = {packages: [], runs: []},
): DashboardState {
	return beginWithRun({
		screen: 'manage',
		back: 'manage',
		begun: false,
		screens: initialScreens,
		overlays: [],
		toast: undefined,
		interruptedUntil: undefined,
		looking: undefined,
		answered: undefined,
		data,
		size,
		now,
	});
}

/**
 * As soon as it is known whether there is a run to show at first, that run is shown on Progress; an interrupted one
 * is offered to be gone on with. Who pressed a key before that stays where he is.
 */
export function beginWithRun(state: DashboardState): DashboardState {
	const {data, begun} = state;
	if (begun || (data.shown === undefined && !data.cluster)) {
		return state;
	}

	if (data.shown === undefined) {
		return {...state, begun: true};
	}

	// What there is to ask about it is known once its events were read.
	if (!data.run?.plan || data.behind) {
		return {...state, screen: 'progress'};
	}

	const asks = shownStanding(data) === 'interrupted';
	return {
		...state,
		begun: true,
		screen: 'progress',
		overlays: asks ? [...state.overlays, openDialog(retryDialog(data))] : state.overlays,
	};
}

/** Opens a screen; from Runs to Progress it is a step deeper, that going back undoes. */
export function onScreen(state: DashboardState, screen: ScreenName): DashboardState {
	return {...state, screen, back: state.screen === 'runs' && screen === 'progress' ? 'runs' : 'manage'};
}

export function contextOf({data, size, now}: DashboardState): UpdateContext {
	return {data, size, now};
}

/** What is on top and takes the keys. */
export function topOverlay({overlays}: DashboardState): Overlay | undefined {
	return overlays.at(-1);
}

/** The key scopes that are open, innermost first; `everywhere` is always open and not named. */
export function openScopes(state: DashboardState): readonly KeyScope[] {
	const overlay = topOverlay(state);
	switch (overlay?.kind) {
		case undefined:
			return screenLogics[state.screen].scopes(state.screens);
		case 'dialog':
			return isTyping(overlay) ? ['text', 'dialog'] : ['dialog'];
		case 'help':
			return overlay.searching ? ['text', 'help'] : ['help'];
		case 'palette':
			return ['palette', 'text'];
		case 'menu':
			return ['menu'];
		case 'secret':
			return ['text'];
	}
}

/** How long a toast stays, in milliseconds; longer texts take longer to read. */
export function toastOf({tone, text}: NonNullable<Step<unknown>['toast']>, now: number): OpenToast {
	return {tone, text, until: now + Math.max(4000, text.length * 80)};
}
