import {serviceCertificate} from '../../agent/prompts.ts';
import {graphemes} from '../components/fit.ts';
import type {Question} from '../ports.ts';
import {type DashboardState, openScopes} from './dashboard.ts';
import {openDialog} from './dialog.ts';
import {hostKeyLines} from './host-key-lines.ts';
import type {Dialog, Effect} from './update.ts';

/** A question that is answered with text. */
export interface OpenSecret {
	readonly kind: 'secret';
	readonly asked: Extract<Question, {kind: 'secret'}>;
	readonly typed: string;
}

/** More than any secret has. */
const longestAnswer = 4096;

/** What was typed or pasted comes to the answer as it is; only the end of a line is no part of a secret. */
export function typeInSecret(open: OpenSecret, text: string): OpenSecret {
	return {...open, typed: (open.typed + text.replaceAll(/[\r\n]/g, '')).slice(0, longestAnswer)};
}

/** The question after a key; or what is answered, and it is closed. */
export function pressSecret(
	open: OpenSecret,
	actionId: string,
): {readonly open: OpenSecret} | {readonly effects: readonly Effect[]} {
	const {id} = open.asked;
	switch (actionId) {
		case 'text.accept':
			return {effects: [{do: 'answer-question', id, answer: open.typed}]};
		case 'back':
			return {effects: [{do: 'answer-question', id}]};
		case 'text.clear':
			return {open: {...open, typed: ''}};
		case 'text.erase':
			return {open: {...open, typed: graphemes(open.typed).slice(0, -1).join('')}};
		default:
			return {open};
	}
}

/**
 * Puts the question of the moment on the screen, and takes one away that is answered or not wanted any more. It lies
 * under what is open already and waits for the end of what is being typed: nobody must answer it by accident.
 */
export function followQuestion(state: DashboardState): DashboardState {
	const asked = state.data.question;
	const open = state.overlays.filter(overlay => !('question' in overlay) || overlay.question === asked?.id);
	const kept = open.filter(overlay => overlay.kind !== 'secret' || overlay.asked.id === asked?.id);
	const left = kept.length === state.overlays.length ? state : {...state, overlays: kept};
	if (!asked || state.answered === asked.id || isOpen(left, asked.id) || openScopes(left).includes('text')) {
		return left;
	}

	const overlay =
		asked.kind === 'secret'
			? ({kind: 'secret', asked, typed: ''} as const)
			: {...openDialog(hostKeyDialog(asked)), question: asked.id};
	return {...left, overlays: [overlay, ...left.overlays]};
}

function isOpen({overlays}: DashboardState, id: number): boolean {
	return overlays.some(
		overlay =>
			(overlay.kind === 'secret' && overlay.asked.id === id) ||
			(overlay.kind === 'dialog' && overlay.question === id),
	);
}

/** Whoever trusts the wrong server gives it everything: it takes a whole word, as with ssh. */
function hostKeyDialog({id, question}: Extract<Question, {kind: 'host key'}>): Dialog {
	return {
		title: 'Trust this server?',
		tone: 'warning',
		lines: hostKeyLines(question),
		answers: [
			{key: 'n', label: 'Do not connect', effects: [{do: 'answer-question', id}]},
			{
				key: 'y',
				label: `Trust it and remember its ${question.keyType === serviceCertificate ? 'certificate' : 'key'}`,
				effects: [{do: 'answer-question', id, answer: true}],
			},
		],
		typeToConfirm: 'yes',
	};
}
