import type {FastifyDynamicSwaggerOptions} from '@fastify/swagger';
import {jsonSchemaTransform} from 'fastify-type-provider-zod';
import * as z from 'zod';
import type {App} from './routes.ts';

type Transform = NonNullable<FastifyDynamicSwaggerOptions['transform']>;

/** A route as OpenAPI describes it: by the schemas that its requests are held against, with the scope that it needs. */
export const describeRoute: Transform = route => {
	const described = jsonSchemaTransform(route);
	const scope = route.route.config?.scope ?? 'upgrade';
	return {...described, schema: {...described.schema, security: scope === 'none' ? [] : [{token: [scope]}]}};
};

/** Where the descriptions of all routes are. The document is written once: everybody may ask for it, and often. */
export function documentRoute(app: App): void {
	let document: Buffer | undefined;
	app.get(
		'/openapi.json',
		{
			config: {scope: 'none'},
			schema: {
				summary: 'This document',
				response: {
					200: {
						description: 'What the service takes and answers, as OpenAPI 3.1',
						content: {'application/json': {schema: z.looseObject({openapi: z.literal('3.1.0')})}},
					},
				},
			},
		},
		async (_request, reply) => {
			document ??= Buffer.from(JSON.stringify(app.swagger()));
			return reply.type('application/json; charset=utf-8').send(document as never);
		},
	);
}
