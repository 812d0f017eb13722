import type {Agent, AgentId, FailoverRole} from './agent.ts';

/** A DataMiner System: all Agents that belong together. */
export interface Cluster {
	readonly name: string;
	readonly agents: readonly Agent[];
}

/** Two Agents that stand for one member of the cluster, in the order of the inventory. */
export type FailoverPair = readonly [AgentId, AgentId];

/** The role that each Agent of a pair has now; single Agents have none. */
export type Roles = ReadonlyMap<AgentId, FailoverRole>;

export function failoverPairs(cluster: Cluster): readonly FailoverPair[] {
	const pairs: FailoverPair[] = [];
	const seen = new Set<AgentId>();
	for (const {id, partner} of cluster.agents) {
		if (partner !== undefined && !seen.has(partner)) {
			pairs.push([id, partner]);
		}

		seen.add(id);
	}

	return pairs;
}

export function findAgent(cluster: Cluster, id: AgentId): Agent | undefined {
	return cluster.agents.find(agent => agent.id === id);
}
