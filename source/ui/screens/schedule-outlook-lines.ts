import {visibleText} from '../../domain/text.ts';
import {wrap} from '../components/fit.ts';
import {planOf} from '../state/schedule-outlook.ts';
import {stepAgents, stepTitle} from '../state/wave-words.ts';
import type {FormRow} from '../state/schedule-form.ts';
import {type FormLine, blankLine, heading, paragraph} from './form-line.ts';
import type {FormInput} from './schedule-form-lines.ts';
import {readinessLines} from './schedule-readiness-lines.ts';

/** Lines of names below a step; the line with all of them is the hint of the step. */
const linesOfNames = 2;

/** What the choice results in: the plan, or why there is none, and whether the Agents are ready for it. */
export function outlookLines(input: FormInput): readonly FormLine[] {
	return [...planLines(input), blankLine, ...readinessLines(input)];
}

function planLines(input: FormInput): readonly FormLine[] {
	const {state, data, rows, width, glyphs} = input;
	const result = planOf(state, data, 'upgrade');
	if (!result) {
		const missing = data.cluster
			? 'Choose a package: what will be done with it is shown here.'
			: 'The cluster is not known yet.';
		return [heading('Plan'), ...paragraph(missing, width, glyphs, {role: 'muted'})];
	}

	return [
		heading('plan' in result ? 'Plan' : 'No upgrade is possible'),
		...rows.flatMap((row): readonly FormLine[] => {
			switch (row.kind) {
				case 'step':
					return stepLines(row, input);
				case 'warning':
					return paragraph(visibleText(row.text), width, glyphs, {
						sign: glyphs.warning,
						role: 'warning',
						row: row.id,
					});
				case 'refusal':
					return [
						...paragraph(visibleText(row.failure.message), width, glyphs, {
							sign: glyphs.failed,
							role: 'bad',
							row: row.id,
						}),
						...row.failure.nextSteps.flatMap(step =>
							paragraph(visibleText(step), width, glyphs, {sign: glyphs.arrow, indent: 4}),
						),
					];
				default:
					return [];
			}
		}),
	];
}

function stepLines(
	{id, plan, index, step}: Extract<FormRow, {kind: 'step'}>,
	{width, glyphs}: FormInput,
): readonly FormLine[] {
	const sign = plan.steps.length === 1 ? glyphs.arrow : `${index + 1}.`;
	const agents = wrap(visibleText(stepAgents(step, 40)), width - 7, glyphs);
	const more = agents.length > linesOfNames ? glyphs.ellipsis : '';
	return [
		...paragraph(stepTitle(plan, index), width, glyphs, {sign, row: id}),
		...agents.slice(0, linesOfNames).map((text, line): FormLine => ({
			spans: [['muted', `     ${text}${line === linesOfNames - 1 ? more : ''}`]],
		})),
	];
}
