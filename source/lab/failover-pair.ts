import type {SimulatedAgent} from './simulated-agent.ts';

/** The Agents of a pair, always in the same order; the Agent alone where it is in none. */
export function pairOf(agent: SimulatedAgent): readonly SimulatedAgent[] {
	return agent.members.filter(({name}) => name === agent.name || name === agent.partner);
}

/** Undefined while a pair switches over. */
export function onlineOf(pair: readonly SimulatedAgent[]): SimulatedAgent | undefined {
	return pair.find(({failover}) => failover?.role === 'online');
}

/** Of a pair: beside the addresses of its Agents, and the same whichever of them is online. */
export function virtualAddressOf([first]: readonly SimulatedAgent[]): string {
	return first?.address.replace(/^127\.10\./, '127.11.') ?? '';
}
