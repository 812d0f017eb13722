import {visibleText} from '../../domain/text.ts';
import {formatVersion} from '../../domain/version.ts';
import {fit, widthOf} from '../components/fit.ts';
import type {Span} from '../components/spans.ts';
import type {Member} from '../state/members.ts';
import {rememberLast} from '../state/remember-last.ts';
import type {Glyphs} from '../theme/glyphs.ts';

/** Columns of each part of a line in the list of members. */
export interface MemberColumns {
	readonly width: number;
	readonly name: number;
	readonly version: number;
	/** None where no Agent has a role. */
	readonly role: number;
	/** Over what each Agent is reached: where that is not the same for all, and there is room beside the details. */
	readonly over: number;
	/** Builds are named where there is room for them. */
	readonly builds: boolean;
}

/** The pointer, the bracket of pairs, the sign, and the spaces between them. */
const gutter = 6;
const stateWidth = 13;
const roleWidth = 8;
const overWidth = 7;
/** What the details need at least. */
const narrowestDetails = 24;
/** Versions take what they need, up to this; longer ones are cut. */
const widestVersion = 15;
const widestBuild = 24;

/** Names take what they need, as far as the details keep their room. `all`: also those that a filter hides. */
export const memberColumns = rememberLast((all: readonly Member[], width: number): MemberColumns => {
	const widest = (textOf: (member: Member) => string) =>
		all.reduce((most, member) => Math.max(most, widthOf(textOf(member))), 8);
	const builds = width >= 110;
	const version = Math.min(
		widest(member => shownVersion(member, builds)) + 1,
		builds ? widestBuild : widestVersion,
	);
	const role = all.some(({view}) => view.status?.role !== undefined) ? roleWidth : 0;
	const ways = new Set(all.map(overText));
	const over = width >= 100 && ways.size > 1 ? overWidth : 0;
	const fixed = gutter + stateWidth + version + role + over;
	const room = width - narrowestDetails - 3 - fixed;
	const name = Math.max(8, Math.min(widest(({id}) => id) + 2, room));
	return {width: Math.min(fixed + name, width - 3), name, version, role, over, builds};
});

export function headingSpans(columns: MemberColumns, glyphs: Glyphs): readonly Span[] {
	const {name, version, role, over} = columns;
	return [
		[
			'muted',
			`${' '.repeat(gutter)}${fit('NAME', name, glyphs)}${fit('STATE', stateWidth, glyphs)}${fit('VERSION', version, glyphs)}${over > 0 ? 'OVER'.padEnd(over) : ''}${role > 0 ? 'ROLE' : ''}`,
		],
	];
}

export function memberSpans(
	member: Member,
	pointed: boolean,
	columns: MemberColumns,
	glyphs: Glyphs,
): readonly Span[] {
	const {id, view, standing, place} = member;
	const bracket = {single: ' ', first: glyphs.groupStart, second: glyphs.groupEnd}[place];
	return [
		pointed ? ` ${glyphs.pointer} ` : '   ',
		['muted', bracket],
		[standing.role, `${glyphs[standing.mark]} `],
		`${fit(id, columns.name - 1, glyphs)} `,
		[standing.role === 'good' ? 'text' : standing.role, fit(standing.word, stateWidth, glyphs)],
		fit(shownVersion(member, columns.builds), columns.version - 1, glyphs) + ' ',
		['muted', columns.over > 0 ? overText(member).padEnd(columns.over) : ''],
		['muted', view.status?.role ?? ''],
	];
}

function overText({agent}: Member): string {
	return agent.reachedBy ?? 'SSH';
}

function shownVersion({view}: Member, withBuild: boolean): string {
	const version = view.status?.version;
	const text = version ? visibleText(formatVersion(version), 60) : '';
	return withBuild ? text : text.replace(/ \(\d+\)/, '');
}
