import {failoverPolicyInfos} from '../domain/failover-policy.ts';
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
	if (plan.goal === 'upgrade') {
		rows.push(['Options', options.join(', ') || 'none'], ['Failover policy', policy]);
	}

	rows.push(
		[
			'First',
			'readiness, upload and prerequisites on all of them at once; one failure and nothing is launched',
		],
		...plan.steps.map((step, index): [string, string] => [`Step ${index + 1}`, stepText(step)]),
		...plan.warnings.map((warning): [string, string] => ['Warning', visibleText(warning)]),
	);
	return rows.map(([title, text]) => `${title.padEnd(17)}${text}\n`).join('');
}

function stepText(step: PlanStep): string {
	return step.kind === 'wave'
		? `upgrade ${step.agents.join(', ')} together`
		: `${step.kind === 'switch-over' ? 'switch over' : 'switch back'}: ${step.pairs.map(({from, to}) => `${from} → ${to}`).join(', ')}`;
}
