import * as z from 'zod';
import type {Agent} from '../domain/agent.ts';
import type {Cluster} from '../domain/cluster.ts';
import {launchMeans} from '../domain/launch.ts';
import {visibleText} from '../domain/text.ts';

/** Text that a terminal shows as it is, on one line. */
function plainText(most: number) {
	return z
		.string()
		.min(1, 'there is no text here')
		.max(most, `at most ${most} characters fit`)
		.refine(text => visibleText(text, most) === text, 'control characters are not allowed');
}

const agentName = z
	.string()
	.min(1, 'there is no name here')
	.max(64, 'at most 64 characters fit')
	.regex(/^[\w.-]+$/, 'a name has letters, digits, dot, dash and underscore only');

const port = z.int('a whole number is expected').min(1, 'ports begin at 1').max(65_535, 'ports end at 65535');

/** How an Agent is reached. What is absent is as `ssh` would have it. */
export const accessShape = {
	user: plainText(256).optional(),
	port: port.optional(),
	/** A private key file, on this computer. */
	identityFile: plainText(4096).optional(),
	/** A file, on this computer, with the token that the service on the Agent asks for. */
	tokenFile: plainText(4096).optional(),
};

/** Where the service of this program listens on an Agent (`dms-upgrade serve`). */
export const serviceSchema = z.strictObject({
	port: port.default(8443),
	/** SHA-256 of its certificate, as `openssl x509 -fingerprint -sha256` prints it. */
	certificate: z
		.string()
		.regex(/^(?:[\dA-F]{2}:){31}[\dA-F]{2}$/, 'a fingerprint such as AB:CD:… is expected')
		.optional(),
	/** Without TLS, which is for this computer itself only. */
	plain: z.boolean().default(false),
	/** It was started with a program that brings its Agent of a pair online. */
	switchOver: z.boolean().default(false),
});

const launch = z.enum(launchMeans, `${launchMeans.join(' or ')} is expected`);

export const agentSchema = z.strictObject({
	name: agentName,
	/** Host name or IP address. */
	address: plainText(253).regex(/^[^\s/@-][^\s/@]*$/, 'a host name or an IP address is expected'),
	...accessShape,
	/** Fingerprint of the SSH host key, as `ssh-keygen -l` prints it. */
	hostKey: z
		.string()
		.regex(/^SHA256:[A-Za-z0-9+/]{43}$/, 'a fingerprint such as SHA256:… is expected')
		.optional(),
	/** An Agent that has it is reached by the service, any other one over SSH. */
	service: serviceSchema.optional(),
	/** Name of the other Agent of its Failover pair. */
	partner: agentName.optional(),
	/** Program and arguments that make this Agent take over from its partner. DataMiner documents none. */
	switchOver: z.array(z.string()).min(1, 'the program is missing').optional(),
	/** By which means the upgrade is started on it; as its cluster says without it. */
	launch: launch.optional(),
});

/** What a cluster has besides its name and what is said for all its Agents at once. */
export const clusterShape = {
	/** By how much time runs faster than in reality; above 1 in the lab only. */
	speed: z
		.number()
		.min(1, 'time runs at least as fast as in reality')
		.max(10_000, 'at most 10000')
		.default(1),
	/** The SSH configuration that says how its Agents are reached, in place of one's own; `none`: no configuration. */
	sshConfig: plainText(4096).optional(),
	/** A folder with packages that the Schedule screen lists. */
	packages: plainText(4096).optional(),
	/** By which means the upgrade is started on its Agents; by a scheduled task without it. */
	launch: launch.optional(),
	agents: z
		.array(agentSchema)
		.min(1, 'there must be at least one Agent')
		.max(1000, 'a cluster has at most 1000 Agents'),
};

export const clusterName = plainText(64);

export type InventoryAgent = z.infer<typeof agentSchema>;

/** Refuses Agents that no cluster can have together. */
export function checkAgents(
	{agents}: {readonly agents: readonly InventoryAgent[]},
	context: z.RefinementCtx,
): void {
	const refuse = (index: number, key: string, message: string) =>
		context.addIssue({code: 'custom', path: ['agents', index, key], message});
	const byName = new Map(agents.map(agent => [agent.name, agent]));
	const names = new Set<string>();
	const places = new Map<string, string>();
	for (const [index, {name, address, port, partner}] of agents.entries()) {
		if (names.has(name)) {
			refuse(index, 'name', `there is an Agent ${name} already`);
		}

		names.add(name);
		const place = `${address.toLowerCase()} ${port ?? ''}`;
		const other = places.get(place);
		if (other !== undefined && other !== name) {
			refuse(index, 'address', `${other} has this address already, and an Agent must not be upgraded twice`);
		}

		places.set(place, name);
		if (partner !== undefined && (partner === name || byName.get(partner)?.partner !== name)) {
			refuse(index, 'partner', `${partner} is not an Agent that names ${name} as its partner`);
		}
	}
}

/** A cluster and how its Agents are reached. */
export const inventorySchema = z
	.strictObject({cluster: clusterName, ...clusterShape})
	.superRefine(checkAgents);

export type Inventory = z.infer<typeof inventorySchema>;

/** An Agent of which everything is said that a connection needs, without any configuration of SSH. */
export type KnownAgent = InventoryAgent &
	Readonly<Record<'user' | 'identityFile' | 'hostKey', string>> & {readonly port: number};

export function isKnownAgent(agent: InventoryAgent): agent is KnownAgent {
	const {user, port, identityFile, hostKey} = agent;
	return user !== undefined && port !== undefined && identityFile !== undefined && hostKey !== undefined;
}

export function clusterOf(inventory: Inventory): Cluster {
	return {
		name: inventory.cluster,
		agents: inventory.agents.map(({name, address, partner, service}): Agent => ({
			id: name,
			address,
			...(partner !== undefined && {partner}),
			...(service && {reachedBy: service.plain ? 'HTTP' : 'HTTPS'}),
		})),
	};
}
