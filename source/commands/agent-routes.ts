import type {Inventory, InventoryAgent} from '../config/inventory.ts';
import type {AgentId, AgentRoute} from '../domain/agent.ts';
import type {Cluster} from '../domain/cluster.ts';
import {UserError} from '../domain/user-error.ts';
import {proxyFor} from '../transport/http/client/proxy-tunnel.ts';
import type {SshOptions} from '../transport/ssh/ssh-options.ts';
import type {Way} from './ways-to-agents.ts';

/** The cluster with what was found out about how its Agents are reached. */
export function withRoutes(cluster: Cluster, {agents}: Inventory, ways: readonly Way[]): Cluster {
	const routes = new Map<AgentId, AgentRoute | undefined>([
		...ways.map(({agent, options}) => [agent.name, sshRoute(options)] as const),
		...agents.flatMap(agent => (agent.service ? [[agent.name, serviceRoute(agent)] as const] : [])),
	]);
	return {
		...cluster,
		agents: cluster.agents.map(agent => {
			const route = routes.get(agent.id);
			return route ? {...agent, route} : agent;
		}),
	};
}

function sshRoute(options: SshOptions): AgentRoute | undefined {
	if (!('route' in options)) {
		const {address: host, port, user} = options;
		return {host, port, user, via: []};
	}

	const last = options.route.at(-1);
	return (
		last && {
			host: last.hostName,
			port: last.port,
			user: last.user,
			via: options.route.slice(0, -1).map(({host}) => `jump host ${host}`),
		}
	);
}

function serviceRoute({address, service}: InventoryAgent): AgentRoute | undefined {
	return service && {host: address, port: service.port, via: proxyOf(address, service)};
}

function proxyOf(
	address: string,
	{port, plain}: {readonly port: number; readonly plain: boolean},
): readonly string[] {
	try {
		const proxy = proxyFor({address, port, plain});
		// Without the login that may stand in it.
		return proxy ? [`proxy ${proxy.host}`] : [];
	} catch (error) {
		if (error instanceof UserError) {
			// Whoever connects is told.
			return [];
		}

		throw error;
	}
}
