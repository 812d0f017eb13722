import type {FastifyReply, FastifyRequest} from 'fastify';
import {unexpected} from '../api/failure.ts';
import type {Scope} from '../api/scopes.ts';
import type {Connections} from './connections.ts';
import type {LiveRequests} from './live-requests.ts';
import type {App} from './routes.ts';
import type {ServiceLimits} from './service-limits.ts';
import type {StrangerLog} from './stranger-log.ts';
import type {TokenAnswer, Tokens} from './tokens.ts';

declare module 'fastify' {
	interface FastifyContextConfig {
		/** What a token must allow. A route that does not say it takes the strongest one. */
		readonly scope?: Scope | 'none';
		/** Its body may take as long as it moves. */
		readonly streams?: true;
	}

	interface FastifyRequest {
		/** The id of the token that it came with; empty where none was needed. */
		client: string;
		/** What that token allows. */
		allowed: Scope;
	}
}

/** Whom the doorkeeper asks, and whom it tells. */
export interface Doorkeeping {
	readonly tokens: Tokens;
	readonly limits: Pick<ServiceLimits, 'failuresPerMinute' | 'unansweredOfClient'>;
	readonly live: LiveRequests;
	readonly connections: Connections;
	readonly strangers: StrangerLog;
}

/** Lets in who has a token that is strong enough; whoever fails too often, or asks too much at once, is told to wait. */
export async function authorize(app: App, doorkeeping: Doorkeeping): Promise<void> {
	const {tokens, limits, live, connections, strangers} = doorkeeping;
	const {default: rateLimit} = await import('@fastify/rate-limit');
	await app.register(rateLimit, {global: false, max: limits.failuresPerMinute, timeWindow: '1 minute'});
	const countFailure = app.createRateLimit();
	app.decorateRequest('client', '');
	app.decorateRequest('allowed', 'read');
	app.addHook('onRequest', async (request, reply) => {
		// What is not there is told to everybody whom the service knows, and to nobody else.
		const needed = request.is404 ? 'read' : (request.routeOptions.config.scope ?? 'upgrade');
		if (needed === 'none') {
			return;
		}

		const secret = bearerOf(request);
		let answer: TokenAnswer;
		try {
			answer = secret === undefined ? {is: 'unknown'} : await tokens.check(secret, needed);
		} catch (error) {
			request.log.error({err: error}, 'the tokens could not be read');
			return refuse(reply, 500, unexpected);
		}

		if (answer.is === 'valid') {
			const {id, scope} = answer.token;
			connections.isOf(id, request.raw);
			if (live.unansweredOf(id) >= limits.unansweredOfClient) {
				return refuse(reply.header('retry-after', 1), 429, {
					code: 'RATE_LIMITED',
					message: `${limits.unansweredOfClient} requests with this token have no answer yet.`,
					nextSteps: ['Wait until some of them are answered.'],
				});
			}

			request.client = id;
			request.allowed = scope;
			return;
		}

		// Only failures count: whoever has a good token is let in from the same address all the same.
		const limit = await countFailure(request);
		if (!limit.isAllowed && limit.isExceeded) {
			return refuse(reply.header('retry-after', limit.ttlInSeconds), 429, {
				code: 'RATE_LIMITED',
				message: 'too many requests without a good token came from this address.',
				nextSteps: [`Wait ${limit.ttlInSeconds} s, and check the token.`],
			});
		}

		strangers.warn(
			request.log,
			{req: request, reason: answer.is, ...('token' in answer && {token: answer.token.name})},
			'a request was refused',
		);
		if (answer.is === 'too weak') {
			return refuse(reply, 403, {
				code: 'SCOPE_MISSING',
				message: `the token allows “${answer.token.scope}”, and this needs “${needed}”.`,
				nextSteps: [`Make a stronger one on the Agent: dms-upgrade serve token --scope ${needed}.`],
			});
		}

		return refuse(reply.header('www-authenticate', 'Bearer'), 401, {
			code: 'TOKEN_REFUSED',
			message: answer.is === 'expired' ? 'the token has expired.' : 'there is no such token.',
			nextSteps: ['Make a new one on the Agent: dms-upgrade serve token.'],
		});
	});
}

/** What else the client sends is not waited for. */
function refuse(reply: FastifyReply, status: number, failure: object): FastifyReply {
	return reply.code(status).header('connection', 'close').send(failure);
}

function bearerOf({headers}: FastifyRequest): string | undefined {
	return /^Bearer +([\w-]{20,200})$/i.exec(headers.authorization ?? '')?.[1];
}
