import {writeFile} from 'node:fs/promises';
import path from 'node:path';
import {inventorySchema} from '../config/inventory.ts';
import type {Inventory, KnownAgent} from '../config/inventory.ts';
import {agentPaths} from './agent-paths.ts';
import type {SimulatedAgent} from './simulated-agent.ts';

/** A practice cluster leaves nothing open. */
export interface LabInventory extends Inventory {
	agents: KnownAgent[];
}

export interface LabInventoryFacts {
	readonly cluster: string;
	readonly speed: number;
	readonly packages: string;
	/** Where the tokens go. */
	readonly folder: string;
	readonly user: string;
	readonly identityFile: string;
	readonly hostKeyOf: (name: string) => string;
}

/** How the Agents of a lab are reached. Writes down the token of each that has the HTTP service. */
export async function labInventory(
	agents: readonly SimulatedAgent[],
	{cluster, speed, packages, folder, user, identityFile, hostKeyOf}: LabInventoryFacts,
): Promise<LabInventory> {
	const reached = await Promise.all(
		agents.map(async (agent): Promise<KnownAgent> => ({
			name: agent.name,
			address: agent.address,
			port: agent.port,
			user,
			identityFile,
			hostKey: hostKeyOf(agent.name),
			...(await serviceFacts(agent, folder)),
			...(agent.partner !== undefined && {partner: agent.partner, switchOver: [agentPaths.switchOver]}),
		})),
	);
	const inventory = inventorySchema.parse({
		cluster,
		speed,
		// Whatever one's own configuration says of these addresses, it does not mean them.
		sshConfig: 'none',
		packages,
		agents: reached,
	});
	return {...inventory, agents: reached};
}

async function serviceFacts(
	{name, partner, service}: SimulatedAgent,
	folder: string,
): Promise<Pick<KnownAgent, 'service' | 'tokenFile'>> {
	if (!service) {
		return {};
	}

	const {certificate, token} = service.access;
	const tokenFile = path.join(folder, `${name}.token`);
	await writeFile(tokenFile, `${token}\n`, {mode: 0o600});
	return {
		service: {port: service.port, certificate, plain: false, switchOver: partner !== undefined},
		tokenFile,
	};
}
