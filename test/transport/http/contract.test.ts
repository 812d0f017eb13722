import {readFileSync} from 'node:fs';
import {afterAll} from 'vitest';
import {DataMinerAgent} from '../../../source/agent/dataminer-agent.ts';
import {serveOnLabAgent} from '../../../source/commands/lab-service.ts';
import {serviceOn} from '../../../source/commands/service-access.ts';
import {SshAccess} from '../../../source/commands/ssh-access.ts';
import {systemClock} from '../../../source/commands/system-clock.ts';
import {SshMachine} from '../../../source/transport/ssh/ssh-machine.ts';
import {type Connect, describeAgentConnection} from '../../support/agent-connection-contract.ts';
import {type ServiceForTest, aService, anHttpAgent} from '../../support/an-http-service.ts';

const services = new Map<string, Promise<{readonly service: ServiceForTest; readonly token: string}>>();

const overHttp: Connect = async (agent, {speed}) => {
	const canSwitchOver = agent.switchOver !== undefined;
	let service = services.get(agent.name);
	if (!service) {
		service = startService(
			new DataMinerAgent({
				agent: agent.name,
				machine: new SshMachine({...agent, privateKey: readFileSync(agent.identityFile)}),
				clock: systemClock,
				settings: {
					speed,
					failover: agent.partner !== undefined,
					...(agent.switchOver && {switchOver: agent.switchOver as [string, ...string[]]}),
				},
			}),
		);
		services.set(agent.name, service);
	}

	const {
		service: {place},
		token,
	} = await service;
	return anHttpAgent(place, token, {agent: agent.name, canSwitchOver});
};

async function startService(agent: DataMinerAgent) {
	const service = await aService(agent);
	return {service, token: await service.tokenFor('upgrade')};
}

describeAgentConnection('DataMinerAgent over HTTP', overHttp);
describeAgentConnection(
	'the service on an Agent of a practice cluster',
	agent => serviceOn(agent, new SshAccess()),
	{http: {agents: 'all', serve: serveOnLabAgent}},
);

afterAll(async () => {
	await Promise.all([...services.values()].map(async started => (await started).service.stop()));
});
