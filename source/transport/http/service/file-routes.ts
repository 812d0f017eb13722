import * as z from 'zod';
import {failureSchema} from '../api/failure.ts';
import {root, uploadsPath} from '../api/paths.ts';
import type {App, RouteParts} from './routes.ts';

const failures = {'4xx': failureSchema, '5xx': failureSchema} as const;
const octets = 'application/octet-stream';
/** The tus server says in plain words why it refuses; the service itself as everywhere. */
const refusalTextSchema = z.union([z.string(), failureSchema]);
const upload = {config: {scope: 'upload', streams: true}} as const;

/** Files on their way to the Agent: packages by the tus protocol, tests one by one. */
export function fileRoutes(app: App, {uploads, testSets}: RouteParts): void {
	// Bodies stay streams; whoever handles the request reads them.
	for (const type of [octets, 'application/offset+octet-stream']) {
		app.addContentTypeParser(type, (_request, body, done) => done(null, body));
	}

	for (const [method, url, success, summary] of [
		['POST', uploadsPath, 201, 'tus: begins an upload; Upload-Metadata names filename and sha256'],
		['OPTIONS', uploadsPath, 204, 'tus: what the service understands'],
		['HEAD', `${uploadsPath}/:id`, 200, 'tus: how far an upload is'],
		['PATCH', `${uploadsPath}/:id`, 204, 'tus: the next bytes'],
		['DELETE', `${uploadsPath}/:id`, 204, 'tus: gives an upload up'],
	] as const) {
		app.route({
			method,
			url,
			...upload,
			schema: {
				summary,
				description: 'Source: tus.io/protocols/resumable-upload, version 1.0.0',
				...(url !== uploadsPath && {params: z.object({id: z.string().max(100)})}),
				response: {[success]: z.null(), '4xx': refusalTextSchema, '5xx': refusalTextSchema},
			},
			handler: async (request, reply) => {
				reply.hijack();
				await uploads.handle(request.raw, reply.raw);
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
			const found = await uploads.find(request.query.sha256);
			return found ? {location: `${uploadsPath}/${found.id}`, bytes: found.bytes} : {};
		},
	);

	app.post(
		`${root}/test-sets`,
		{
			config: {scope: 'upgrade'},
			schema: {
				summary: 'Makes room for the tests of a package',
				response: {201: z.object({id: z.uuid()}), ...failures},
			},
		},
		async (_request, reply) => reply.code(201).send({id: await testSets.create()}),
	);

	app.put(
		`${root}/test-sets/:id/files/*`,
		{
			config: {scope: 'upgrade', streams: true},
			bodyLimit: 512 * 1024 * 1024,
			schema: {
				summary: 'One file of a set of tests',
				consumes: [octets],
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
