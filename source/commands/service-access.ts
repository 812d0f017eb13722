import * as z from 'zod';
import type {AgentConnection} from '../agent/connection.ts';
import type {InventoryAgent} from '../config/inventory.ts';
import {HttpAgent} from '../transport/http/client/http-agent.ts';
import {ServiceClient} from '../transport/http/client/service-client.ts';
import {ServiceSockets} from '../transport/http/client/service-sockets.ts';
import {tokenIn} from '../transport/http/client/service-token.ts';
import type {SshAccess} from './ssh-access.ts';
import {systemClock} from './system-clock.ts';

const greeting = {method: 'GET', path: '/health', during: 'it was looked for', idempotent: true} as const;

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
	const reached = {agent: name, place, sockets: new ServiceSockets(place, access.serviceTrust)};
	const client = new ServiceClient({
		...reached,
		token: refused =>
			tokenFile === undefined
				? // Nobody is asked for a token before it is known who gets it.
					access.serviceTokens.get(
						place,
						() => new ServiceClient(reached).ask(greeting, z.object({status: z.literal('ok')})),
						refused,
					)
				: tokenIn(tokenFile, address),
	});
	return new HttpAgent({client, clock: systemClock, canSwitchOver: switchOver});
}
