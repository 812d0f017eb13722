import {formatBandwidth} from '../domain/bandwidth.ts';
import {failoverPolicyInfos} from '../domain/failover-policy.ts';
import {leaderOf} from '../domain/launch.ts';
import type {PlanStep, UpgradePlan} from '../domain/plan.ts';
import {visibleText} from '../domain/text.ts';
import {upgradeOptionInfos} from '../domain/upgrade-options.ts';

/** A plan as lines for a terminal: what will be done, in order. */
export function planText(plan: UpgradePlan): string {
	const policy = failoverPolicyInfos.find(info => info.policy === plan.policy)?.label ?? plan.policy;
	const options = upgradeOptionInfos.filter(({name}) => plan.options[name]).map(({label}) => label);
	const rows: [string, string][] = [
		['Cluster', visibleText(plan.cluster)],
		['Package', visibleText(plan.package.file)],
		[
			'Restarts',
			{
				agent: 'DataMiner on every Agent',
				'web-server': 'the web server only',
				nothing: 'nothing',
				unknown: 'not known',
			}[plan.package.restarts],
		],
		['Agents', `${plan.agents.join(', ')}${plan.wholeCluster ? ' (all in cluster)' : ''}`],
	];
	const leader = leaderOf(plan);
	if (plan.goal === 'upgrade') {
		rows.push(
			['Options', options.join(', ') || 'none'],
			['Failover policy', policy],
			[
				'Launch',
				leader === undefined
					? 'each Agent by itself, in the order of these steps'
					: `${leader} is told to upgrade the whole cluster, and keeps the order of the policy by itself`,
			],
		);
	}

	if (plan.bandwidth !== undefined) {
		rows.push(['Bandwidth', `${formatBandwidth(plan.bandwidth)} for all uploads together`]);
	}

	rows.push(
		[
			'First',
			leader === undefined
				? 'readiness, upload and prerequisites on all of them at once; one failure and nothing is launched'
				: `readiness and prerequisites on all of them at once, upload to ${leader}; one failure and nothing is launched`,
		],
		...plan.steps.map((step, index): [string, string] => [`Step ${index + 1}`, stepText(step, leader)]),
		...plan.warnings.map((warning): [string, string] => ['Warning', visibleText(warning)]),
	);
	return rows.map(([title, text]) => `${title.padEnd(17)}${text}\n`).join('');
}

function stepText(step: PlanStep, leader: string | undefined): string {
	return step.kind === 'wave'
		? leader === undefined
			? `upgrade ${step.agents.join(', ')} together`
			: `${leader} upgrades ${step.agents.join(', ')}`
		: `${step.kind === 'switch-over' ? 'switch over' : 'switch back'}: ${step.pairs.map(({from, to}) => `${from} → ${to}`).join(', ')}`;
}
