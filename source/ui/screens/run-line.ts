import {visibleText} from '../../domain/text.ts';
import {dateAndTime} from '../components/date-time.ts';
import {fit, widthOf} from '../components/fit.ts';
import type {Span} from '../components/spans.ts';
import type {RunSummary} from '../ports.ts';
import {rememberLast} from '../state/remember-last.ts';
import {summaryStanding} from '../state/run-words.ts';
import {broughtBy, tookText} from '../state/runs-list.ts';
import type {Glyphs} from '../theme/glyphs.ts';

/** Columns of each part of a line in the list of runs, with the spaces behind it. */
export interface RunColumns {
	readonly when: number;
	readonly standing: number;
	readonly goal: number;
	readonly version: number;
	readonly cluster: number;
	readonly who: number;
	readonly took: number;
	/** Builds and hosts are named, seconds too, where there is room for them. */
	readonly wide: boolean;
}

/** The pointer and the spaces around it. */
const gutter = 3;

/** Versions and names take what they need, as far as there is room. `all`: also those that a filter hides. */
export const runColumns = rememberLast((all: readonly RunSummary[], width: number): RunColumns => {
	const wide = width >= 110;
	const fixed = wide
		? {when: 21, standing: 15, goal: 9, took: 9}
		: {when: 17, standing: 14, goal: 8, took: 8};
	const widest = (textOf: (summary: RunSummary) => string, limit: number) =>
		Math.min(limit, all.reduce((most, summary) => Math.max(most, widthOf(textOf(summary))), 7) + 1);
	// The name of a file is cut rather than a version.
	const version = widest(
		summary => (summary.package.version ? shownVersion(summary, wide) : ''),
		wide ? 24 : 14,
	);
	const room = width - gutter - fixed.when - fixed.standing - fixed.goal - fixed.took - version;
	const cluster = widest(summary => visibleText(summary.cluster), Math.ceil(room / 2));
	return {...fixed, version, cluster, who: room - cluster, wide};
});

export function runHeadingSpans(columns: RunColumns, glyphs: Glyphs): readonly Span[] {
	const {when, standing, goal, version, cluster, who, took} = columns;
	const names = [
		[when, 'STARTED'],
		[standing, 'STATE'],
		[goal, 'WHAT'],
		[version, 'VERSION'],
		[cluster, 'CLUSTER'],
		[who, 'WHO'],
	] as const;
	const text = names.map(([width, name]) => fit(name, width, glyphs)).join('');
	return [['muted', `${' '.repeat(gutter)}${text}${fit('TOOK', took - 1, glyphs, 'right')}`]];
}

export function runSpans(
	summary: RunSummary,
	{
		now,
		pointed,
		columns,
		glyphs,
	}: {
		readonly now: number;
		readonly pointed: boolean;
		readonly columns: RunColumns;
		readonly glyphs: Glyphs;
	},
): readonly Span[] {
	const {mark, word, role} = summaryStanding(summary);
	const {user, host} = summary.operator;
	const started = dateAndTime(summary.startedAt);
	const cell = (text: string, width: number) => `${fit(visibleText(text), width - 1, glyphs)} `;
	return [
		pointed ? ` ${glyphs.pointer} ` : ' '.repeat(gutter),
		cell(columns.wide ? started : started.slice(0, -3), columns.when),
		[role, cell(`${glyphs[mark]} ${word}`, columns.standing)],
		['muted', cell(summary.goal, columns.goal)],
		cell(shownVersion(summary, columns.wide), columns.version),
		cell(summary.cluster, columns.cluster),
		['muted', cell(columns.wide ? `${user} on ${host}` : user, columns.who)],
		['muted', fit(tookText(summary, now), columns.took - 1, glyphs, 'right')],
	];
}

function shownVersion(summary: RunSummary, withBuild: boolean): string {
	const text = visibleText(broughtBy(summary));
	return withBuild ? text : text.replace(/ \(\d+\)$/, '');
}
