import type {AgentId} from '../../domain/agent.ts';
import type {Cluster} from '../../domain/cluster.ts';
import {type FailoverPolicy, failoverPolicyInfos} from '../../domain/failover-policy.ts';
import {type LaunchWay, launchWayInfos} from '../../domain/launch.ts';
import type {PlanStep, UpgradePlan} from '../../domain/plan.ts';
import type {ManualItem, ReadinessFinding} from '../../domain/readiness.ts';
import {type UpgradeOptionName, upgradeOptionInfos} from '../../domain/upgrade-options.ts';
import type {Failure} from '../../domain/user-error.ts';
import type {PackageListing} from '../ports.ts';
import {rememberLast} from './remember-last.ts';
import {planOf} from './schedule-outlook.ts';
import {readinessOf} from './schedule-readiness.ts';
import type {ScheduleState} from './schedule-state.ts';
import type {DashboardData, UpdateContext} from './update.ts';

export const formSections = [
	'package',
	'agents',
	'options',
	'failover',
	'plan',
	'readiness',
	'manual',
	'buttons',
] as const;

export type FormSection = (typeof formSections)[number];

export type FormButton = 'upload' | 'upgrade' | 'close';

/** A row of the form that the cursor can stand on. */
export type FormRow = {readonly id: string; readonly section: FormSection} & (
	| {readonly kind: 'package'; readonly listing: PackageListing}
	| {readonly kind: 'new-package' | 'all-agents' | 'individual-agents' | 'options' | 'failover'}
	/** A single Agent or a Failover pair: what stands for one member of the cluster. */
	| {readonly kind: 'member'; readonly agents: readonly AgentId[]}
	| {readonly kind: 'option'; readonly name: UpgradeOptionName}
	| {readonly kind: 'policy'; readonly policy: FailoverPolicy}
	| {readonly kind: 'launch'; readonly way: LaunchWay}
	| {readonly kind: 'step'; readonly step: PlanStep; readonly plan: UpgradePlan; readonly index: number}
	| {readonly kind: 'warning'; readonly text: string}
	| {readonly kind: 'refusal'; readonly failure: Failure}
	| {readonly kind: 'finding'; readonly finding: ReadinessFinding}
	| {readonly kind: 'manual'; readonly count: number}
	| {readonly kind: 'manual-item'; readonly item: ManualItem}
	| {readonly kind: 'button'; readonly button: FormButton}
);

/** All rows of the form as it is open now, from top to bottom. */
export function formRows(
	state: ScheduleState,
	{data, now}: Pick<UpdateContext, 'data' | 'now'>,
): readonly FormRow[] {
	return [
		...packageRows(data.packages),
		...agentRows(state, data),
		...optionRows(state),
		...failoverRows(state),
		...planRows(state, data),
		...readinessRows(state, {data, now}),
		...buttonRows,
	];
}

/** The row under the cursor. A row that is gone, such as a package that was removed, gives it to its section. */
export function focusedIndex(rows: readonly FormRow[], focus: string): number {
	const index = rows.findIndex(row => row.id === focus);
	if (index !== -1) {
		return index;
	}

	const section = focus.slice(0, Math.max(0, focus.indexOf(':')));
	return Math.max(
		0,
		rows.findIndex(row => row.section === section),
	);
}

export function focusedRow(
	state: ScheduleState,
	context: Pick<UpdateContext, 'data' | 'now'>,
): FormRow | undefined {
	const rows = formRows(state, context);
	return rows[focusedIndex(rows, state.focus)];
}

/** The first row of the next section that has rows, or of the one before; around the ends. */
export function neighbourSection(rows: readonly FormRow[], focus: string, way: 1 | -1): FormRow | undefined {
	const current = rows[focusedIndex(rows, focus)]?.section;
	const starts = rows.filter((row, index) => rows[index - 1]?.section !== row.section);
	const place = starts.findIndex(row => row.section === current);
	return starts.at((place + way) % starts.length);
}

/** Single Agents and Failover pairs, in the order of the inventory. */
export const membersOf = rememberLast((cluster: Cluster): readonly (readonly AgentId[])[] => {
	const taken = new Set<AgentId>();
	return cluster.agents.flatMap(({id, partner}) => {
		if (taken.has(id)) {
			return [];
		}

		taken.add(partner ?? id);
		return [partner === undefined ? [id] : [id, partner]];
	});
});

function packageRows(packages: readonly PackageListing[]): FormRow[] {
	return [
		...packages.map(
			listing => ({id: `package:${listing.path}`, section: 'package', kind: 'package', listing}) as const,
		),
		{id: 'package:', section: 'package', kind: 'new-package'},
	];
}

function agentRows({agents}: ScheduleState, {cluster}: DashboardData): FormRow[] {
	const section = 'agents';
	const members = agents === 'individual' && cluster ? membersOf(cluster.cluster) : [];
	return [
		{id: 'agents:all', section, kind: 'all-agents'},
		{id: 'agents:individual', section, kind: 'individual-agents'},
		...members.map(
			member => ({id: `agents:member ${member.join(' ')}`, section, kind: 'member', agents: member}) as const,
		),
	];
}

function optionRows({optionsOpen}: ScheduleState): FormRow[] {
	const section = 'options';
	const options = upgradeOptionInfos.map(
		({name}) => ({id: `options:${name}`, section, kind: 'option', name}) as const,
	);
	return [{id: 'options:', section, kind: 'options'}, ...(optionsOpen ? options : [])];
}

function failoverRows({failoverOpen}: ScheduleState): FormRow[] {
	const section = 'failover';
	const policies = failoverPolicyInfos.map(
		({policy}) => ({id: `failover:${policy}`, section, kind: 'policy', policy}) as const,
	);
	const launches = launchWayInfos.map(
		({way}) => ({id: `failover:launch ${way}`, section, kind: 'launch', way}) as const,
	);
	return [{id: 'failover:', section, kind: 'failover'}, ...(failoverOpen ? [...policies, ...launches] : [])];
}

function planRows(state: ScheduleState, data: DashboardData): FormRow[] {
	const section = 'plan';
	const result = planOf(state, data, 'upgrade');
	if (!result) {
		return [];
	}

	return 'plan' in result
		? [
				...result.plan.steps.map(
					(step, index) =>
						({id: `plan:step ${index}`, section, kind: 'step', step, index, plan: result.plan}) as const,
				),
				...result.plan.warnings.map(
					(text, index) => ({id: `plan:warning ${index}`, section, kind: 'warning', text}) as const,
				),
			]
		: result.refusals.map(
				(failure, index) => ({id: `plan:refusal ${index}`, section, kind: 'refusal', failure}) as const,
			);
}

function readinessRows(
	state: ScheduleState,
	context: Pick<UpdateContext, 'data' | 'now'>,
): readonly FormRow[] {
	const outlook = readinessOf(state, context);
	return outlook ? rowsOfLook(outlook.findings, outlook.look.readiness.manual, state.manualOpen) : [];
}

const rowsOfLook = rememberLast(
	(
		findings: readonly ReadinessFinding[],
		manual: readonly ManualItem[],
		isOpen: boolean,
	): readonly FormRow[] => [
		...findings.map(
			finding =>
				({
					id: `readiness:${finding.check.id} ${finding.check.outcome} ${finding.agents[0] ?? ''}`,
					section: 'readiness',
					kind: 'finding',
					finding,
				}) as const,
		),
		...(manual.length === 0
			? []
			: [{id: 'manual:', section: 'manual', kind: 'manual', count: manual.length} as const]),
		...(isOpen ? manual : []).map(
			item => ({id: `manual:${item.rule}`, section: 'manual', kind: 'manual-item', item}) as const,
		),
	],
);

const buttonRows: readonly FormRow[] = (['upload', 'upgrade', 'close'] as const).map(button => ({
	id: `buttons:${button}`,
	section: 'buttons',
	kind: 'button',
	button,
}));
