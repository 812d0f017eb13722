import type {AgentConnection} from '../agent/connection.ts';
import type {InventoryAgent} from '../config/inventory.ts';
import {HttpAgent} from '../transport/http/client/http-agent.ts';
import {ServiceClient} from '../transport/http/client/service-client.ts';
import {TokenMissingError} from '../transport/http/client/service-errors.ts';
import {ServiceSockets} from '../transport/http/client/service-sockets.ts';
import {tokenIn} from '../transport/http/client/service-token.ts';
import type {SshAccess} from './ssh-access.ts';
import {systemClock} from './system-clock.ts';

/** An Agent that is reached by the service of this program on it; nothing is connected before it is used. */
export function serviceOn(
	{name, address, service, tokenFile}: InventoryAgent,
	access: SshAccess,
): AgentConnection {
	if (!service) {
		throw new Error(`no service is known on ${name}`);
	}

	const {port, plain, certificate, switchOver} = service;
	const place = {address, port, plain, ...(certificate !== undefined && {certificate})};
	const client = new ServiceClient({
		agent: name,
		place,
		sockets: new ServiceSockets(place, access.serviceTrust),
		token: () =>
			tokenFile === undefined
				? Promise.reject(new TokenMissingError(address, 'no file is named that holds it'))
				: tokenIn(tokenFile, address),
	});
	return new HttpAgent({client, clock: systemClock, canSwitchOver: switchOver});
}
