import type {ClusterRemarks} from '../config/cluster-file-text.ts';
import {type Inventory, type InventoryAgent, agentSchema} from '../config/inventory.ts';
import {visibleText} from '../domain/text.ts';
import {UserError, exitCodes} from '../domain/user-error.ts';
import type {ListedAgent, ListedCluster} from '../transport/http/web-api/web-answers.ts';
import {type Discovered, withoutPartner} from './discovered-cluster.ts';

export interface Listing {
	/** The address that was asked. */
	readonly asked: string;
	readonly listed: ListedCluster;
	/** What else was told there, in a sentence. */
	readonly said: string;
	/** The clusters of the file: how their Agents are reached counts. */
	readonly known: readonly Inventory[];
}

/**
 * The cluster that the web API of DataMiner lists. Only Agents outside Failover pairs are in it: those are known by
 * their addresses. Throws `NothingToReachError`.
 */
export function listedCluster({asked, listed, said, known}: Listing): Discovered {
	const agents: InventoryAgent[] = [];
	const about = new Map<string, readonly string[]>();
	const notAdded: string[] = [];
	for (const entry of listed.agents) {
		const agent = agentOf(entry, known);
		const reason = agent ? whyNot(entry, listed.agents) : 'it has no address that could be one';
		if (!agent || reason !== undefined) {
			notAdded.push(`${calledBy(entry)}: ${reason}.`);
			continue;
		}

		const name = about.has(agent.name) ? `${agent.name}-${entry.dataMinerId}` : agent.name;
		agents.push({...agent, name});
		about.set(name, [`DataMiner ID ${entry.dataMinerId}, ${entry.status}`]);
	}

	if (listed.unread > 0) {
		notAdded.push(`${listed.unread} of the entries: they could not be understood.`);
	}

	const [first] = agents;
	if (!first) {
		throw new NothingToReachError(asked, notAdded);
	}

	const who = agents.find(agent => isSame(agent.address, asked));
	const above = [
		`Read from the web API of DataMiner at ${asked}. ${said}.`,
		who
			? `${asked} is ${who.name}, by its address.`
			: `Who answers at ${asked} is not told: that is the address of none of these, and was not added.`,
		'None of these Agents was asked itself: dms-upgrade agents asks them.',
		...notAdded.map(line => `Not added: ${line}`),
	];
	const {speed = 1, sshConfig, packages} = clusterWith(agents, known) ?? {};
	const inventory: Inventory = {
		cluster: clusterNameOf(listed.agents) ?? first.name,
		speed,
		...(sshConfig !== undefined && {sshConfig}),
		...(packages !== undefined && {packages}),
		agents,
	};
	const remarks: ClusterRemarks = {above, agents: about};
	return {inventory, remarks, notAdded};
}

/** Undefined where its address can be none. */
function agentOf({name, primaryAddress, dataMinerId}: ListedAgent, known: readonly Inventory[]) {
	const found = known.flatMap(({agents}) => agents).find(({address}) => isSame(address, primaryAddress));
	if (found) {
		return withoutPartner(found);
	}

	const plain = name.replaceAll(/[^\w.-]+/g, '-').slice(0, 52) || `DMA-${dataMinerId}`;
	return agentSchema.safeParse({name: plain, address: primaryAddress}).data;
}

function whyNot(
	{failover, primaryAddress, dataMinerId}: ListedAgent,
	all: readonly ListedAgent[],
): string | undefined {
	if (failover === true) {
		return `it is a Failover pair, and ${primaryAddress} may be its virtual address. Add both Agents with their own addresses, and “partner”`;
	}

	if (failover === undefined) {
		return 'whether it is a Failover pair is not told';
	}

	return all.some(other => other.dataMinerId !== dataMinerId && isSame(other.primaryAddress, primaryAddress))
		? `another one has the same address, ${primaryAddress}`
		: undefined;
}

function calledBy({name, dataMinerId}: ListedAgent): string {
	return `${name === '' ? 'the Agent' : visibleText(name, 64)} with DataMiner ID ${dataMinerId}`;
}

function isSame(one: string, other: string): boolean {
	return one.toLowerCase() === other.toLowerCase();
}

function clusterWith(agents: readonly InventoryAgent[], known: readonly Inventory[]): Inventory | undefined {
	return known.find(inventory =>
		inventory.agents.some(({address}) => agents.some(agent => isSame(agent.address, address))),
	);
}

function clusterNameOf(listed: readonly ListedAgent[]): string | undefined {
	const named = listed.find(({cluster}) => cluster !== '')?.cluster;
	return named === undefined ? undefined : visibleText(named, 60).toWellFormed();
}

/** A cluster of Failover pairs only, or one that names no addresses. */
export class NothingToReachError extends UserError {
	readonly code = 'NOTHING_TO_REACH';
	override readonly exitCode = exitCodes.agentFailed;
	readonly nextSteps: readonly string[];
	constructor(address: string, notAdded: readonly string[]) {
		super(
			`DataMiner on ${visibleText(address, 100)} names ${notAdded.length === 0 ? 'no Agent' : 'no Agent that could be added'}.`,
		);
		this.nextSteps = [
			...notAdded.map(line => `Not added: ${line}`),
			'Discover over SSH, from the own address of one Agent: --discover HOST.',
		];
	}
}
