import {type IncomingMessage, createServer} from 'node:http';
import {createServer as createTlsServer} from 'node:https';
import type {AddressInfo, Socket} from 'node:net';
import path from 'node:path';
import type {Writable} from 'node:stream';
import {fastifySwagger} from '@fastify/swagger';
import {fastify} from 'fastify';
import {
	type ZodTypeProvider,
	jsonSchemaTransform,
	serializerCompiler,
	validatorCompiler,
} from 'fastify-type-provider-zod';
import {visibleText} from '../../../domain/text.ts';
import {UserError} from '../../../domain/user-error.ts';
import {heartbeatMs} from '../api/heartbeat.ts';
import {isLoopback} from '../api/loopback.ts';
import {agentRoutes} from './agent-routes.ts';
import {authorize} from './authorize.ts';
import {fileRoutes} from './file-routes.ts';
import {letItselfBeHeard} from './heartbeat.ts';
import {tellFailures} from './failures.ts';
import {operationRoutes} from './operation-routes.ts';
import {Operations} from './operations.ts';
import type {App} from './routes.ts';
import type {ServedAgent} from './served-agent.ts';
import {TestSets} from './test-sets.ts';
import type {Tokens} from './tokens.ts';
import {Uploads} from './uploads.ts';

export interface HttpServiceOptions {
	readonly agent: ServedAgent;
	/** Of this program. */
	readonly version: string;
	readonly host: string;
	/** 0 for a free one. */
	readonly port: number;
	/** PEM texts. Without it the service speaks plain HTTP, which it does on loopback only. */
	readonly tls?: {readonly key: string; readonly certificate: string};
	readonly tokens: Tokens;
	/** Packages and tests that arrive go here, and nowhere else; on the drive of the Agent's staging folder. */
	readonly folder: string;
	readonly now: () => number;
	/** One JSON object a line; nowhere where it is not given. */
	readonly log?: Writable;
	readonly limits?: Partial<ServiceLimits>;
}

/** Times in milliseconds, sizes in bytes. */
export interface ServiceLimits {
	/** For the headers of a request, and again for a body that is no file. */
	readonly requestMs: number;
	/** On a connection on which nothing moves. */
	readonly idleMs: number;
	readonly bodyBytes: number;
	readonly packageBytes: number;
	readonly connections: number;
	/** Between two signs of life while a request is worked on. */
	readonly heartbeatMs: number;
}

const defaultLimits: ServiceLimits = {
	requestMs: 15_000,
	idleMs: 300_000,
	bodyBytes: 1024 * 1024,
	packageBytes: 16 * 1024 ** 3,
	connections: 1000,
	heartbeatMs,
};

export interface HttpService {
	/** `https://host:port` */
	readonly url: string;
	readonly port: number;
	/** Answers what was asked, gives up what goes on, and closes every connection. */
	stop(): Promise<void>;
}

/** Offers an Agent over HTTPS. Rejects with `PlainHttpRefusedError`, and with what `listen` meets. */
export async function startHttpService(options: HttpServiceOptions): Promise<HttpService> {
	const {agent, host, port, tls, tokens, folder, log} = options;
	if (!tls && !isLoopback(host)) {
		throw new PlainHttpRefusedError(host);
	}

	const limits = {...defaultLimits, ...options.limits};
	const app: App = fastify({
		bodyLimit: limits.bodyBytes,
		routerOptions: {maxParamLength: 1000},
		forceCloseConnections: true,
		return503OnClosing: true,
		// Whoever sends it could write into the log of others.
		requestIdHeader: false,
		logger: log
			? {
					level: 'info',
					stream: log,
					serializers: {
						// Never the headers: the token is one of them. Never the query either, which is of no use here.
						req: request => ({
							method: request.method,
							path: visibleText(request.url.split('?')[0] ?? '', 300),
							from: request.ip,
						}),
					},
				}
			: false,
		serverFactory: handler => {
			const serverOptions = {
				headersTimeout: limits.requestMs,
				// An upload may take as long as it moves; other bodies have a limit of their own.
				requestTimeout: 0,
				connectionsCheckingInterval: Math.min(1000, limits.requestMs),
				keepAliveTimeout: 65_000,
				maxHeaderSize: 16 * 1024,
				noDelay: true,
			};
			const server = tls
				? createTlsServer(
						{
							...serverOptions,
							key: tls.key,
							cert: tls.certificate,
							minVersion: 'TLSv1.2',
							handshakeTimeout: limits.requestMs,
						},
						handler,
					)
				: createServer(serverOptions, handler);
			server.maxConnections = limits.connections;
			server.setTimeout(limits.idleMs);
			return server;
		},
	}).withTypeProvider<ZodTypeProvider>();

	app.setValidatorCompiler(validatorCompiler);
	app.setSerializerCompiler(serializerCompiler);
	tellFailures(app);
	app.addHook('onRequest', (request, _reply, done) => {
		// Slow on purpose, a body would hold its connection for ever. One that is not there never ends.
		if (request.routeOptions.config.streams !== true && hasBody(request.raw)) {
			const {raw} = request;
			const timer = setTimeout(() => raw.socket.destroy(), limits.requestMs);
			raw.once('end', () => clearTimeout(timer)).once('close', () => clearTimeout(timer));
		}

		done();
	});
	letItselfBeHeard(app, limits.heartbeatMs);
	await authorize(app, tokens);
	await app.register(fastifySwagger, {
		openapi: {
			openapi: '3.1.0',
			info: {
				title: 'dms-upgrade on a DataMiner Agent',
				description: 'Upgrades this Agent. Long operations answer 202 and are followed at their Location.',
				version: options.version,
			},
			components: {securitySchemes: {token: {type: 'http', scheme: 'bearer'}}},
			security: [{token: []}],
		},
		transform: jsonSchemaTransform,
	});

	const stopping = new AbortController();
	const operations = new Operations(error => app.log.error({err: error}, 'an operation failed'));
	const uploads = new Uploads(path.join(folder, 'uploads'), limits.packageBytes);
	const testSets = new TestSets(path.join(folder, 'tests'));
	const parts = {
		agent,
		version: options.version,
		operations,
		uploads,
		testSets,
		now: options.now,
		stopping: stopping.signal,
	};
	await app.register((scoped, _options, done) => {
		const routes: App = scoped.withTypeProvider<ZodTypeProvider>();
		agentRoutes(routes, parts);
		operationRoutes(routes, parts);
		fileRoutes(routes, parts);
		done();
	});
	app.get('/openapi.json', {config: {scope: 'none'}, schema: {hide: true}}, () => app.swagger());
	await testSets.cleanUp();
	const sockets = new Set<Socket>();
	app.server.on('connection', (socket: Socket) => {
		sockets.add(socket);
		socket.once('close', () => sockets.delete(socket));
	});
	await app.listen({host, port});
	await uploads.cleanUp();
	const address = app.server.address() as AddressInfo;
	let stopped: Promise<void> | undefined;
	return {
		url: `${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${address.port}`,
		port: address.port,
		stop: () =>
			(stopped ??= (async () => {
				stopping.abort();
				await operations.close();
				await app.close();
				for (const socket of sockets) {
					socket.destroy();
				}
			})()),
	};
}

function hasBody({headers}: IncomingMessage): boolean {
	return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** Whoever stands between could read the token. */
export class PlainHttpRefusedError extends UserError {
	readonly code = 'PLAIN_HTTP_REFUSED';
	readonly nextSteps = ['Use HTTPS.', 'Or name an address of this computer itself: 127.0.0.1 or ::1.'];
	constructor(readonly host: string) {
		super(`${host} is not this computer: plain HTTP would show the token to everybody between.`);
	}
}
