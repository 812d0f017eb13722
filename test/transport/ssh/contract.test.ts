import {readFileSync} from 'node:fs';
import type {LaunchMeans} from '../../../source/domain/launch.ts';
import {DataMinerAgent} from '../../../source/agent/dataminer-agent.ts';
import {systemClock} from '../../../source/commands/system-clock.ts';
import {SshMachine} from '../../../source/transport/ssh/ssh-machine.ts';
import {type Connect, describeAgentConnection} from '../../support/agent-connection-contract.ts';

const overSsh =
	(launch: LaunchMeans): Connect =>
	(agent, {speed}) =>
		new DataMinerAgent({
			agent: agent.name,
			machine: new SshMachine({...agent, privateKey: readFileSync(agent.identityFile)}),
			clock: systemClock,
			settings: {
				speed,
				launch,
				failover: agent.partner !== undefined,
				...(agent.switchOver && {switchOver: agent.switchOver as [string, ...string[]]}),
			},
		});

describeAgentConnection('DataMinerAgent over SSH, cmd.exe', overSsh('task'), {shell: 'cmd'});
describeAgentConnection('DataMinerAgent over SSH, Windows PowerShell', overSsh('task'), {
	shell: 'powershell',
});
describeAgentConnection('DataMinerAgent over SSH, PowerShell 7, launching directly', overSsh('direct'), {
	shell: 'pwsh',
});
