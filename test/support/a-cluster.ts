import type {Agent, AgentId} from '../../source/domain/agent.ts';
import type {AgentStatus} from '../../source/domain/agent-status.ts';
import {type Cluster, failoverPairs} from '../../source/domain/cluster.ts';
import {parseVersion} from '../../source/domain/version.ts';
import type {AgentView, ClusterView} from '../../source/ui/ports.ts';

/** 2026-03-06 10:21:32 UTC: when test clusters are looked at and test runs begin. */
export const testTime = Date.UTC(2026, 2, 6, 10, 21, 32);

interface ClusterWishes {
	readonly name?: string;
	readonly singles?: number;
	readonly pairs?: number;
}

/** Agents `DMA-01`, `DMA-02`, …: first the single ones, then the pairs, whose first Agent is online. */
export function aCluster({name = 'Practice', singles = 3, pairs = 1}: ClusterWishes = {}): Cluster {
	const count = singles + 2 * pairs;
	const id = (index: number) => `DMA-${String(index + 1).padStart(2, '0')}`;
	const agents = Array.from({length: count}, (_, index): Agent => {
		const place = index - singles;
		const agent = {id: id(index), address: `10.0.${Math.floor(index / 250)}.${(index % 250) + 1}`};
		return place < 0 ? agent : {...agent, partner: id(place % 2 === 0 ? index + 1 : index - 1)};
	});
	return {name, agents};
}

/** An Agent that runs 10.5.12 and is ready for an upgrade; name only what matters to the test. */
export function aStatus(changes: Partial<AgentStatus> = {}): AgentStatus {
	const version = parseVersion('10.5.12.0-16721');
	return {
		state: 'Running',
		...(version && {version}),
		freeBytes: 120 * 1024 ** 3,
		processId: 4711,
		...changes,
	};
}

/** What is known of a cluster whose every Agent is ready, but for those that are named. */
export function aClusterView(
	wishes: ClusterWishes = {},
	changes: Readonly<Record<AgentId, AgentView>> = {},
): ClusterView {
	const cluster = aCluster(wishes);
	const online = new Set(failoverPairs(cluster).map(([first]) => first));
	const agents = new Map(
		cluster.agents.map(({id, partner}, index): [AgentId, AgentView] => {
			const role = partner === undefined ? {} : ({role: online.has(id) ? 'online' : 'offline'} as const);
			return [id, changes[id] ?? {status: aStatus(role), asOf: testTime, dataMinerId: 100 + index}];
		}),
	);
	return {cluster, agents};
}
