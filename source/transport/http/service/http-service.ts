import type {IncomingMessage} from 'node:http';
import type {AddressInfo} from 'node:net';
import path from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {fastifySwagger} from '@fastify/swagger';
import {LogController, fastify} from 'fastify';
import {type ZodTypeProvider, serializerCompiler, validatorCompiler} from 'fastify-type-provider-zod';
import {visibleText} from '../../../domain/text.ts';
import {UserError} from '../../../domain/user-error.ts';
import {isLoopback} from '../api/loopback.ts';
import {agentRoutes} from './agent-routes.ts';
import {logAnswers} from './answer-log.ts';
import {describeRoute, documentRoute} from './describe-route.ts';
import {authorize} from './authorize.ts';
import {Connections} from './connections.ts';
import {everyAnswer} from './every-answer.ts';
import {fileRoutes} from './file-routes.ts';
import {refusal, refuseBadBytes, refuseOddRequest, tellFailures} from './failures.ts';
import {letItselfBeHeard} from './heartbeat.ts';
import {LiveRequests} from './live-requests.ts';
import {operationRoutes} from './operation-routes.ts';
import {Operations} from './operations.ts';
import type {App} from './routes.ts';
import type {ServedAgent} from './served-agent.ts';
import {type ServiceLimits, defaultLimits} from './service-limits.ts';
import {SharedWork} from './shared-work.ts';
import {StrangerLog} from './stranger-log.ts';
import {streamRoutes} from './stream-routes.ts';
import {TestSets} from './test-sets.ts';
import type {Tokens} from './tokens.ts';
import {Uploads} from './uploads.ts';
import {type TlsFiles, createWebServer} from './web-server.ts';

export interface HttpServiceOptions {
	readonly agent: ServedAgent;
	/** Of this program. */
	readonly version: string;
	readonly host: string;
	/** 0 for a free one. */
	readonly port: number;
	/** Without it the service speaks plain HTTP, which it does on loopback only. */
	readonly tls?: TlsFiles;
	readonly tokens: Tokens;
	/** Packages and tests that arrive go here, and nowhere else; on the drive of the Agent's staging folder. */
	readonly folder: string;
	readonly now: () => number;
	/** One JSON object a line; nowhere where it is not given. */
	readonly log?: {write(line: string): void};
	readonly limits?: Partial<ServiceLimits>;
}

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
	const connections = new Connections(limits);
	const strangers = new StrangerLog(limits.strangerLinesPerMinute);
	const app: App = fastify({
		bodyLimit: limits.bodyBytes,
		routerOptions: {maxParamLength: 1000},
		forceCloseConnections: true,
		return503OnClosing: true,
		// Nobody waits at the end of a HEAD for events.
		exposeHeadRoutes: false,
		// Whoever sends it could write into the log of others.
		requestIdHeader: false,
		// Done below: not for strangers, and also for streams whose client goes away.
		logController: new LogController({disableRequestLogging: true}),
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
		serverFactory(handler) {
			const server = createWebServer(limits, tls, connections.guard(handler));
			connections.watch(server);
			return server;
		},
		clientErrorHandler: (error, socket) => refuseBadBytes(error, socket, connections.isAnswering(socket)),
		frameworkErrors: refuseOddRequest,
	}).withTypeProvider<ZodTypeProvider>();

	app.setValidatorCompiler(validatorCompiler);
	app.setSerializerCompiler(serializerCompiler);
	// What is no JSON is a file, and only the routes of files take one.
	app.removeContentTypeParser('text/plain');
	tellFailures(app);
	const stopping = new AbortController();
	const live = new LiveRequests(limits, tokens, strangers);
	app.addHook('onRequest', async (request, reply) => {
		live.add(request, reply);
		if (hostsOf(request.raw) > 1) {
			return reply.code(400).header('connection', 'close').send(refusal('it names more than one host.'));
		}

		if (request.headers['content-encoding'] !== undefined) {
			// Read as it comes, it would be taken for something else.
			return reply.code(415).header('connection', 'close').send(refusal('its body is packed.'));
		}

		if (stopping.signal.aborted) {
			return reply.code(503).headers({connection: 'close', 'retry-after': 5}).send(stoppingNow);
		}

		return undefined;
	});
	app.addHook('onSend', async (_request, reply) => {
		reply.headers(everyAnswer);
		return Promise.resolve();
	});
	app.addHook('preParsing', (request, {raw}, _payload, done) => {
		// Whoever would send the body has been let in.
		if (request.headers.expect !== undefined) {
			raw.writeContinue();
		}

		done();
	});
	letItselfBeHeard(app, limits.heartbeatMs);
	logAnswers(app);
	await authorize(app, {tokens, limits, live, connections, strangers});
	await app.register(fastifySwagger, {
		openapi: {
			openapi: '3.1.0',
			info: {
				title: 'dms-upgrade on a DataMiner Agent',
				description: 'Upgrades this Agent. Long operations answer 202 and are followed at their Location.',
				// Everybody may read it: the version of the program is for those with a token.
				version: '1',
			},
			components: {securitySchemes: {token: {type: 'http', scheme: 'bearer'}}},
			security: [{token: []}],
		},
		exposeHeadRoutes: true,
		transform: describeRoute,
	});

	const operations = new Operations(
		error => app.log.error({err: error}, 'an operation failed'),
		limits.unfollowedMs,
	);
	const uploads = await Uploads.open({
		folder: path.join(folder, 'uploads'),
		mostBytes: limits.packageBytes,
		leftFreeBytes: limits.leftFreeBytes,
		clients: () => tokens.good(),
		onFailure: error => app.log.error({err: error}, 'an upload failed'),
	});
	const testSets = new TestSets(path.join(folder, 'tests'), limits.leftFreeBytes);
	const parts = {
		agent,
		status: new SharedWork(() => agent.status()),
		limits,
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
		streamRoutes(routes, parts);
		operationRoutes(routes, parts);
		fileRoutes(routes, parts);
		done();
	});
	documentRoute(app);
	try {
		await app.listen({host, port, listenTextResolver: () => 'the service listens'});
	} catch (error) {
		live.close();
		throw error;
	}

	// Only who has the port may throw away what an earlier service left.
	await testSets.cleanUp();
	await uploads.cleanUp().catch((error: unknown) => {
		app.log.warn({err: error}, 'what nobody finished could not be thrown away');
	});
	const address = app.server.address() as AddressInfo;
	let stopped: Promise<void> | undefined;
	return {
		url: `${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${address.port}`,
		port: address.port,
		stop: () =>
			(stopped ??= (async () => {
				stopping.abort();
				const limit = sleep(limits.stopMs, undefined, {ref: false});
				await Promise.race([Promise.all([operations.close(limits.stopMs), live.answered()]), limit]);
				live.close();
				await app.close();
				connections.closeAll();
			})()),
	};
}

/** Node takes the first of several, others may take the last one. Source: RFC 9112, 3.2 */
function hostsOf({rawHeaders}: IncomingMessage): number {
	return rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host').length;
}

const stoppingNow = {
	code: 'SERVICE_STOPPING',
	message: 'it is stopping.',
	nextSteps: ['Try again a little later.'],
};

/** Whoever stands between could read the token. */
export class PlainHttpRefusedError extends UserError {
	readonly code = 'PLAIN_HTTP_REFUSED';
	readonly nextSteps = ['Use HTTPS.', 'Or name an address of this computer itself: 127.0.0.1 or ::1.'];
	constructor(readonly host: string) {
		super(`${host} is not this computer: plain HTTP would show the token to everybody between.`);
	}
}
