import type {FastifyInstance} from 'fastify';
import type {ZodTypeProvider} from 'fastify-type-provider-zod';
import * as z from 'zod';
import {UserError} from '../../../domain/user-error.ts';
import {failureSchema} from '../api/failure.ts';
import {root, tusVersion, uploadsPath} from '../api/paths.ts';
import {everyAnswer} from './every-answer.ts';
import type {App, RouteParts} from './routes.ts';

const failures = {'4xx': failureSchema, '5xx': failureSchema} as const;
const octets = 'application/octet-stream';
/** The tus server says in plain words why it refuses; the service itself as everywhere. */
const refusalTextSchema = z.union([z.string(), failureSchema]);
const upload = {config: {scope: 'upload', streams: true}} as const;
const octetPatch = 'application/offset+octet-stream';

/** Files on their way to the Agent: packages by the tus protocol, tests one by one. */
export function fileRoutes(app: App, parts: RouteParts): void {
	// Each in a scope of its own: nobody else reads a body as a stream, and these read no other one.
	void app.register((scoped, _options, done) => {
		uploadRoutes(takingStreams(scoped, [octets, octetPatch]), parts);
		done();
	});
	void app.register((scoped, _options, done) => {
		testSetRoutes(takingStreams(scoped, [octets]), parts);
		done();
	});
}

/** Bodies of these types stay streams, which whoever handles the request reads; others are refused unread. */
function takingStreams(scoped: FastifyInstance, types: readonly string[]): App {
	scoped.removeAllContentTypeParsers();
	for (const type of types) {
		scoped.addContentTypeParser(type, (_request, body, done) => done(null, body));
	}

	return scoped.withTypeProvider<ZodTypeProvider>();
}

const tusRequest = z.object({'tus-resumable': z.literal(tusVersion)});
const bytes = z.string().regex(/^\d{1,16}$/);
const tusMethods = [
	{
		method: 'POST',
		url: uploadsPath,
		success: 201,
		summary: 'tus: begins an upload; Upload-Metadata names filename and sha256',
		headers: tusRequest.extend({'upload-length': bytes, 'upload-metadata': z.string().min(1).max(2000)}),
	},
	{method: 'OPTIONS', url: uploadsPath, success: 204, summary: 'tus: what the service understands'},
	{
		method: 'HEAD',
		url: `${uploadsPath}/:id`,
		success: 200,
		summary: 'tus: how far an upload is, in Upload-Offset',
		headers: tusRequest,
	},
	{
		method: 'PATCH',
		url: `${uploadsPath}/:id`,
		success: 204,
		summary: 'tus: the next bytes',
		headers: tusRequest.extend({'upload-offset': bytes}),
		consumes: [octetPatch],
		body: z.unknown(),
	},
	{
		method: 'DELETE',
		url: `${uploadsPath}/:id`,
		success: 204,
		summary: 'tus: gives an upload up',
		headers: tusRequest,
	},
] as const;

function uploadRoutes(app: App, {uploads}: RouteParts): void {
	for (const {method, url, success, summary, ...described} of tusMethods) {
		app.route({
			method,
			url,
			...upload,
			schema: {
				summary,
				description: 'Source: tus.io/protocols/resumable-upload, version 1.0.0',
				...(url !== uploadsPath && {params: z.object({id: z.string().max(100)})}),
				...described,
				response: {[success]: z.null(), '4xx': refusalTextSchema, '5xx': refusalTextSchema},
			},
			handler: async (request, reply) => {
				const {id} = request.params as {readonly id?: string};
				if (id !== undefined && !(await uploads.isFor(request.client, id))) {
					throw new UnknownUploadError();
				}

				reply.hijack();
				for (const [name, value] of Object.entries(everyAnswer)) {
					reply.raw.setHeader(name, value);
				}

				await uploads.handle(request.raw, reply.raw, request.client);
			},
		});
	}

	app.get(
		uploadsPath,
		{
			config: {scope: 'upload'},
			schema: {
				summary: 'Where the upload of a package stands that was begun before',
				querystring: z.strictObject({sha256: z.string().regex(/^[\da-f]{64}$/)}),
				response: {
					200: z.object({location: z.exactOptional(z.string()), bytes: z.exactOptional(z.int())}),
					...failures,
				},
			},
		},
		async request => {
			const found = await uploads.find(request.query.sha256, request.client);
			return found ? {location: `${uploadsPath}/${found.id}`, bytes: found.bytes} : {};
		},
	);
}

function testSetRoutes(app: App, {testSets}: RouteParts): void {
	app.post(
		`${root}/test-sets`,
		{
			config: {scope: 'upgrade'},
			schema: {
				summary: 'Makes room for the tests of a package',
				response: {201: z.object({id: z.uuid()}), ...failures},
			},
		},
		async (request, reply) => reply.code(201).send({id: await testSets.create(request.client)}),
	);

	app.put(
		`${root}/test-sets/:id/files/*`,
		{
			config: {scope: 'upgrade', streams: true},
			schema: {
				summary: 'One file of a set of tests',
				consumes: [octets],
				body: z.unknown(),
				params: z.object({id: z.uuid(), '*': z.string().min(1).max(1000)}),
				response: {204: z.null(), ...failures},
			},
		},
		async (request, reply) => {
			const {id, '*': name} = request.params;
			await testSets.put(id, name, request.body);
			return reply.code(204).send(null);
		},
	);
}

/** Whose it is, nobody else is told. */
class UnknownUploadError extends UserError {
	readonly code = 'NOT_FOUND';
	readonly nextSteps = ['Begin an upload of your own.'];
	constructor() {
		super('there is no such upload.');
	}
}
