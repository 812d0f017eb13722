import type {FailoverPolicy} from '../../domain/failover-policy.ts';
import type {UpgradePlan} from '../../domain/plan.ts';
import type {Acknowledgement} from '../../domain/readiness.ts';
import {visibleText} from '../../domain/text.ts';
import {
	type UpgradeOptions,
	defaultUpgradeOptions,
	upgradeOptionInfos,
} from '../../domain/upgrade-options.ts';
import {formatVersion} from '../../domain/version.ts';
import {openRunRefusal} from './open-run.ts';
import {acknowledgeDialog} from './readiness-dialogs.ts';
import {planOf} from './schedule-outlook.ts';
import {findingText, readinessOf, readinessRefusal, warningsOf} from './schedule-readiness.ts';
import type {ScheduleState} from './schedule-state.ts';
import type {DashboardData, Dialog, UpdateContext} from './update.ts';
import {agentCount, names, restartSentence, stepAgents, stepTitle} from './wave-words.ts';

export type StartGoal = 'upload' | 'upgrade';

type Now = Pick<UpdateContext, 'data' | 'now'>;

/** Why *Upload only* or *Upgrade* does nothing now; undefined when it opens its dialog. */
export function startRefusal(state: ScheduleState, context: Now, goal: StartGoal): string | undefined {
	const {data} = context;
	const refusal =
		openRunRefusal(data) ??
		packageRefusal(state, data) ??
		planRefusal(state, data, goal) ??
		readinessRefusal(state, context);
	return refusal && visibleText(refusal);
}

/** Why a listed package cannot be chosen; undefined when it can. */
export function listingRefusal(data: DashboardData, path: string): string | undefined {
	const listing = data.packages.find(known => known.path === path);
	switch (listing?.status) {
		case 'Completed':
			return `${visibleText(listing.file)} was used in a completed upgrade and cannot be used again. Runs (4) has its history.`;
		case 'Uploading':
		case 'Upgrading':
			return `A run with ${visibleText(listing.file)} is going on: ${listing.status}.`;
		default:
			return undefined;
	}
}

function packageRefusal({chosen}: ScheduleState, data: DashboardData): string | undefined {
	if (!data.cluster) {
		return 'The cluster is not known yet. Wait a moment.';
	}

	if (!chosen) {
		return 'Choose a package first.';
	}

	if (chosen.failure) {
		return chosen.failure.message;
	}

	return chosen.facts ? listingRefusal(data, chosen.path) : 'The package is still being read. Wait a moment.';
}

function planRefusal(state: ScheduleState, data: DashboardData, goal: StartGoal): string | undefined {
	const result = planOf(state, data, goal);
	const refusal = result && 'refusals' in result ? result.refusals[0] : undefined;
	return refusal && `${refusal.message} ${refusal.nextSteps[0] ?? ''}`.trim();
}

/**
 * Asks whether to start what the form says, after the warnings were acknowledged where there are any; undefined while
 * that is refused.
 */
export function startDialog(state: ScheduleState, context: Now, goal: StartGoal): Dialog | undefined {
	const result = planOf(state, context.data, goal);
	if (!state.chosen || !result || !('plan' in result)) {
		return undefined;
	}

	const {plan} = result;
	const {path} = state.chosen;
	const held = heldLines(state, context);
	const ask = (acknowledged: readonly Acknowledgement[]) =>
		goal === 'upload'
			? uploadDialog(plan, path, held, acknowledged)
			: upgradeDialog(plan, path, [...upgradeLines(plan, state), ...held], acknowledged);
	const warnings = warningsOf(state, context);
	return warnings.length === 0
		? ask([])
		: acknowledgeDialog(warnings, plan.agents.length, acknowledged => ({dialog: ask(acknowledged)}));
}

function uploadDialog(
	plan: UpgradePlan,
	packagePath: string,
	held: readonly string[],
	acknowledged: readonly Acknowledgement[],
): Dialog {
	return {
		title: `Upload to ${agentCount(plan.agents.length)} of ${plan.cluster}?`,
		tone: 'info',
		lines: [...uploadLines(plan), ...held].map(line => visibleText(line)),
		answers: [
			{key: 'n', label: 'Cancel'},
			{key: 'y', label: 'Upload', ...starting(plan, packagePath, acknowledged)},
		],
	};
}

function upgradeDialog(
	plan: UpgradePlan,
	packagePath: string,
	lines: readonly string[],
	acknowledged: readonly Acknowledgement[],
): Dialog {
	const {version} = plan.package;
	return {
		title: `Upgrade ${plan.cluster}${version ? ` to ${formatVersion(version)}` : ''}?`,
		tone: 'danger',
		lines: lines.map(line => visibleText(line)),
		answers: [
			{key: 'n', label: 'Cancel'},
			{key: 'y', label: 'Upgrade', ...starting(plan, packagePath, acknowledged)},
		],
		typeToConfirm: plan.cluster,
	};
}

function starting(plan: UpgradePlan, packagePath: string, acknowledged: readonly Acknowledgement[]) {
	return {
		effects: [{do: 'start-run', plan, packagePath, takeOverLocks: false, acknowledged}],
		goTo: 'progress',
	} as const;
}

/** Whose locks the run will meet. Whether they still live is seen then. */
function heldLines(state: ScheduleState, context: Now): readonly string[] {
	const outlook = readinessOf(state, context);
	const held =
		outlook?.findings.filter(({check: {id, outcome}}) => id === 'lock' && outcome === 'block') ?? [];
	return held.length === 0
		? []
		: [
				...held.map(finding => findingText(finding, outlook?.look.wish.agents.length ?? 0)),
				'The run looks first whether that lock is still renewed, and asks before it takes it over.',
			];
}

function uploadLines(plan: UpgradePlan): string[] {
	const count = plan.package.prerequisites.length;
	return [
		plan.package.file,
		`To ${names(plan.agents)}.`,
		'',
		count === 0
			? 'The package has no prerequisites: it is uploaded and nothing else.'
			: `Then its ${count} prerequisites run on each Agent.`,
		'Nothing is restarted and nothing is upgraded.',
	];
}

function upgradeLines(plan: UpgradePlan, {policy}: ScheduleState): string[] {
	const hasPairs = plan.policy !== 'Simultaneously' || policy !== 'UseDefault';
	return [
		plan.package.file,
		...plan.steps.map((step, index) => `${stepTitle(plan, index)}: ${stepAgents(step)}.`),
		restartSentence(plan.package),
		...(plan.options.RebootAfterUpgrade ? ['Windows reboots at the end.'] : []),
		...plan.warnings,
		...(hasPairs ? [`Failover: ${policyWords[policy]}.`] : []),
		`Options: ${optionWords(plan.options)}.`,
	];
}

/** The options that are not as usual. */
export function optionWords(options: UpgradeOptions): string {
	const changed = upgradeOptionInfos.filter(({name}) => options[name] !== defaultUpgradeOptions[name]);
	return changed.length === 0
		? 'defaults'
		: changed.map(({name, label}) => `${label} ${options[name] ? 'on' : 'off'}`).join(', ');
}

/** What is chosen of policy and launch. */
export function failoverWords({policy, launch}: Pick<ScheduleState, 'policy' | 'launch'>): string {
	return launch === 'cluster' ? `${policyWords[policy]}, one Agent launches all` : policyWords[policy];
}

/** The policies in a few words. */
export const policyWords: Readonly<Record<FailoverPolicy, string>> = {
	UseDefault: 'Default policy',
	Simultaneously: 'simultaneously',
	BackupFirst: 'backup first',
	BackupFirstWithSwitchback: 'backup first, switch back',
};
