import {visibleText} from '../../domain/text.ts';
import type {Answer, Dialog} from './update.ts';

const titles: Readonly<Partial<Record<Answer['to'], string>>> = {
	control: 'The Agent did not do it',
	inspect: 'The package could not be read',
	'list-folder': 'The folder could not be read',
	'start-run': 'The run did not start',
	'show-run': 'The run could not be opened',
	'stop-run': 'The request to stop was not left',
	'retry-run': 'The run does not go on',
	'end-run': 'The run was not ended',
	suspend: 'The program could not be suspended',
};

/** Says what failed, why, and what to do. */
export function failureDialog({to, failure}: Extract<Answer, {readonly failure: unknown}>): Dialog {
	return {
		title: titles[to] ?? 'It did not work',
		lines: [visibleText(failure.message), ...failure.nextSteps.map(step => `→ ${visibleText(step)}`)],
		tone: 'danger',
		answers: [{key: 'c', label: 'Close'}],
	};
}
