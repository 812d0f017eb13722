import {
	type Acknowledgement,
	type ManualItem,
	type ReadinessFinding,
	acknowledgementsOf,
} from '../../domain/readiness.ts';
import {visibleText} from '../../domain/text.ts';
import {findingText} from './schedule-readiness.ts';
import type {Dialog, DialogAnswer} from './update.ts';
import {names, plural} from './wave-words.ts';

const outcomes = {
	block: 'It must be put right before anything is started.',
	warn: 'Somebody has to take responsibility for it.',
	unknown: 'It could not be found out.',
	info: 'Good to know.',
	pass: 'As it should be.',
} as const;

const tones = {block: 'danger', warn: 'warning', unknown: 'warning', info: 'info', pass: 'info'} as const;

const longest = 420;
const close: readonly DialogAnswer[] = [{key: 'c', label: 'Close'}];

/** All that is known of a finding: evidence, remedy and source. */
export function findingDialog({check, agents}: ReadinessFinding): Dialog {
	const {title, outcome, evidence, remedy, source} = check;
	return {
		title: visibleText(title),
		tone: tones[outcome],
		lines: [
			outcomes[outcome],
			...(agents.length === 0 ? [] : [visibleText(`On ${names(agents, 12)}.`)]),
			'',
			visibleText(evidence, longest),
			...(remedy === '' ? [] : [`→ ${visibleText(remedy, longest)}`]),
			'',
			`Source: ${visibleText(source)}`,
		],
		answers: close,
	};
}

/** What only people can see, and what to do about it. */
export function manualDialog({severity, summary, remedy, source, testedBy}: ManualItem): Dialog {
	return {
		title: 'To look at yourself',
		tone: tones[severity],
		lines: [
			summary,
			`→ ${remedy}`,
			...(testedBy === undefined
				? []
				: ['', `The prerequisite ${visibleText(testedBy)} tests it before anything is launched.`]),
			'',
			`Source: ${source}`,
		],
		answers: close,
	};
}

/** As many warnings as a small window shows at once, each in two lines. */
const atOnce = 5;
const shortest = 132;

/**
 * Asks whether the operator takes responsibility for warnings, a few at a time, each of them named; then `next` says what
 * comes. `all`: how many Agents there are.
 */
export function acknowledgeDialog(
	warnings: readonly ReadinessFinding[],
	all: number,
	next: (acknowledged: readonly Acknowledgement[]) => Omit<DialogAnswer, 'key' | 'label'>,
	from = 0,
): Dialog {
	const shown = warnings.slice(from, from + atOnce);
	const rest = from + atOnce;
	const isLast = rest >= warnings.length;
	const place = warnings.length > atOnce ? `, ${from + 1}–${from + shown.length}` : '';
	return {
		title: `${plural(warnings.length, 'warning')}${place}: take responsibility?`,
		tone: 'warning',
		lines: [
			...shown.map(warning => visibleText(`• ${findingText(warning, all)}`, shortest)),
			'',
			'That you did is written into the run.',
		],
		answers: [
			{key: 'n', label: 'Cancel'},
			{
				key: 'y',
				label: isLast ? 'Acknowledge and go on' : 'Acknowledge these and show the others',
				...(isLast
					? next(acknowledgementsOf(warnings))
					: {dialog: acknowledgeDialog(warnings, all, next, rest)}),
			},
		],
	};
}
