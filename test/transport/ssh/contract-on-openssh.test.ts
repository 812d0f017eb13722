import path from 'node:path';
import {afterAll, describe} from 'vitest';
import {DataMinerAgent} from '../../../source/agent/dataminer-agent.ts';
import {systemClock} from '../../../source/commands/system-clock.ts';
import {SshMachine} from '../../../source/transport/ssh/ssh-machine.ts';
import {windowsWire} from '../../../source/transport/ssh/ssh-options.ts';
import {type Connect, describeAgentConnection} from '../../support/agent-connection-contract.ts';
import {type StandInServer, startStandIn} from '../../support/stand-in-server.ts';
import {sshdIsMissing} from '../../support/sshd.ts';
import {type TcpProxy, startTcpProxy} from '../../support/tcp-proxy.ts';

describe.skipIf(sshdIsMissing())('behind OpenSSH’s own server, with programs that stand in', () => {
	const doors = new Map<string, Promise<{server: StandInServer; line: TcpProxy}>>();

	const openDoor: (...agent: Parameters<Connect>) => Promise<{server: StandInServer; line: TcpProxy}> = (
		{name},
		_inventory,
		{agents},
	) => {
		const open = async () => {
			const server = await startStandIn(
				agents.find(agent => agent.name === name)!,
				{files: 'openssh'},
			);
			return {server, line: await startTcpProxy(server.sshd.port)};
		};
		const door = doors.get(name) ?? open();
		doors.set(name, door);
		return door;
	};

	const connect: Connect = async (agent, inventory, lab) => {
		const {server, line} = await openDoor(agent, inventory, lab);
		const {sshd} = server;
		const wire = {
			...windowsWire,
			path: (windowsPath: string) => path.join(sshd.drive, ...windowsPath.split('\\').slice(1)),
		};
		return new DataMinerAgent({
			agent: agent.name,
			machine: new SshMachine({...sshd.options({port: line.port}), wire}),
			clock: systemClock,
			settings: {
				speed: inventory.speed,
				launch: 'task',
				failover: agent.partner !== undefined,
				...(agent.switchOver && {switchOver: agent.switchOver as [string, ...string[]]}),
			},
		});
	};

	afterAll(async () => {
		for (const door of doors.values()) {
			const {server, line} = await door;
			await line.stop();
			await server.stop();
		}
	});

	describeAgentConnection('DataMinerAgent over SSH', connect, {
		// A login takes so long here that an upgrade at the usual speed could be over before it is seen going on.
		speed: 400,
		breakUpload: async name => {
			const door = await doors.get(name);
			door?.line.cutAfter(1_450_000);
		},
	});
});
