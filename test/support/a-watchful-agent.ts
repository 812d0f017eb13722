import {readFileSync} from 'node:fs';
import {DataMinerAgent} from '../../source/agent/dataminer-agent.ts';
import {systemClock} from '../../source/commands/system-clock.ts';
import type {Lab} from '../../source/lab/lab.ts';
import {SshMachine} from '../../source/transport/ssh/ssh-machine.ts';

/** An Agent of a lab over SSH, whose connection notices within moments that nothing passes any more. */
export function aWatchfulAgent(
	agent: Lab['inventory']['agents'][number],
	{speed}: Pick<Lab['inventory'], 'speed'>,
): DataMinerAgent {
	const [program, ...args] = agent.switchOver ?? [];
	return new DataMinerAgent({
		agent: agent.name,
		clock: systemClock,
		machine: new SshMachine({
			...agent,
			privateKey: readFileSync(agent.identityFile, 'utf8'),
			limits: {keepaliveIntervalMs: 100, keepaliveCount: 4},
		}),
		settings: {
			failover: agent.partner !== undefined,
			speed,
			...(program !== undefined && {switchOver: [program, ...args] as const}),
		},
	});
}
