import type {AgentId} from '../agent.ts';
import type {Readiness} from './assess.ts';
import {type ReadinessCheck, type ReadinessOutcome, outcomesByRank, worstOutcome} from './readiness-check.ts';

/** The same check with the same result, told once for all Agents that it concerns. */
export interface ReadinessFinding {
	readonly check: ReadinessCheck;
	/** Empty for what concerns the package or the way between the versions. */
	readonly agents: readonly AgentId[];
}

/** Everything that was found, worst first; of one outcome the cluster's own comes before that of its Agents. */
export function findingsOf({cluster, agents}: Pick<Readiness, 'cluster' | 'agents'>): ReadinessFinding[] {
	const byResult = new Map<string, {check: ReadinessCheck; agents: AgentId[]}>();
	for (const [agent, checks] of agents) {
		for (const check of checks) {
			const key = JSON.stringify([check.id, check.outcome, check.evidence, check.remedy]);
			const same = byResult.get(key);
			if (same) {
				same.agents.push(agent);
			} else {
				byResult.set(key, {check, agents: [agent]});
			}
		}
	}

	const rank = ({check}: ReadinessFinding) => outcomesByRank.indexOf(check.outcome);
	return [...cluster.map(check => ({check, agents: []})), ...byResult.values()].toSorted(
		(a, b) => rank(a) - rank(b),
	);
}

/** The worst outcome of all checks; *pass* where there are none. */
export function verdictOf({cluster, agents}: Pick<Readiness, 'cluster' | 'agents'>): ReadinessOutcome {
	return worstOutcome([...cluster, ...[...agents.values()].flat()].map(({outcome}) => outcome));
}
