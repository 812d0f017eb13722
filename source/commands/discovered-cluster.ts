import type {ClusterRemarks} from '../config/cluster-file-text.ts';
import type {Inventory, InventoryAgent} from '../config/inventory.ts';
import type {AgentIdentity} from '../domain/agent-status.ts';
import {visibleText} from '../domain/text.ts';
import type {Failure} from '../domain/user-error.ts';

/** A member of the cluster that one Agent told about. */
export interface Member {
	/** As DMS.xml names it. */
	readonly address: string;
	/** How it is reached, as far as that is known; its name counts where `isKnown`. */
	readonly agent: InventoryAgent;
	/** Its name stands in a file of clusters already. */
	readonly isKnown: boolean;
	readonly reply: AgentIdentity | Failure;
}

export interface Discovered {
	readonly inventory: Inventory;
	readonly remarks: ClusterRemarks;
	/** Who belongs to the cluster and is not in it all the same, with the reason. */
	readonly notAdded: readonly string[];
}

/** The Agent that was asked first. */
export interface FirstAnswer {
	readonly name: string;
	/** Whose DMS.xml it is, for people. */
	readonly readFrom: string;
	readonly identity: AgentIdentity;
}

/** The cluster that DMS.xml of `first` tells of, and what has to be said about it. */
export function discoveredCluster(
	first: FirstAnswer,
	members: readonly Member[],
	rest: Pick<Inventory, 'speed' | 'sshConfig' | 'packages'>,
): Discovered {
	const names = namesOf(members, first.identity);
	const partners = partnersOf(members);
	const nameAt = (address: string | undefined) =>
		names[members.findIndex(member => member.address === address)];
	const agents = members.map(({agent, address}, index): InventoryAgent => {
		const partner = nameAt(partners.get(address));
		return {
			...withoutPartner(agent),
			name: names[index] ?? agent.name,
			...(partner !== undefined && {partner}),
		};
	});
	return {
		inventory: {cluster: clusterNameOf(first.identity, first.name), ...rest, agents},
		remarks: {
			above: remarksAbove(first, members, partners),
			agents: new Map(
				members.map((member, index) => [names[index] ?? '', remarksOn(member, first.identity, partners)]),
			),
		},
		notAdded: [],
	};
}

/** Alone, an Agent has none. */
export function withoutPartner(agent: InventoryAgent): InventoryAgent {
	const copy = {...agent};
	delete copy.partner;
	return copy;
}

function clusterNameOf({clusterName}: AgentIdentity, fallback: string): string {
	const name = clusterName === undefined ? '' : visibleText(clusterName, 60).toWellFormed();
	return name === '' ? fallback : name;
}

function isIdentity(reply: Member['reply']): reply is AgentIdentity {
	return 'members' in reply;
}

/** What it is called already, or calls itself, or else what its DataMiner ID or address makes of it; each once. */
function namesOf(members: readonly Member[], first: AgentIdentity): readonly string[] {
	const taken = new Set<string>();
	return members.map(({agent, isKnown, address, reply}) => {
		const id = first.memberIds?.get(address);
		const wanted = isKnown
			? agent.name
			: isIdentity(reply)
				? reply.name
				: id === undefined
					? address
					: `DMA-${id}`;
		const plain = wanted.replaceAll(/[^\w.-]+/g, '-').slice(0, 56) || 'Agent';
		let name = plain;
		for (let count = 2; taken.has(name); count += 1) {
			name = `${plain}-${count}`;
		}

		taken.add(name);
		return name;
	});
}

/**
 * Who is whose partner, by address. How DMS.xml tells that is undocumented: it counts where a file says so already,
 * where two Agents name each other and nobody else, and where only two Agents of the whole cluster are in a pair.
 */
function partnersOf(members: readonly Member[]): ReadonlyMap<string, string> {
	const partners = new Map<string, string>();
	const join = (one: string, other: string) => partners.set(one, other).set(other, one);
	for (const {agent, address} of members) {
		const other = members.find(member => member.isKnown && member.agent.name === agent.partner);
		if (other?.agent.partner === agent.name) {
			join(address, other.address);
		}
	}

	const inPairs = members.flatMap(({address, reply}) =>
		isIdentity(reply) && reply.failoverWith ? [{address, names: reply.failoverWith}] : [],
	);
	for (const {address, names} of inPairs) {
		const other = inPairs.find(candidate => candidate.address === names[0]);
		if (
			names.length === 1 &&
			other?.names.length === 1 &&
			other.names[0] === address &&
			!partners.has(address) &&
			!partners.has(other.address)
		) {
			join(address, other.address);
		}
	}

	const [one, other] = inPairs;
	const allTold = members.every(({reply}) => isIdentity(reply));
	if (allTold && inPairs.length === 2 && one && other && partners.size === 0) {
		join(one.address, other.address);
	}

	return partners;
}

function remarksAbove(
	{readFrom, identity}: FirstAnswer,
	members: readonly Member[],
	partners: ReadonlyMap<string, string>,
): readonly string[] {
	const unmatched = members.filter(
		({reply, address}) => isIdentity(reply) && reply.failoverWith && !partners.has(address),
	);
	const silent = members.filter(({reply}) => !isIdentity(reply));
	return [
		`Read from DMS.xml of ${readFrom}.`,
		...(identity.clusterName === undefined ? ['It names no cluster: choose a name.'] : []),
		'Each Agent needs its own address. DMS.xml may name a Failover pair by its virtual one instead.',
		...(unmatched.length > 0
			? ['Who is whose Failover partner could not be told: add “partner” to both Agents of each pair.']
			: []),
		...(silent.length > 0 && unmatched.length === 0
			? [
					'Not all Agents could be asked: if there are more Failover pairs, add “partner” to both Agents of each.',
				]
			: []),
	];
}

function remarksOn(
	{address, agent, reply, isKnown}: Member,
	first: AgentIdentity,
	partners: ReadonlyMap<string, string>,
): readonly string[] {
	const id = isIdentity(reply)
		? (reply.dataMinerId ?? first.memberIds?.get(address))
		: first.memberIds?.get(address);
	const failover = isIdentity(reply) && !partners.has(address) ? reply.failoverWith : undefined;
	return [
		...(id === undefined ? [] : [`DataMiner ID ${id}`]),
		...(agent.address === address ? [] : [`DMS.xml names it ${address}`]),
		...(isIdentity(reply) && reply.ownAddress !== undefined && reply.ownAddress !== address
			? [`Its own DMS.xml names it ${reply.ownAddress}`]
			: []),
		...(isIdentity(reply)
			? []
			: [`It could not be asked${isKnown ? '' : ', so that its name is made up'}: ${reply.message}`]),
		...(failover
			? [
					`In a Failover pair${failover.length > 0 ? `; its Failover tag has to do with ${failover.join(', ')}` : ''}`,
				]
			: []),
	];
}
