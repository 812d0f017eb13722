import type {FastifyReply, FastifyRequest} from 'fastify';
import * as z from 'zod';
import {AgentError} from '../../../agent/connection.ts';
import {checkedFileName} from '../../../agent/windows-path.ts';
import {UserError} from '../../../domain/user-error.ts';
import {claimSchema, optionsSchema, sha256Schema} from '../api/agent-schemas.ts';
import {failureSchema} from '../api/failure.ts';
import {
	type OperationKind,
	type WireOperation,
	idempotencyKeySchema,
	operationSchema,
	packageFactsSchema,
} from '../api/operation.ts';
import {root} from '../api/paths.ts';
import {shortestPollMs} from '../api/polling.ts';
import {allows} from '../api/scopes.ts';
import {sendEvents} from './event-stream.ts';
import type {Work} from './operation.ts';
import {stageUpload} from './stage-upload.ts';
import type {App, RouteParts} from './routes.ts';

const failures = {'4xx': failureSchema, '5xx': failureSchema} as const;
const headers = z.object({'idempotency-key': idempotencyKeySchema});
const begun = {202: operationSchema, ...failures} as const;
const byId = z.object({id: z.uuid()});
/** For the answer to somebody who gives an operation up, in milliseconds. */
const cancelMs = 20_000;
const limitMs = z
	.int()
	.min(1000)
	.max(24 * 60 * 60_000);

/** What takes long: each is begun with a key, answered with a place, and followed there. */
export function operationRoutes(app: App, parts: RouteParts): void {
	const {agent, operations} = parts;

	const begin = (
		kind: OperationKind,
		request: FastifyRequest,
		reply: FastifyReply,
		work: Work,
	): WireOperation => {
		const operation = operations.begin({
			kind,
			key: String(request.headers['idempotency-key']),
			client: request.client,
			body: request.body ?? null,
			work,
		});
		request.log.info({operation: operation.id, kind}, 'an operation was asked for');
		reply.code(202).header('location', `${root}/operations/${operation.id}`);
		return operation.toWire();
	};

	app.post(
		`${root}/lock`,
		{
			config: {scope: 'upload'},
			schema: {
				summary: 'Takes the lock of the Agent',
				headers,
				body: z.strictObject({
					claim: claimSchema,
					staleMs: z.int().min(100).max(3_600_000),
					pollMs: z.int().min(shortestPollMs).max(60_000),
					takeOver: z.boolean(),
				}),
				response: begun,
			},
		},
		(request, reply) => {
			const {claim, ...options} = request.body;
			return begin('lock', request, reply, async signal => {
				const taken = await agent.acquireLock(claim, {...options, signal});
				return taken ? {taken} : {};
			});
		},
	);

	app.post(
		`${root}/packages`,
		{
			config: {scope: 'upload'},
			schema: {
				summary: 'Puts an uploaded package in its place, once its SHA-256 is the one given here',
				headers,
				body: packageFactsSchema,
				response: begun,
			},
		},
		(request, reply) =>
			begin('package', request, reply, signal => stageUpload(parts, request.body, request.client, signal)),
	);

	app.post(
		`${root}/prerequisites`,
		{
			config: {scope: 'upgrade'},
			schema: {
				summary: 'Runs the tests of a package; each result is an event “result”',
				headers,
				body: z.strictObject({
					testSet: z.uuid(),
					checks: z.array(z.string().min(1).max(200)).max(2000),
					executor: z.boolean(),
					packageSha256: sha256Schema,
					timeoutMs: limitMs,
					temporaryFolder: z.exactOptional(z.string().min(1).max(200)),
				}),
				response: begun,
			},
		},
		(request, reply) =>
			begin('prerequisites', request, reply, async (signal, report) => {
				const {testSet, timeoutMs, temporaryFolder, ...tests} = request.body;
				const {testSets} = parts;
				const folder = testSets.take(testSet);
				if (folder === undefined) {
					throw new AgentError(agent.agent, 'TESTS_MISSING', `${agent.agent} has no such set of tests.`, [
						'Send the tests again.',
					]);
				}

				try {
					const options = {
						timeoutMs,
						signal,
						onResult: (result: unknown) => report('result', result),
						...(temporaryFolder !== undefined && {temporaryFolder}),
					};
					return {results: await agent.runPrerequisites({...tests, folder}, options)};
				} finally {
					await testSets.remove(testSet);
				}
			}),
	);

	app.post(
		`${root}/launches`,
		{
			config: {scope: 'upgrade'},
			schema: {
				summary: 'Tells the Agent to upgrade, in a way that outlives this service',
				headers,
				body: z.strictObject({
					run: z.string().min(1).max(200),
					package: z.strictObject({
						/** The beginning of its SHA-256, as in the path that `packages` answered. */
						sha256: z.string().regex(/^[\da-f]{16,64}$/),
						name: z.string().min(1).max(250),
					}),
					options: optionsSchema,
					cluster: z.exactOptional(
						z.strictObject({
							addresses: z.array(z.string().min(1).max(300)).max(2000),
							policy: z.enum(['Simultaneously', 'BackupFirst', 'BackupFirstWithSwitchback']),
						}),
					),
				}),
				response: begun,
			},
		},
		(request, reply) => {
			const {
				run,
				package: {sha256, name},
				options,
				cluster,
			} = request.body;
			// It becomes the name of a folder and of a task.
			checkedFileName(run);
			const path = agent.packagePath(sha256, name);
			return begin('launch', request, reply, signal =>
				agent.launch({run, staged: {path, alreadyThere: true}, options, ...(cluster && {cluster})}, signal),
			);
		},
	);

	const acts = {
		start: 'Starts DataMiner',
		stop: 'Stops DataMiner',
		restart: 'Restarts DataMiner',
	} as const;
	for (const kind of ['start', 'stop', 'restart'] as const) {
		app.post(
			`${root}/dataminer/${kind}`,
			{config: {scope: 'upgrade'}, schema: {summary: acts[kind], headers, response: begun}},
			(request, reply) => begin(kind, request, reply, signal => agent[kind](signal).then(() => null)),
		);
	}

	app.post(
		`${root}/failover/switch-over`,
		{
			config: {scope: 'upgrade'},
			schema: {
				summary: 'Makes this Agent of a Failover pair the online one',
				headers,
				response: begun,
			},
		},
		(request, reply) =>
			begin('switch-over', request, reply, signal => agent.switchOver(signal).then(() => null)),
	);

	app.get(
		`${root}/operations/:id`,
		{
			config: {scope: 'read'},
			schema: {
				summary: 'How an operation stands',
				params: byId,
				response: {200: operationSchema, ...failures},
			},
		},
		request => operations.get(request.params.id).toWire(),
	);

	app.delete(
		`${root}/operations/:id`,
		{
			config: {scope: 'upload'},
			schema: {
				summary: 'Gives an operation up; answers how it stands then, which may be well all the same',
				description: 'For whoever began it, and for every token that allows “upgrade”.',
				params: byId,
				response: {200: operationSchema, ...failures},
			},
		},
		async request => {
			const operation = operations.get(request.params.id);
			if (operation.client !== request.client && !allows(request.allowed, 'upgrade')) {
				throw new NotYoursError();
			}

			await operation.cancel(cancelMs);
			return operation.toWire();
		},
	);

	app.delete(
		`${root}/operations`,
		{
			config: {scope: 'upload'},
			schema: {
				summary: 'Gives up what a request with this Idempotency-Key began, or will begin when it arrives',
				headers,
				response: {204: z.null(), ...failures},
			},
		},
		async (request, reply) => {
			await operations.giveUp(request.client, request.headers['idempotency-key'], cancelMs);
			return reply.code(204).send(null);
		},
	);

	app.get(
		`${root}/operations/:id/events`,
		{
			config: {scope: 'read'},
			schema: {
				summary: 'What an operation does, as server-sent events, up to “ended”',
				description: 'With Last-Event-ID it goes on behind that event.',
				params: byId,
				headers: z.object({
					'last-event-id': z
						.string()
						.regex(/^\d{1,9}$/)
						.optional(),
				}),
				response: {
					200: {
						description: 'Each event has a number as its id; “ended” is the last one',
						content: {'text/event-stream': {schema: z.string()}},
					},
					...failures,
				},
			},
		},
		async (request, reply) => {
			const operation = operations.get(request.params.id);
			const after = Number(request.headers['last-event-id'] ?? 0);
			await sendEvents(reply, parts, signal => operation.follow(after, signal));
			return reply;
		},
	);
}

/** Somebody else began the operation. */
class NotYoursError extends UserError {
	readonly code = 'NOT_YOURS';
	readonly nextSteps = ['Use the token with which it was begun, or one that allows “upgrade”.'];
	constructor() {
		super('somebody else began this operation.');
	}
}
