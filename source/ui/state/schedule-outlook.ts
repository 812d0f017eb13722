import type {AgentId, FailoverRole} from '../../domain/agent.ts';
import {type Cluster, type Roles, failoverPairs} from '../../domain/cluster.ts';
import type {FailoverPolicy} from '../../domain/failover-policy.ts';
import type {LaunchWay} from '../../domain/launch.ts';
import type {PackageFacts} from '../../domain/package-facts.ts';
import {type PlanResult, type UpgradeRequest, planUpgrade} from '../../domain/plan.ts';
import type {UpgradeOptions} from '../../domain/upgrade-options.ts';
import type {Failure} from '../../domain/user-error.ts';
import type {ClusterView} from '../ports.ts';
import {rememberLast} from './remember-last.ts';
import type {ScheduleState} from './schedule-state.ts';
import type {DashboardData} from './update.ts';

/** The Agents that the form names, in the order of the inventory. */
export const chosenAgents = rememberLast(
	(cluster: Cluster, agents: ScheduleState['agents'], marked: ReadonlySet<AgentId>): readonly AgentId[] =>
		cluster.agents.map(({id}) => id).filter(id => agents === 'all' || marked.has(id)),
);

/** The plan that the form results in, or why there is none; undefined while package or cluster are not known. */
export function planOf(
	{chosen, agents, marked, options, policy, launch}: ScheduleState,
	{cluster, switchOverRefusal}: DashboardData,
	goal: UpgradeRequest['goal'],
): PlanResult | undefined {
	return cluster && chosen?.facts
		? plans[goal](cluster, chosen.facts, agents, marked, options, policy, launch, switchOverRefusal)
		: undefined;
}

function planFor(goal: UpgradeRequest['goal']) {
	return rememberLast(
		(
			view: ClusterView,
			facts: PackageFacts,
			agents: ScheduleState['agents'],
			marked: ReadonlySet<AgentId>,
			options: UpgradeOptions,
			policy: FailoverPolicy,
			launch: LaunchWay,
			switchOverRefusal: Failure | undefined,
		): PlanResult => {
			const chosen = agents === 'all' ? agents : chosenAgents(view.cluster, agents, marked);
			return planUpgrade(view.cluster, rolesOf(view), {
				goal,
				package: facts,
				agents: chosen,
				options,
				policy,
				launch,
				...(switchOverRefusal && {switchOverRefusal}),
			});
		},
	);
}

const plans = {upload: planFor('upload'), upgrade: planFor('upgrade')} as const;

/** What each Agent of a pair said of its role when it answered last; of one that is out of reach nothing is known. */
export function rolesOf({cluster, agents}: ClusterView): Roles {
	const roles = new Map<AgentId, FailoverRole>();
	for (const id of failoverPairs(cluster).flat()) {
		const view = agents.get(id);
		roles.set(id, view?.failure ? 'unknown' : (view?.status?.role ?? 'unknown'));
	}

	return roles;
}
