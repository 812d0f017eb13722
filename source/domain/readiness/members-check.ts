import type {AgentSurvey} from '../agent-survey.ts';
import type {ReadinessCheck} from './readiness-check.ts';

/** What the inventory says of the cluster that an Agent should be in. */
export interface ExpectedCluster {
	/** Agents in it. */
	readonly nodes: number;
	/** Failover pairs among them. */
	readonly pairs: number;
	/** How the Agents that answered call it, each name once. */
	readonly names: readonly string[];
}

/**
 * Whether an Agent knows of as many Agents as the inventory has: one that is left out would stay on another version. They
 * are counted and not compared, since either side may name an Agent by an address of its own. How a pair stands in
 * `DMS.xml` is undocumented: as one, as two, or with its virtual IP as a third.
 */
export function clusterMembers(
	{members, clusterName}: AgentSurvey,
	{nodes, pairs, names}: ExpectedCluster,
): ReadinessCheck {
	const base = {id: 'members', title: 'Agents of the cluster', source: 'DMS_xml.md'};
	if (members === undefined) {
		return {
			...base,
			outcome: 'unknown',
			evidence: 'Which Agents its DMS.xml names could not be found out.',
			remedy: 'See that the inventory has all Agents of the cluster: all must run the same version.',
		};
	}

	const others = names.filter(name => name !== clusterName);
	if (clusterName !== undefined && others.length > 0) {
		return {
			...base,
			outcome: 'warn',
			evidence: `Its cluster is ${clusterName}, that of others is ${others.join(', ')}.`,
			remedy: 'Take the Agents of other clusters out of the inventory.',
		};
	}

	const named = `Its DMS.xml names ${members.length} ${members.length === 1 ? 'Agent' : 'Agents'}`;
	return members.length > nodes + pairs
		? {
				...base,
				outcome: 'warn',
				evidence: `${named} (${shortened(members)}), the inventory has ${nodes}.`,
				remedy:
					'Add the missing Agents to the inventory, or remove them from the cluster: one that is left out stays on another version.',
			}
		: members.length < nodes - pairs
			? {
					...base,
					outcome: 'warn',
					evidence: `${named} (${shortened(members)}) of the ${nodes} in the inventory.`,
					remedy:
						'Find out whether this Agent has left the cluster, or take Agents of others out of the inventory.',
				}
			: {...base, outcome: 'pass', evidence: `${named}.`, remedy: ''};
}

const mostNamed = 6;

function shortened(members: readonly string[]): string {
	const more = members.length - mostNamed;
	return `${members.slice(0, mostNamed).join(', ') || 'none'}${more > 0 ? ` and ${more} more` : ''}`;
}
