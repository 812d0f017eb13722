import type {AgentConnection} from '../../source/agent/connection.ts';
import type {ClusterSession} from '../../source/commands/cluster-session.ts';
import type {AgentId} from '../../source/domain/agent.ts';

/** A connection to a real lab Agent, some of whose answers are changed. */
export function spoilConnection(
	session: ClusterSession,
	agent: AgentId,
	change: (real: AgentConnection) => Partial<AgentConnection>,
): void {
	const connections = session.connections as Map<AgentId, AgentConnection>;
	const real = connections.get(agent)!;
	const changed = change(real);
	connections.set(
		agent,
		new Proxy(real, {
			get(target, key) {
				const value: unknown = Reflect.get(key in changed ? changed : target, key);
				return typeof value === 'function'
					? (value.bind(key in changed ? changed : target) as unknown)
					: value;
			},
		}),
	);
}
