import {readFileSync} from 'node:fs';
import {setTimeout as sleep} from 'node:timers/promises';
import {DataMinerAgent} from '../../../source/agent/dataminer-agent.ts';
import {SshMachine} from '../../../source/transport/ssh/ssh-machine.ts';
import {type Connect, describeAgentConnection} from '../../support/agent-connection-contract.ts';

const overSsh: Connect = (agent, {speed}) =>
	new DataMinerAgent({
		agent: agent.name,
		machine: new SshMachine({...agent, privateKey: readFileSync(agent.identityFile)}),
		clock: {
			now: () => Date.now(),
			sleep: async (milliseconds, signal) => {
				await sleep(milliseconds, undefined, {...(signal && {signal})});
			},
		},
		settings: {
			speed,
			failover: agent.partner !== undefined,
			...(agent.switchOver && {switchOver: agent.switchOver as [string, ...string[]]}),
		},
	});

describeAgentConnection('DataMinerAgent over SSH, cmd.exe', overSsh, {shell: 'cmd'});
describeAgentConnection('DataMinerAgent over SSH, Windows PowerShell', overSsh, {shell: 'powershell'});
