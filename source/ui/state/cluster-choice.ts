import {meaningOf} from '../input/dispatch.ts';
import {type ListView, listMotionOf, moveList, settleList, startOfList} from './list-view.ts';
import {bodyHeight, isTooSmall} from './layout.ts';
import type {ScreenSize} from './update.ts';

/** A cluster that the dashboard can be opened on. */
export interface ClusterOption {
	readonly name: string;
	/** How many Agents it has. */
	readonly agents: number;
}

/** The question which cluster is meant. */
export interface ClusterChoice {
	readonly options: readonly ClusterOption[];
	readonly view: ListView;
	readonly size: ScreenSize;
}

export type ClusterChoiceStep =
	/** Undefined: whoever was asked leaves. */
	{readonly open: ClusterChoice} | {readonly chosen: string | undefined};

export function openClusterChoice(options: readonly ClusterOption[], size: ScreenSize): ClusterChoice {
	return {options, view: startOfList, size};
}

/** Rows of the list that are shown at once, in a frame with an empty line above and below. */
export function choiceHeight({options, size}: ClusterChoice): number {
	return Math.max(1, Math.min(options.length, bodyHeight(size) - 4));
}

export function resizeClusterChoice(choice: ClusterChoice, size: ScreenSize): ClusterChoice {
	const resized = {...choice, size};
	return {...resized, view: settleList(choice.view, extentOf(resized))};
}

/** The choice after a key, or what was chosen. A key that nobody can see the effect of only leaves. */
export function pressClusterChoice(choice: ClusterChoice, key: string): ClusterChoiceStep {
	const meaning = meaningOf(key, ['menu']);
	const id = meaning?.kind === 'action' ? meaning.binding.id : '';
	const motion = listMotionOf(id);
	switch (id) {
		case 'back':
		case 'quit':
		case 'interrupt':
			return {chosen: undefined};
		case 'menu.choose':
			return isTooSmall(choice.size) ? {open: choice} : {chosen: choice.options[choice.view.cursor]?.name};
		default:
			return motion && !isTooSmall(choice.size)
				? {open: {...choice, view: moveList(choice.view, motion, extentOf(choice))}}
				: {open: choice};
	}
}

function extentOf(choice: ClusterChoice) {
	return {count: choice.options.length, height: choiceHeight(choice)};
}
