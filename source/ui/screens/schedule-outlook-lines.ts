import {visibleText} from '../../domain/text.ts';
import type {ReadinessOutcome} from '../../domain/readiness.ts';
import {wrap} from '../components/fit.ts';
import {planOf, readinessOf} from '../state/schedule-outlook.ts';
import {agentCount, names, stepAgents, stepTitle} from '../state/wave-words.ts';
import type {FormRow} from '../state/schedule-form.ts';
import type {Role} from '../theme/theme.ts';
import {type FormLine, blankLine, heading, paragraph} from './form-line.ts';
import type {FormInput} from './schedule-form-lines.ts';

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

const looks: Readonly<
	Record<ReadinessOutcome, {mark: 'failed' | 'warning' | 'unknown' | 'bullet' | 'done'; role: Role}>
> = {
	block: {mark: 'failed', role: 'bad'},
	warn: {mark: 'warning', role: 'warning'},
	unknown: {mark: 'unknown', role: 'warning'},
	info: {mark: 'bullet', role: 'muted'},
	pass: {mark: 'done', role: 'good'},
};

function readinessLines({state, data, rows, width, glyphs}: FormInput): readonly FormLine[] {
	const readiness = readinessOf(state, data);
	if (!readiness || readiness.total === 0) {
		return [];
	}

	const {ready, total, unanswered} = readiness;
	const blocked = total - ready - unanswered.length;
	const {mark, role} = looks[blocked > 0 ? 'block' : 'pass'];
	return [
		heading('Readiness'),
		...(unanswered.length < total
			? paragraph(
					`${ready} of ${agentCount(total)} ${ready === 1 && total === 1 ? 'is' : 'are'} ready`,
					width,
					glyphs,
					{
						sign: glyphs[mark],
						role,
					},
				)
			: []),
		...(unanswered.length > 0
			? paragraph(`Not answered yet: ${visibleText(names(unanswered, 5))}`, width, glyphs, {
					sign: glyphs.changing,
					role: 'accent',
				})
			: []),
		...rows.flatMap((row): readonly FormLine[] => {
			if (row.kind !== 'finding') {
				return [];
			}

			const {agent, check} = row.finding;
			const look = looks[check.outcome];
			return [
				{
					row: row.id,
					spans: [
						'  ',
						[look.role, `${glyphs[look.mark]} ${visibleText(agent)}`],
						`  ${check.title}: ${visibleText(check.evidence)}`,
					],
				},
			];
		}),
	];
}
