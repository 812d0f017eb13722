import {DataMinerAgent} from '../../../source/agent/dataminer-agent.ts';
import {systemClock} from '../../../source/commands/system-clock.ts';
import {LocalMachine} from '../../../source/transport/local/local-machine.ts';
import {practiceWire} from '../../../source/transport/local/local-wire.ts';
import {type Connect, describeAgentConnection} from '../../support/agent-connection-contract.ts';
import {practiceOf} from '../../support/stand-in-programs.ts';

// Its files are those of an Agent of the lab, and its programs are processes that ask that Agent.
const onThisComputer: Connect = async (agent, {speed}) => {
	const practice = await practiceOf(agent);
	const machine = new LocalMachine({address: agent.name, wire: practiceWire(practice.folder, process.env)});
	const close = machine.close.bind(machine);
	machine.close = async () => {
		await close();
		await practice.stop();
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
