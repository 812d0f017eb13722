import {failoverPairs} from '../../domain/cluster.ts';
import {failoverPolicyInfos} from '../../domain/failover-policy.ts';
import {launchWayInfos} from '../../domain/launch.ts';
import type {PackageProblem} from '../../domain/package-facts.ts';
import {formatBytes} from '../../domain/readiness.ts';
import {visibleText} from '../../domain/text.ts';
import {upgradeOptionInfos} from '../../domain/upgrade-options.ts';
import {formatVersion} from '../../domain/version.ts';
import {cutStart, wrap} from '../components/fit.ts';
import {policyRefusal} from '../state/schedule.ts';
import type {FormRow} from '../state/schedule-form.ts';
import {failoverWords, optionWords} from '../state/schedule-start.ts';
import type {ScheduleState} from '../state/schedule-state.ts';
import type {DashboardData} from '../state/update.ts';
import {agentCount, kindWords, plural, restartWords} from '../state/wave-words.ts';
import type {Glyphs} from '../theme/glyphs.ts';
import type {Role} from '../theme/theme.ts';
import {type FormLine, blankLine, heading, paragraph, part} from './form-line.ts';

/** What the lines of the form are made from. */
export interface FormInput {
	readonly state: ScheduleState;
	readonly data: DashboardData;
	/** Milliseconds since 1970-01-01 UTC. */
	readonly now: number;
	readonly rows: readonly FormRow[];
	/** Id of the row under the cursor. */
	readonly focus: string;
	/** Columns. */
	readonly width: number;
	/** Lines of the form that are shown at once. */
	readonly room: number;
	readonly glyphs: Glyphs;
}

/** As many packages as are shown at once; the others come with the cursor. */
const shownPackages = (room: number) => Math.max(4, Math.min(room - 13, 12));
const shownMembers = (room: number) => Math.max(6, Math.min(room - 11, 16));
const shownProblems = 5;

/** What is chosen: package, Agents, upgrade options and Failover policy. */
export function choiceLines(input: FormInput): readonly FormLine[] {
	return [
		...packageLines(input),
		blankLine,
		...agentLines(input),
		blankLine,
		...optionLines(input),
		...(input.state.optionsOpen ? [blankLine] : []),
		...failoverLines(input),
	];
}

function rowsOfKind<Kind extends FormRow['kind']>(
	{rows}: FormInput,
	kind: Kind,
): readonly Extract<FormRow, {readonly kind: Kind}>[] {
	return rows.filter((row): row is Extract<FormRow, {readonly kind: Kind}> => row.kind === kind);
}

/** The part of the rows around the cursor, or around what is chosen, or the first ones. */
function aroundFocus<Row extends FormRow>(
	rows: readonly Row[],
	focus: string,
	limit: number,
	isChosen?: (row: Row) => boolean,
) {
	const focused = rows.findIndex(row => row.id === focus);
	const chosen = isChosen ? rows.findIndex(isChosen) : -1;
	return part(rows, focused === -1 ? Math.max(0, chosen) : focused, limit);
}

function packageLines(input: FormInput): readonly FormLine[] {
	const {state, width, glyphs, focus} = input;
	const {chosen} = state;
	const isChosen = (row: Extract<FormRow, {kind: 'package'}>) =>
		chosen !== undefined && !chosen.isNew && chosen.path === row.listing.path;
	const packages = aroundFocus(rowsOfKind(input, 'package'), focus, shownPackages(input.room), isChosen);
	const isNew = chosen?.isNew === true;
	return [
		heading('Upgrade package', packages.note),
		{
			spans: [['muted', '     Available packages']],
			...(packages.items.length > 0 && {end: [['muted', `${'SIZE'.padStart(8)}  ${'STATUS'.padEnd(10)}`]]}),
		},
		...(packages.items.length === 0 ? [{spans: [['muted', '     None yet.'] as const]}] : []),
		...packages.items.map((row): FormLine => {
			const {file, size, status} = row.listing;
			const usable = status === 'Available' || status === 'Uploaded' || status === 'Failed';
			const role: Role = usable ? 'text' : 'muted';
			return {
				row: row.id,
				spans: [[role, ` ${isChosen(row) ? glyphs.chosen : glyphs.unchosen} ${visibleText(file)}`]],
				end: [
					['muted', formatBytes(size).padStart(8)],
					[status === 'Failed' ? 'bad' : role, `  ${status.padEnd(10)}`],
				],
			};
		}),
		{
			row: 'package:',
			spans: [
				` ${isNew ? glyphs.chosen : glyphs.unchosen} New package: `,
				isNew
					? cutStart(visibleText(chosen.path), width - 19, glyphs)
					: ['muted', `enter opens the file browser`],
			],
		},
		...chosenLines(input),
	];
}

const problemLooks: Readonly<
	Record<PackageProblem['severity'], {mark: 'failed' | 'warning' | 'bullet'; role: Role}>
> = {
	block: {mark: 'failed', role: 'bad'},
	warn: {mark: 'warning', role: 'warning'},
	info: {mark: 'bullet', role: 'muted'},
};

/** What is known of the chosen package. */
function chosenLines({state: {chosen}, width, glyphs}: FormInput): readonly FormLine[] {
	const say = (text: string, sign: string, role: Role) =>
		paragraph(visibleText(text), width, glyphs, {sign, role, indent: 5});
	if (!chosen) {
		return [];
	}

	if (chosen.failure) {
		const {message, nextSteps} = chosen.failure;
		return [
			...say(message, glyphs.failed, 'bad'),
			...nextSteps.flatMap(step => say(step, glyphs.arrow, 'text')),
		];
	}

	if (!chosen.facts) {
		return say('Reading the package…', glyphs.changing, 'accent');
	}

	const {facts} = chosen;
	const words = [
		facts.version ? formatVersion(facts.version) : 'version unknown',
		kindWords(facts),
		restartWords(facts),
		facts.prerequisites.length === 0
			? 'no prerequisites'
			: plural(facts.prerequisites.length, 'prerequisite'),
		...(chosen.isNew ? [formatBytes(facts.size)] : []),
	];
	const rank = ['block', 'warn', 'info'];
	const problems = facts.problems.toSorted((a, b) => rank.indexOf(a.severity) - rank.indexOf(b.severity));
	return [
		...say(words.join(` ${glyphs.dot} `), glyphs.done, 'good'),
		...problems.slice(0, shownProblems).flatMap(({severity, message}) => {
			const {mark, role} = problemLooks[severity];
			return say(message, glyphs[mark], role);
		}),
		...(problems.length > shownProblems
			? say(`${problems.length - shownProblems} more: see dms-upgrade inspect.`, glyphs.bullet, 'muted')
			: []),
	];
}

function agentLines(input: FormInput): readonly FormLine[] {
	const {state, data, glyphs, focus} = input;
	const radio = (chosen: boolean) => (chosen ? glyphs.chosen : glyphs.unchosen);
	const members = aroundFocus(rowsOfKind(input, 'member'), focus, shownMembers(input.room));
	const cluster = data.cluster?.cluster;
	const pairs = cluster ? failoverPairs(cluster).length : 0;
	const count = cluster?.agents.length ?? 0;
	const marked = cluster?.agents.filter(({id}) => state.marked.has(id)).length ?? 0;
	return [
		heading('Upgrade DataMiner Agents', members.note),
		{
			row: 'agents:all',
			spans: [` ${radio(state.agents === 'all')} All Agents in cluster`],
			end: [['muted', `${agentCount(count)}${pairs > 0 ? `, ${plural(pairs, 'Failover pair')}` : ''}`]],
		},
		{
			row: 'agents:individual',
			spans: [` ${radio(state.agents === 'individual')} Individual Agents`],
			...(state.agents === 'individual' && {end: [['muted', `${marked} of ${count} marked`]]}),
		},
		...members.items.map(row => memberLine(row, input)),
	];
}

function memberLine({id, agents}: Extract<FormRow, {kind: 'member'}>, input: FormInput): FormLine {
	const {state, data, glyphs} = input;
	const isMarked = agents.every(agent => state.marked.has(agent));
	const said = agents.map(agent => {
		const view = data.cluster?.agents.get(agent);
		const {role, state: running = 'asking'} = view?.status ?? {};
		if (view?.failure) {
			return 'Disconnected';
		}

		return role === undefined ? running : running === 'Running' ? role : `${running} (${role})`;
	});
	return {
		row: id,
		spans: [
			`     ${isMarked ? glyphs.checked : glyphs.unchecked} ${agents.map(agent => visibleText(agent)).join(' + ')}`,
		],
		end: [['muted', said.join(' + ')]],
	};
}

function optionLines(input: FormInput): readonly FormLine[] {
	const {state, glyphs} = input;
	const words = optionWords(state.options);
	return [
		{
			row: 'options:',
			spans: [['title', `${state.optionsOpen ? glyphs.open : glyphs.closed} ADVANCED UPGRADE OPTIONS`]],
			end: [[words === 'defaults' ? 'muted' : 'text', words]],
		},
		...rowsOfKind(input, 'option').map(({id, name}): FormLine => {
			const isOn = state.options[name];
			const label = upgradeOptionInfos.find(info => info.name === name)?.label ?? name;
			return {row: id, spans: [` ${isOn ? glyphs.checked : glyphs.unchecked} ${label}`]};
		}),
	];
}

function failoverLines(input: FormInput): readonly FormLine[] {
	const {state, data, glyphs, width} = input;
	return [
		{
			row: 'failover:',
			spans: [['title', `${state.failoverOpen ? glyphs.open : glyphs.closed} ADVANCED FAILOVER OPTIONS`]],
			...(!state.failoverOpen && {end: [['muted', failoverWords(state)]]}),
		},
		...rowsOfKind(input, 'policy').flatMap(({id, policy}) => {
			const label = failoverPolicyInfos.find(info => info.policy === policy)?.label ?? policy;
			const refused = policyRefusal(policy, state, data) !== undefined;
			const role: Role = refused ? 'muted' : 'text';
			const radio = state.policy === policy ? glyphs.chosen : glyphs.unchosen;
			return wrap(refused ? `${label} — not possible here` : label, width - 5, glyphs).map(
				(text, index): FormLine => ({
					row: id,
					spans: [[role, index === 0 ? ` ${radio} ${text}` : `     ${text}`]],
				}),
			);
		}),
		...rowsOfKind(input, 'launch').flatMap(({id, way}, index): readonly FormLine[] => {
			const label = launchWayInfos.find(info => info.way === way)?.label ?? way;
			const radio = state.launch === way ? glyphs.chosen : glyphs.unchosen;
			return [...(index === 0 ? [blankLine] : []), {row: id, spans: [` ${radio} ${label}`]}];
		}),
	];
}
