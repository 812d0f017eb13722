import {editText, typeText} from './text-field.ts';
import type {Dialog, DialogAnswer} from './update.ts';

/** A dialog on the screen. */
export interface OpenDialog {
	readonly kind: 'dialog';
	readonly dialog: Dialog;
	/** Index of the marked answer; 0 is the safe one. */
	readonly choice: number;
	/** What was typed to confirm. */
	readonly typed: string;
	/** The question on the way to an Agent that it puts; it goes when that is not wanted any more. */
	readonly question?: number;
}

/** The dialog after a key, or the answer that was chosen. */
export type DialogStep = {readonly open: OpenDialog} | {readonly chosen: DialogAnswer | undefined};

export function openDialog(dialog: Dialog): OpenDialog {
	return {kind: 'dialog', dialog, choice: 0, typed: ''};
}

/** Whether characters are typed into the dialog, or choose answers. */
export function isTyping({dialog}: OpenDialog): boolean {
	return dialog.typeToConfirm !== undefined;
}

/** Whether an answer counts now: the safe one always does, the others once the text is right. */
export function isOffered({dialog, typed}: OpenDialog, choice: number): boolean {
	return choice === 0 || dialog.typeToConfirm === undefined || typed === dialog.typeToConfirm;
}

export function pressDialog(open: OpenDialog, actionId: string): DialogStep {
	const {answers} = open.dialog;
	switch (actionId) {
		case 'dialog.next':
			return {open: {...open, choice: (open.choice + 1) % answers.length}};
		case 'dialog.previous':
			return {open: {...open, choice: (open.choice + answers.length - 1) % answers.length}};
		case 'dialog.choose':
		case 'text.accept':
			return isOffered(open, open.choice) ? {chosen: answers[open.choice]} : {open};
		case 'dialog.decline':
		case 'back':
			return {chosen: answers[0]};
		case 'text.erase':
		case 'text.clear':
			return {open: typed(open, editText(open.typed, actionId) ?? '')};
		default:
			return {open};
	}
}

/** The answer whose letter this is, where letters choose answers. */
export function answerFor(open: OpenDialog, key: string): DialogAnswer | undefined {
	return isTyping(open) ? undefined : open.dialog.answers.find(answer => answer.key === key);
}

export function typeInDialog(open: OpenDialog, text: string): OpenDialog {
	return isTyping(open) ? typed(open, typeText(open.typed, text)) : open;
}

/** The right text marks the answer that it was typed for; any other marks the safe one again. */
function typed(open: OpenDialog, text: string): OpenDialog {
	return {...open, typed: text, choice: text === open.dialog.typeToConfirm ? 1 : 0};
}
