import type {AgentConnection} from '../agent/connection.ts';
import {DataMinerAgent} from '../agent/dataminer-agent.ts';
import {type Inventory, type InventoryAgent, clusterOf} from '../config/inventory.ts';
import type {AgentId} from '../domain/agent.ts';
import {type Cluster, failoverPairs} from '../domain/cluster.ts';
import type {Failure} from '../domain/user-error.ts';
import {type RunLimits, scaledRunLimits} from '../orchestration/run-limits.ts';
import {SshMachine} from '../transport/ssh/ssh-machine.ts';
import type {SshOptions} from '../transport/ssh/ssh-options.ts';
import {withRoutes} from './agent-routes.ts';
import {serviceOn} from './service-access.ts';
import {SshAccess} from './ssh-access.ts';
import {systemClock} from './system-clock.ts';
import {waysTo} from './ways-to-agents.ts';

/** A cluster with a connection to each of its Agents; nothing is connected before it is used. */
export interface ClusterSession {
	readonly inventory: Inventory;
	readonly cluster: Cluster;
	readonly connections: ReadonlyMap<AgentId, AgentConnection>;
	readonly limits: RunLimits;
	close(): Promise<void>;
}

/**
 * Finds out how each Agent is reached: as `ssh` would with one's own configuration, and with what the inventory says
 * going before it. Rejects with a `UserError` where that cannot be done.
 */
export async function openCluster(inventory: Inventory, access = new SshAccess()): Promise<ClusterSession> {
	const ways = await waysTo({...inventory, agents: inventory.agents.filter(({service}) => !service)});
	access.note(ways.flatMap(({notices}) => notices));
	const overSsh = new Map(
		ways.map(({agent, options}) => [agent.name, connectionTo(agent, options, inventory, access)]),
	);
	const connections = new Map<AgentId, AgentConnection>(
		inventory.agents.map(agent => [agent.name, overSsh.get(agent.name) ?? serviceOn(agent, access)]),
	);
	return {
		inventory,
		cluster: withRoutes(clusterOf(inventory), inventory, ways),
		connections,
		limits: scaledRunLimits(inventory.speed),
		async close() {
			await Promise.all([...connections.values()].map(connection => connection.close()));
		},
	};
}

/** Why the pairs of the cluster cannot be switched over; undefined where they can. */
export function switchOverRefusal({cluster, connections}: ClusterSession): Failure | undefined {
	const unable = failoverPairs(cluster)
		.flat()
		.filter(id => !connections.get(id)?.canSwitchOver);
	return unable.length === 0
		? undefined
		: {
				code: 'CONNECTION_CANNOT',
				message: `There is no way to switch ${unable.join(', ')} over: DataMiner documents no command for it, and the inventory names none.`,
				nextSteps: [
					'Upgrade both Agents of a pair simultaneously, which is recommended anyway.',
					'Or name the program that brings an Agent online in the inventory (switchOver).',
				],
			};
}

function connectionTo(
	{name, partner, switchOver, ...agent}: InventoryAgent,
	options: SshOptions,
	inventory: Inventory,
	access: SshAccess,
): AgentConnection {
	const {launch = inventory.launch} = agent;
	const [program, ...args] = switchOver ?? [];
	return new DataMinerAgent({
		agent: name,
		clock: systemClock,
		machine: new SshMachine({...options, network: access.network(inventory.speed)}),
		settings: {
			failover: partner !== undefined,
			speed: inventory.speed,
			...(launch !== undefined && {launch}),
			...(program !== undefined && {switchOver: [program, ...args] as const}),
		},
	});
}
