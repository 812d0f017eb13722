import type {FailoverPolicy} from '../../domain/failover-policy.ts';
import type {UpgradePlan} from '../../domain/plan.ts';
import {isBlocked} from '../../domain/readiness.ts';
import {visibleText} from '../../domain/text.ts';
import {
	type UpgradeOptions,
	defaultUpgradeOptions,
	upgradeOptionInfos,
} from '../../domain/upgrade-options.ts';
import {formatVersion} from '../../domain/version.ts';
import {openRunRefusal} from './open-run.ts';
import {planOf, readinessOf} from './schedule-outlook.ts';
import type {ScheduleState} from './schedule-state.ts';
import type {DashboardData, Dialog} from './update.ts';
import {agentCount, names, restartSentence, stepAgents, stepTitle} from './wave-words.ts';

export type StartGoal = 'upload' | 'upgrade';

/** Why *Upload only* or *Upgrade* does nothing now; undefined when it opens its dialog. */
export function startRefusal(state: ScheduleState, data: DashboardData, goal: StartGoal): string | undefined {
	const refusal =
		openRunRefusal(data) ??
		packageRefusal(state, data) ??
		planRefusal(state, data, goal) ??
		readinessRefusal(state, data);
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

function readinessRefusal(state: ScheduleState, data: DashboardData): string | undefined {
	const readiness = readinessOf(state, data);
	const worst = readiness?.findings[0];
	if (worst && isBlocked([worst.check])) {
		const others = readiness.total - readiness.ready - readiness.unanswered.length - 1;
		const more = others > 0 ? ` ${agentCount(others)} more ${others === 1 ? 'is' : 'are'} not ready.` : '';
		return `${worst.agent} is not ready. ${worst.check.title}: ${worst.check.evidence}${more}`;
	}

	const unanswered = readiness?.unanswered ?? [];
	return unanswered.length > 0 ? `Not answered yet: ${names(unanswered, 5)}. Wait a moment.` : undefined;
}

/** Asks whether to start what the form says; undefined while that is refused. */
export function startDialog(state: ScheduleState, data: DashboardData, goal: StartGoal): Dialog | undefined {
	const result = planOf(state, data, goal);
	if (!state.chosen || !result || !('plan' in result)) {
		return undefined;
	}

	const packagePath = state.chosen.path;
	const {plan} = result;
	const starting = {
		effects: [{do: 'start-run', plan, packagePath, takeOverLocks: false}],
		goTo: 'progress',
	} as const;
	return goal === 'upload'
		? {
				title: `Upload to ${agentCount(plan.agents.length)} of ${plan.cluster}?`,
				tone: 'info',
				lines: uploadLines(plan).map(line => visibleText(line)),
				answers: [
					{key: 'n', label: 'Cancel'},
					{key: 'y', label: 'Upload', ...starting},
				],
			}
		: {
				title: `Upgrade ${plan.cluster}${plan.package.version ? ` to ${formatVersion(plan.package.version)}` : ''}?`,
				tone: 'danger',
				lines: upgradeLines(plan, state).map(line => visibleText(line)),
				answers: [
					{key: 'n', label: 'Cancel'},
					{key: 'y', label: 'Upgrade', ...starting},
				],
				typeToConfirm: plan.cluster,
			};
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

/** The policies in a few words. */
export const policyWords: Readonly<Record<FailoverPolicy, string>> = {
	UseDefault: 'Default policy',
	Simultaneously: 'simultaneously',
	BackupFirst: 'backup first',
	BackupFirstWithSwitchback: 'backup first, switch back',
};
