import * as z from 'zod';
import type {Agent} from '../domain/agent.ts';
import type {Cluster} from '../domain/cluster.ts';

const name = z
	.string()
	.min(1)
	.max(64)
	.regex(/^[\w.-]+$/, 'letters, digits, dot, dash and underscore only');

const inventoryAgent = z.strictObject({
	name,
	address: z.string().min(1).max(253),
	port: z.int().min(1).max(65_535).default(22),
	user: z.string().min(1),
	/** A private key file, on this computer. */
	identityFile: z.string().min(1),
	/** Fingerprint of the SSH host key, as `ssh-keygen -l` prints it. */
	hostKey: z.string().regex(/^SHA256:[A-Za-z0-9+/]{43}$/, 'a fingerprint such as SHA256:… is expected'),
	/** Name of the other Agent of its Failover pair. */
	partner: name.optional(),
	/** Program and arguments that make this Agent take over from its partner. DataMiner documents none. */
	switchOver: z.array(z.string()).min(1).optional(),
});

/** A cluster and how its Agents are reached. */
export const inventorySchema = z
	.strictObject({
		cluster: z.string().min(1).max(64),
		/** By how much time runs faster than in reality; above 1 in the lab only. */
		speed: z.number().min(1).max(10_000).default(1),
		/** A folder with packages that the Schedule screen lists. */
		packages: z.string().optional(),
		agents: z.array(inventoryAgent).min(1).max(1000),
	})
	.superRefine((inventory, context) => {
		const byName = new Map(inventory.agents.map(agent => [agent.name, agent]));
		if (byName.size < inventory.agents.length) {
			context.addIssue({code: 'custom', path: ['agents'], message: 'two Agents have the same name'});
		}

		for (const [index, {name, partner}] of inventory.agents.entries()) {
			if (partner !== undefined && (partner === name || byName.get(partner)?.partner !== name)) {
				context.addIssue({
					code: 'custom',
					path: ['agents', index, 'partner'],
					message: `${partner} is not an Agent that names ${name} as its partner`,
				});
			}
		}
	});

export type Inventory = z.infer<typeof inventorySchema>;
export type InventoryAgent = Inventory['agents'][number];

export function clusterOf(inventory: Inventory): Cluster {
	return {
		name: inventory.cluster,
		agents: inventory.agents.map(({name, address, partner}): Agent => ({
			id: name,
			address,
			...(partner !== undefined && {partner}),
		})),
	};
}
