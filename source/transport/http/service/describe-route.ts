import type {FastifyDynamicSwaggerOptions} from '@fastify/swagger';
import {jsonSchemaTransform} from 'fastify-type-provider-zod';

type Transform = NonNullable<FastifyDynamicSwaggerOptions['transform']>;

/** A route as OpenAPI describes it: by the schemas that its requests are held against, with the scope that it needs. */
export const describeRoute: Transform = route => {
	const described = jsonSchemaTransform(route);
	const scope = route.route.config?.scope ?? 'upgrade';
	return {...described, schema: {...described.schema, security: scope === 'none' ? [] : [{token: [scope]}]}};
};
