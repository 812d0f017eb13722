import {AgentError} from '../../source/agent/connection.ts';
import type {ServedAgent} from '../../source/transport/http/service/served-agent.ts';

/** An Agent that does what a test says, and fails where the test says nothing. */
export function aServedAgent(does: Partial<ServedAgent> = {}): ServedAgent {
	const silent = {agent: 'DMA-01', canSwitchOver: false};
	return new Proxy({...silent, ...does} as ServedAgent, {
		get(target, name) {
			return (
				(Reflect.get(target, name) as unknown) ??
				(() =>
					Promise.reject(
						new AgentError('DMA-01', 'NOT_TOLD', `This Agent was not told ${String(name)}.`, []),
					))
			);
		},
	});
}
