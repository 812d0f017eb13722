import type {Agent, AgentId} from '../domain/agent.ts';
import {type Cluster, failoverPairs} from '../domain/cluster.ts';
import {visibleText} from '../domain/text.ts';
import {formatVersion, fourPartNumber} from '../domain/version.ts';
import type {AgentReply} from '../orchestration/ask-agents.ts';
import {wrap} from './package-report.ts';
import {textTable} from './text-table.ts';

/** What the Agents of a cluster said. */
export interface AgentsReport {
	readonly cluster: Cluster;
	/** Of every Agent. */
	readonly replies: ReadonlyMap<AgentId, AgentReply>;
}

export interface ClusterProblem {
	/** None where it is about the cluster as a whole. */
	readonly agents: readonly AgentId[];
	readonly message: string;
	readonly nextSteps: readonly string[];
}

/** In the form that scripts rely on: every key is always there, what is not known is null. */
export function agentsJson(report: AgentsReport): Readonly<Record<string, unknown>> {
	const {cluster, replies} = report;
	return {
		cluster: cluster.name,
		agents: cluster.agents.map(({id, address, partner, reachedBy = 'SSH', route}) => {
			const reply = replies.get(id);
			const answered = reply && 'status' in reply ? reply : undefined;
			const version = answered?.status.version;
			return {
				name: id,
				address,
				reachedBy,
				host: route?.host ?? address,
				port: route?.port ?? null,
				user: route?.user ?? null,
				via: route?.via ?? [],
				dataMinerId: answered?.identity.dataMinerId ?? null,
				dataMinerName: answered?.identity.name ?? null,
				state: answered?.status.state ?? 'Disconnected',
				version: version ? fourPartNumber(version) : null,
				versionText: version ? formatVersion(version) : null,
				role: answered?.status.role ?? null,
				partner: partner ?? null,
				upgradeInProgress: answered?.status.upgradeInProgress ?? null,
				failure: reply && 'failure' in reply ? reply.failure : null,
			};
		}),
		problems: clusterProblems(report),
	};
}

const headings = ['AGENT', 'ADDRESS', 'OVER', 'STATE', 'VERSION', 'ROLE', 'PARTNER'] as const;
const columns = 80;

/** To be read: one line for each Agent, and below it what is wrong. */
export function formatAgentsReport(report: AgentsReport): string {
	const {cluster, replies} = report;
	const rows = cluster.agents.map(agent => cells(agent, replies.get(agent.id)));
	const count = cluster.agents.length;
	const problems = clusterProblems(report);
	return [
		...wrap(`${visibleText(cluster.name)}, ${count} ${count === 1 ? 'Agent' : 'Agents'}`, columns),
		'',
		...textTable([headings, ...rows]),
		...problems.flatMap(({message, nextSteps}) => [
			'',
			...wrap(visibleText(message), columns),
			...nextSteps.flatMap(step => indentedStep(visibleText(step))),
		]),
		'',
	].join('\n');
}

function cells(
	{id, address, partner, reachedBy = 'SSH'}: Agent,
	reply: AgentReply | undefined,
): readonly string[] {
	const status = reply && 'status' in reply ? reply.status : undefined;
	return [
		id,
		address,
		reachedBy,
		status?.state ?? 'Disconnected',
		status?.version ? formatVersion(status.version) : '-',
		status?.role ?? '-',
		partner ?? '-',
	].map(text => visibleText(text, 100));
}

function indentedStep(step: string): readonly string[] {
	return wrap(step, columns - 4).map((line, index) => `${index === 0 ? '  → ' : '    '}${line}`);
}

/** What is wrong with the cluster, as far as its Agents told; the worst comes first. */
export function clusterProblems(report: AgentsReport): readonly ClusterProblem[] {
	return [
		...silent(report),
		...versionConflict(report),
		...notRunning(report),
		...upgrading(report),
		...unsoundPairs(report),
		...membership(report),
	];
}

type Answered = Extract<AgentReply, {status: unknown}> & {readonly id: AgentId};

function answered({cluster, replies}: AgentsReport): readonly Answered[] {
	return cluster.agents.flatMap(({id}): Answered[] => {
		const reply = replies.get(id);
		return reply && 'status' in reply ? [{id, ...reply}] : [];
	});
}

function silent({cluster, replies}: AgentsReport): readonly ClusterProblem[] {
	return cluster.agents.flatMap(({id}): ClusterProblem[] => {
		const reply = replies.get(id);
		return reply && 'failure' in reply
			? [{agents: [id], message: `${id}: ${reply.failure.message}`, nextSteps: reply.failure.nextSteps}]
			: [];
	});
}

function versionConflict(report: AgentsReport): readonly ClusterProblem[] {
	const byVersion = new Map<string, AgentId[]>();
	for (const {id, status} of answered(report)) {
		if (status.version) {
			const text = formatVersion(status.version);
			byVersion.set(text, [...(byVersion.get(text) ?? []), id]);
		}
	}

	return byVersion.size < 2
		? []
		: [
				{
					agents: [...byVersion.values()].flat(),
					message: `The Agents run different versions: ${[...byVersion].map(([version, ids]) => `${version} on ${ids.join(', ')}`).join('; ')}.`,
					nextSteps: ['Bring all Agents of the cluster to one version.'],
				},
			];
}

function notRunning(report: AgentsReport): readonly ClusterProblem[] {
	return answered(report)
		.filter(({status}) => status.state !== 'Running')
		.map(({id, status}) => ({
			agents: [id],
			message: `${id} is not running: ${status.state}.`,
			nextSteps: ['Start DataMiner there, or find out why it does not run.'],
		}));
}

function upgrading(report: AgentsReport): readonly ClusterProblem[] {
	return answered(report).flatMap(({id, status}): ClusterProblem[] =>
		status.upgradeInProgress === undefined
			? []
			: [
					{
						agents: [id],
						message: `${id} is being upgraded with ${status.upgradeInProgress}.`,
						nextSteps: ['Wait until that has finished before anything else is begun.'],
					},
				],
	);
}

function unsoundPairs(report: AgentsReport): readonly ClusterProblem[] {
	const byId = new Map(answered(report).map(answer => [answer.id, answer]));
	return failoverPairs(report.cluster).flatMap(([one, other]): ClusterProblem[] => {
		const [first, second] = [byId.get(one)?.status.role, byId.get(other)?.status.role];
		return first !== undefined && first === second && first !== 'unknown'
			? [
					{
						agents: [one, other],
						message: `${one} and ${other} are a Failover pair, and both are ${first}.`,
						nextSteps: ['Look at the Failover status in Cube and at Logging\\SLFailover.txt of both.'],
					},
				]
			: [];
	});
}

/** Agents that belong to the cluster and are not named would be left behind by an upgrade. Source: DMS_xml.md */
function membership(report: AgentsReport): readonly ClusterProblem[] {
	const {cluster} = report;
	const replies = answered(report);
	const known = new Set([
		...cluster.agents.map(({address}) => address.toLowerCase()),
		...replies.flatMap(({identity}) => (identity.ownAddress === undefined ? [] : [identity.ownAddress])),
	]);
	const missing = new Map<string, AgentId>();
	for (const {id, identity} of replies) {
		for (const member of identity.members.filter(address => !known.has(address.toLowerCase()))) {
			missing.set(member, missing.get(member) ?? id);
		}
	}

	// Where Agents are named by their host names and one does not answer, its address cannot be told from another's.
	const certain =
		replies.length === cluster.agents.length && replies.every(({identity}) => identity.ownAddress);
	const names = new Set(replies.flatMap(({identity}) => identity.clusterName ?? []));
	return [
		...(missing.size > 0
			? [
					{
						agents: [],
						message: `DMS.xml of ${[...new Set(missing.values())].join(', ')} lists ${[...missing.keys()].join(', ')}, which ${certain ? 'is' : 'may be'} missing among these Agents.`,
						nextSteps: [
							'All Agents of a cluster are upgraded together: add what is missing, unless it is the virtual address of a Failover pair.',
						],
					},
				]
			: []),
		...(names.size > 1
			? [
					{
						agents: [],
						message: `The Agents belong to different clusters: ${[...names].join(', ')}.`,
						nextSteps: ['Name the Agents of one cluster only; DMS.xml of each says to which it belongs.'],
					},
				]
			: []),
	];
}
