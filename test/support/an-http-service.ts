import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {AgentConnection} from '../../source/agent/connection.ts';
import {systemClock} from '../../source/commands/system-clock.ts';
import {HttpAgent} from '../../source/transport/http/client/http-agent.ts';
import {ServiceTrust} from '../../source/transport/http/client/certificate-trust.ts';
import {KnownCertificates} from '../../source/transport/http/client/known-certificates.ts';
import {ServiceClient} from '../../source/transport/http/client/service-client.ts';
import type {ServicePlace} from '../../source/transport/http/client/service-place.ts';
import {ServiceSockets} from '../../source/transport/http/client/service-sockets.ts';
import type {Scope} from '../../source/transport/http/api/scopes.ts';
import {makeCertificate} from '../../source/transport/http/service/make-certificate.ts';
import {
	type HttpService,
	type HttpServiceOptions,
	startHttpService,
} from '../../source/transport/http/service/http-service.ts';
import type {ServedAgent} from '../../source/transport/http/service/served-agent.ts';
import {Tokens} from '../../source/transport/http/service/tokens.ts';

/** A service before an Agent, on loopback, with a certificate of its own. */
export interface ServiceForTest {
	readonly service: HttpService;
	readonly place: ServicePlace;
	readonly tokens: Tokens;
	readonly folder: string;
	/** Of a new token. */
	readonly tokenFor: (scope: Scope) => Promise<string>;
	stop(): Promise<void>;
}

export async function aService(
	agent: ServedAgent,
	options: {[Key in keyof HttpServiceOptions]?: HttpServiceOptions[Key] | undefined} = {},
): Promise<ServiceForTest> {
	const folder = await mkdtemp(join(tmpdir(), 'dms-upgrade-service-'));
	const tokens = new Tokens(folder, () => Date.now());
	const plain = 'tls' in options && options.tls === undefined;
	const {key, certificate, fingerprint} = await makeCertificate(['127.0.0.1'], Date.now());
	const service = await startHttpService({
		agent,
		version: '0.0.0',
		host: '127.0.0.1',
		port: 0,
		tls: {key, certificate},
		tokens,
		folder,
		now: () => Date.now(),
		...(options as Partial<HttpServiceOptions>),
	});
	return {
		service,
		tokens,
		folder,
		place: {address: '127.0.0.1', port: service.port, plain, ...(!plain && {certificate: fingerprint})},
		tokenFor: async scope => (await tokens.create('test', scope, 3_600_000)).secret,
		async stop() {
			await service.stop();
			await rm(folder, {recursive: true, force: true});
		},
	};
}

/** A client of a service, which asks nobody. */
export function aServiceClient(
	place: ServicePlace,
	token: string,
	agent = 'DMA-01',
	{
		trust = new ServiceTrust({known: new KnownCertificates('/nowhere/services.json')}),
		...options
	}: {readonly trust?: ServiceTrust; readonly silenceMs?: number} = {},
): ServiceClient {
	return new ServiceClient({
		...options,
		agent,
		place,
		sockets: new ServiceSockets(place, trust),
		token: () => Promise.resolve(token),
	});
}

/** An Agent behind a service. */
export function anHttpAgent(
	place: ServicePlace,
	token: string,
	{
		agent = 'DMA-01',
		canSwitchOver = false,
		...options
	}: {readonly agent?: string; readonly canSwitchOver?: boolean; readonly silenceMs?: number} = {},
): AgentConnection {
	const client = aServiceClient(place, token, agent, options);
	return new HttpAgent({client, clock: systemClock, canSwitchOver});
}
