import type {AgentId} from './agent.ts';
import {type Cluster, type Roles, findAgent} from './cluster.ts';
import type {Failure} from './user-error.ts';

/** Who launches the upgrade: we do, Agent by Agent, or one Agent does for the whole cluster. */
export type LaunchWay = (typeof launchWays)[number];

export const launchWays = ['agents', 'cluster'] as const;

interface LaunchWayInfo {
	readonly way: LaunchWay;
	readonly label: string;
	readonly meaning: string;
}

export const launchWayInfos: readonly LaunchWayInfo[] = [
	{
		way: 'agents',
		label: 'Launch Agent by Agent',
		meaning:
			'dms-upgrade uploads to each Agent, launches it, and switches pairs over where the policy says so.',
	},
	{
		way: 'cluster',
		label: 'Let one Agent launch the whole cluster',
		meaning:
			'DataMiner hands the package on and keeps the order of the policy itself. Every Agent is followed and verified.',
	},
];

export function isLaunchWay(text: string): text is LaunchWay {
	return (launchWays as readonly string[]).includes(text);
}

/**
 * How the upgrade is started on an Agent so that it does not end with the SSH session. `task`: by a task of Windows Task
 * Scheduler, as SYSTEM; its result code is read. `direct`: as a process beside the session, as the user who logged in,
 * such as one whom DataMiner knows as an administrator; nobody keeps its result code.
 */
export type LaunchMeans = (typeof launchMeans)[number];

export const launchMeans = ['task', 'direct'] as const;

/** How the Agents of a plan are told to upgrade. */
export type Launch =
	| {readonly by: 'agents'}
	/** `via` is told to upgrade the whole cluster: it hands the package on and keeps the order of the policy by itself. */
	| {readonly by: 'cluster'; readonly via: AgentId};

/** The Agent that is told to upgrade the whole cluster; undefined where each Agent is told itself. */
export function leaderOf({launch}: {readonly launch?: Launch}): AgentId | undefined {
	return launch?.by === 'cluster' ? launch.via : undefined;
}

/** How all Agents of a cluster are launched, or why they cannot be in this way. */
export function planLaunch(
	cluster: Cluster,
	agents: readonly AgentId[],
	roles: Roles,
	way: LaunchWay,
): {readonly launch: Launch} | {readonly refusal: Failure} {
	if (way === 'agents') {
		return {launch: {by: 'agents'}};
	}

	if (agents.length < cluster.agents.length) {
		const left = cluster.agents.map(({id}) => id).filter(id => !agents.includes(id));
		return {
			refusal: {
				code: 'NOT_WHOLE_CLUSTER',
				message: `One Agent can be told to upgrade the whole cluster, and nothing less; not chosen: ${left.join(', ')}.`,
				nextSteps: ['Choose all Agents in the cluster.', 'Or launch Agent by Agent (--launch agents).'],
			},
		};
	}

	const via = chooseLeader(cluster, agents, roles);
	return via === undefined
		? {
				refusal: {
					code: 'NO_ONLINE_AGENT',
					message:
						'No Agent is known to be online, so that none can be told to upgrade the cluster: an offline Agent leads nobody.',
					nextSteps: ['Look at the Failover status in Cube.', 'Or launch Agent by Agent (--launch agents).'],
				},
			}
		: {launch: {by: 'cluster', via}};
}

/** An Agent outside of pairs stays what it is when pairs are switched over; then the first that is online. */
function chooseLeader(cluster: Cluster, agents: readonly AgentId[], roles: Roles): AgentId | undefined {
	return (
		agents.find(id => findAgent(cluster, id)?.partner === undefined) ??
		agents.find(id => roles.get(id) === 'online')
	);
}

/** Source: Upgrading_a_DataMiner_Agent_using_DataMiner_Taskbar_Utility.md */
export function credentialsWarning(via: AgentId): string {
	return `${via} upgrades the others with the DataMiner credentials in its Taskbar Utility (Options › slnet), which have to be administrative; where there are none, with those of the user that the launch runs as.`;
}
