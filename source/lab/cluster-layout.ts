/** One Agent of the lab, before it exists. */
export interface AgentPlan {
	readonly name: string;
	readonly dataMinerId: number;
	readonly address: string;
	/** Name of the other Agent of its Failover pair. */
	readonly partner?: string;
	readonly role?: 'online' | 'offline';
}

/**
 * Names, ids and addresses: first the single Agents (`DMA-01`…), then the pairs (`DMA-04A` online, `DMA-04B`
 * offline). Every Agent has a loopback address of its own where the computer has them, as members of `DMS.xml` do.
 */
export function layOutCluster(agents: number, pairs: number, ownAddresses: boolean): readonly AgentPlan[] {
	const singles = agents - 2 * pairs;
	const digits = Math.max(2, String(singles + pairs).length);
	const plans: AgentPlan[] = [];
	const add = (name: string, pair?: Pick<AgentPlan, 'partner' | 'role'>) => {
		const index = plans.length;
		const address = ownAddresses ? `127.10.${Math.floor(index / 200)}.${(index % 200) + 11}` : '127.0.0.1';
		plans.push({name, dataMinerId: 101 + index, address, ...pair});
	};
	for (let member = 1; member <= singles + pairs; member += 1) {
		const name = `DMA-${String(member).padStart(digits, '0')}`;
		if (member <= singles) {
			add(name);
		} else {
			add(`${name}A`, {partner: `${name}B`, role: 'online'});
			add(`${name}B`, {partner: `${name}A`, role: 'offline'});
		}
	}

	return plans;
}
