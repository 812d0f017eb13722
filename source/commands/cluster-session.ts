import {readFile} from 'node:fs/promises';
import type {AgentConnection} from '../agent/connection.ts';
import {DataMinerAgent} from '../agent/dataminer-agent.ts';
import {type Inventory, type KnownAgent, clusterOf} from '../config/inventory.ts';
import type {AgentId} from '../domain/agent.ts';
import {type Cluster, failoverPairs} from '../domain/cluster.ts';
import {type Failure, UserError} from '../domain/user-error.ts';
import {type RunLimits, scaledRunLimits} from '../orchestration/run-limits.ts';
import {SshMachine} from '../transport/ssh/ssh-machine.ts';
import {systemClock} from './system-clock.ts';
import {UsageError} from './usage-error.ts';

/** A cluster with a connection to each of its Agents; nothing is connected before it is used. */
export interface ClusterSession {
	readonly inventory: Inventory;
	readonly cluster: Cluster;
	readonly connections: ReadonlyMap<AgentId, AgentConnection>;
	readonly limits: RunLimits;
	close(): Promise<void>;
}

export async function openCluster(inventory: Inventory): Promise<ClusterSession> {
	const agents = knownAgents(inventory);
	const keys = new Map<string, string>();
	for (const {name, identityFile} of agents) {
		if (!keys.has(identityFile)) {
			keys.set(identityFile, await readKey(name, identityFile));
		}
	}

	const connections = new Map<AgentId, AgentConnection>(
		agents.map(agent => [agent.name, connectionTo(agent, keys.get(agent.identityFile) ?? '', inventory)]),
	);
	return {
		inventory,
		cluster: clusterOf(inventory),
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

function connectionTo(agent: KnownAgent, privateKey: string, inventory: Inventory): AgentConnection {
	const {name, address, port, user, hostKey, partner, switchOver, launch = inventory.launch} = agent;
	const [program, ...args] = switchOver ?? [];
	return new DataMinerAgent({
		agent: name,
		clock: systemClock,
		machine: new SshMachine({address, port, user, privateKey, hostKey}),
		settings: {
			failover: partner !== undefined,
			speed: inventory.speed,
			...(launch !== undefined && {launch}),
			...(program !== undefined && {switchOver: [program, ...args] as const}),
		},
	});
}

/** Windows OpenSSH and every other server listen there unless they are told otherwise. */
const sshPort = 22;

const needed = ['user', 'identityFile', 'hostKey'] as const;

/** The Agents, when it is said of all of them how they are reached. Throws `WayIncompleteError`. */
function knownAgents({agents}: Inventory): readonly KnownAgent[] {
	return agents.map(agent => {
		const {user, identityFile, hostKey, port = sshPort} = agent;
		if (user === undefined || identityFile === undefined || hostKey === undefined) {
			throw new WayIncompleteError(
				agents.filter(other => needed.some(key => other[key] === undefined)).map(({name}) => name),
				needed.filter(key => agents.some(other => other[key] === undefined)),
			);
		}

		return {...agent, user, identityFile, hostKey, port};
	});
}

/** It is not said how some Agents are reached. */
export class WayIncompleteError extends UserError {
	readonly code = 'WAY_INCOMPLETE';
	readonly nextSteps: readonly string[];
	constructor(agents: readonly string[], missing: readonly string[]) {
		const shown =
			agents.length > 5
				? `${agents.slice(0, 5).join(', ')} and ${agents.length - 5} more`
				: agents.join(', ');
		super(`It is not said how ${shown} can be reached: ${missing.join(', ')} missing.`);
		this.nextSteps = missing.map(key => explanations[key] ?? key);
	}
}

const explanations: Readonly<Record<string, string>> = {
	user: 'Add “user”: who logs in there, such as Administrator.',
	identityFile: 'Add “identityFile”: the path of a private key without passphrase that the server knows.',
	hostKey: 'Add “hostKey”: the fingerprint of the server’s key, as ssh-keygen -l prints it (SHA256:…).',
};

async function readKey(agent: string, file: string): Promise<string> {
	try {
		return await readFile(file, 'utf8');
	} catch (error) {
		throw new UsageError(
			`The private key ${file} of ${agent} cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
			['Check identityFile in the inventory, and the rights of the file.'],
		);
	}
}
