import type {KeyScope} from '../input/keymap.ts';
import {isTyping, type OpenDialog} from './dialog.ts';
import type {OpenHelp} from './help.ts';
import type {OpenMenu} from './menu.ts';
import type {OpenPalette} from './palette.ts';
import {type ScreenStates, initialScreens, screenLogics} from './screens.ts';
import type {Answer, DashboardData, Effect, ScreenName, ScreenSize, Step, UpdateContext} from './update.ts';

export type Overlay = OpenDialog | OpenHelp | OpenMenu | OpenPalette;

export interface OpenToast {
	readonly tone: 'info' | 'warning' | 'danger';
	readonly text: string;
	/** When it goes, in milliseconds since 1970-01-01 UTC. */
	readonly until: number;
}

/** Everything that the dashboard shows is a function of this. */
export interface DashboardState {
	readonly screen: ScreenName;
	readonly screens: ScreenStates;
	/** What lies over the screen, the topmost last. */
	readonly overlays: readonly Overlay[];
	readonly toast: OpenToast | undefined;
	/** Until then another ctrl+c leaves. */
	readonly interruptedUntil: number | undefined;
	readonly data: DashboardData;
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
	data: DashboardData = {packages: []},
): DashboardState {
	return {
		screen: 'manage',
		screens: initialScreens,
		overlays: [],
		toast: undefined,
		interruptedUntil: undefined,
		data,
		size,
		now,
	};
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
	}
}

/** How long a toast stays, in milliseconds; longer texts take longer to read. */
export function toastOf({tone, text}: NonNullable<Step<unknown>['toast']>, now: number): OpenToast {
	return {tone, text, until: now + Math.max(4000, text.length * 80)};
}
