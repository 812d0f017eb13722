import {serviceStates} from '../services.ts';
import type {SimulatedAgent} from '../simulated-agent.ts';
import type {ProgramRun} from './program.ts';

/** Names of servers and ports, as a script that connects to each of them lists them. */
const connecting =
	/foreach\(\$h in (?<hosts>'[^)]*')\)\{foreach\(\$p in (?<ports>[\d,]+)\)\{.*\.ConnectAsync\(\$h,\$p\)/;

/** Runs a PowerShell script that connects to ports of other servers; false for any other script. */
export function connectToPorts({agent, print}: ProgramRun, script: string): boolean {
	const {hosts, ports} = connecting.exec(script)?.groups ?? {};
	if (hosts === undefined || ports === undefined) {
		return false;
	}

	for (const host of hosts.split(',').map(word => word.replaceAll("'", ''))) {
		const server = agent.members.find(({address}) => address === host);
		for (const port of ports.split(',').map(Number)) {
			print(`${host} ${port} ${server ? answerOf(server, port) : 'silent'}`);
		}
	}

	return true;
}

/** What listens on which port. Source: Configuring_the_IP_network_ports.md */
const listeners: Readonly<Record<number, string>> = {
	443: 'W3SVC',
	4222: 'nats-server',
	6222: 'nats-server',
	9090: 'NAS',
};

function answerOf(server: SimulatedAgent, port: number): 'open' | 'refused' | 'silent' {
	if (server.software.blockedPorts.includes(port)) {
		return 'silent';
	}

	const listener = listeners[port];
	return listener !== undefined && server.services.find(listener)?.state === serviceStates.running
		? 'open'
		: 'refused';
}
