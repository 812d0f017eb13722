import {formatDuration} from '../../domain/format-duration.ts';
import {
	type ReadinessFinding,
	type ReadinessOutcome,
	findingsToAcknowledge,
	refusesStart,
} from '../../domain/readiness.ts';
import {visibleText} from '../../domain/text.ts';
import {fit, widthOf} from '../components/fit.ts';
import {timeOfDay} from '../components/time.ts';
import type {FormRow} from '../state/schedule-form.ts';
import {
	type Outlook,
	findingAgents,
	findingWords,
	lookRefusal,
	lookWishOf,
	readinessOf,
} from '../state/schedule-readiness.ts';
import {agentCount, names, plural} from '../state/wave-words.ts';
import type {Role} from '../theme/theme.ts';
import {type FormLine, blankLine, heading, paragraph} from './form-line.ts';
import type {FormInput} from './schedule-form-lines.ts';

const looks: Readonly<
	Record<ReadinessOutcome, {mark: 'failed' | 'warning' | 'unknown' | 'bullet' | 'done'; role: Role}>
> = {
	block: {mark: 'failed', role: 'bad'},
	warn: {mark: 'warning', role: 'warning'},
	unknown: {mark: 'unknown', role: 'warning'},
	info: {mark: 'bullet', role: 'muted'},
	pass: {mark: 'done', role: 'good'},
};

/** Whether the Agents of the form are ready: worst first, one line each; what people have to look at comes last. */
export function readinessLines(input: FormInput): readonly FormLine[] {
	const {state, data, now, width, glyphs} = input;
	const outlook = readinessOf(state, {data, now});
	if (outlook) {
		return [
			{...heading('Readiness'), end: [[outlook.stale ? 'warning' : 'muted', ageText(outlook, now)]]},
			...summaryLines(outlook, input),
			...findingLines(outlook, input),
			...manualLines(input),
		];
	}

	const refusal = state.chosen?.facts ? lookRefusal(state, data) : undefined;
	return refusal === undefined
		? lookWishOf(state, data)
			? [heading('Readiness', 'looking')]
			: []
		: [heading('Readiness', 'not looked at'), ...paragraph(refusal, width, glyphs, {role: 'muted'})];
}

function ageText({look: {readiness, waitingFor}, stale}: Outlook, now: number): string {
	if (waitingFor.length > 0 && !stale) {
		return 'looking';
	}

	// In whole minutes, so that it stands still while it is read.
	const age = Math.floor((now - readiness.at) / 60_000) * 60_000;
	return stale
		? `stale: ${formatDuration(age)} old`
		: `as of ${timeOfDay(readiness.at)}${age > 0 ? `, ${formatDuration(age)} ago` : ''}`;
}

function summaryLines(outlook: Outlook, {width, glyphs}: FormInput): readonly FormLine[] {
	const {look, findings, ready, passed, stale} = outlook;
	const {wish, readiness, waitingFor} = look;
	const answered = wish.agents.length - waitingFor.length;
	const blocked = findings.some(({check}) => check.outcome === 'block');
	const refused = findings.some(({check}) => refusesStart(check));
	const warnings = findingsToAcknowledge(readiness).length;
	const unknown = findings.filter(({check}) => check.outcome === 'unknown').length;
	const {mark, role} = looks[blocked ? 'block' : warnings > 0 ? 'warn' : 'pass'];
	const said = [
		`${ready} of ${agentCount(wish.agents.length)} ${wish.agents.length === 1 ? 'is' : 'are'} ready`,
		...(refused ? ['nothing may start'] : []),
		...(warnings > 0 && !refused ? [`${plural(warnings, 'warning')} to acknowledge`] : []),
		...(waitingFor.length === 0
			? [...(unknown > 0 ? [`${unknown} unknown`] : []), `${plural(passed, 'check')} passed`]
			: []),
	];
	return [
		...(answered > 0
			? paragraph(said.join(` ${glyphs.dot} `), width, glyphs, {sign: glyphs[mark], role})
			: []),
		...(waitingFor.length > 0
			? paragraph(`Not answered yet: ${visibleText(names(waitingFor, 5))}`, width, glyphs, {
					sign: glyphs.changing,
					role: 'accent',
				})
			: []),
		...(stale
			? paragraph('Looked at too long ago to act upon: R looks again', width, glyphs, {
					sign: glyphs.warning,
					role: 'warning',
				})
			: []),
	];
}

function findingLines({look, findings}: Outlook, {rows, glyphs, width}: FormInput): readonly FormLine[] {
	const isNarrow = width < narrow;
	const whom = (finding: ReadinessFinding) =>
		visibleText(findingAgents(finding, look.wish.agents.length, isNarrow ? 1 : 3));
	const widest = Math.min(
		isNarrow ? 0 : widestName,
		Math.max(...findings.map(finding => widthOf(whom(finding)))),
	);
	return rows.flatMap((row): readonly FormLine[] => {
		if (row.kind !== 'finding') {
			return [];
		}

		const {finding} = row;
		const {mark, role} = looks[finding.check.outcome];
		const who = fit(whom(finding), Math.max(widest, widthOf(whom(finding))), glyphs);
		return [
			{
				row: row.id,
				spans: [
					'  ',
					[role, `${glyphs[mark]} ${who}`],
					`  ${visibleText(findingWords(finding), longestLine)}`,
				],
			},
		];
	});
}

/** Below as many columns what was found needs all the room. */
const narrow = 60;
/** Longer lists of names are not waited for by the lines above and below. */
const widestName = 16;
/** More than any terminal is wide. */
const longestLine = 400;

function manualLines({rows, state, glyphs}: FormInput): readonly FormLine[] {
	return rows.flatMap((row: FormRow): readonly FormLine[] => {
		switch (row.kind) {
			case 'manual': {
				const sign = state.manualOpen ? glyphs.open : glyphs.closed;
				return [
					blankLine,
					{
						row: row.id,
						spans: [['title', `${sign} TO LOOK AT YOURSELF`]],
						end: [['muted', String(row.count)]],
					},
				];
			}

			case 'manual-item': {
				const {severity, summary} = row.item;
				// Nobody has looked: it has a weight, and no outcome.
				const weight = `${glyphs.unknown} ${severity.padEnd(5)}`;
				return [{row: row.id, spans: ['  ', [looks[severity].role, weight], `  ${summary}`]}];
			}

			default:
				return [];
		}
	});
}
