import {readFileSync} from 'node:fs';
import {mkdtemp, rm, symlink} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {DataMinerAgent} from '../../../source/agent/dataminer-agent.ts';
import {systemClock} from '../../../source/commands/system-clock.ts';
import {LocalMachine} from '../../../source/transport/local/local-machine.ts';
import {practiceWire} from '../../../source/transport/local/local-wire.ts';
import {SshMachine} from '../../../source/transport/ssh/ssh-machine.ts';
import {type Connect, describeAgentConnection} from '../../support/agent-connection-contract.ts';
import {standInPrograms} from '../../support/stand-in-programs.ts';

// Its files are those of an Agent of the lab, and its programs are processes that ask that Agent.
const onThisComputer: Connect = async (agent, {speed}) => {
	const folder = await mkdtemp(join(tmpdir(), 'dms-upgrade-stand-in-'));
	await symlink(join(dirname(agent.identityFile), agent.name, 'C'), join(folder, 'C'));
	const behind = new SshMachine({...agent, privateKey: readFileSync(agent.identityFile)});
	const programs = await standInPrograms(folder, behind);
	const machine = new LocalMachine({address: agent.name, wire: practiceWire(folder, process.env)});
	const close = machine.close.bind(machine);
	machine.close = async () => {
		await close();
		await programs.stop();
		await behind.close();
		await rm(folder, {recursive: true, force: true});
	};
	return new DataMinerAgent({
		agent: agent.name,
		machine,
		clock: systemClock,
		settings: {
			speed,
			failover: agent.partner !== undefined,
			...(agent.switchOver && {switchOver: agent.switchOver as [string, ...string[]]}),
		},
	});
};

describeAgentConnection('DataMinerAgent on the local computer', onThisComputer, {canBreak: false});
