import * as z from 'zod';
import {prerequisiteResultSchema, sha256Schema, holderSchema} from './agent-schemas.ts';
import {failureSchema} from './failure.ts';

/** Work on the Agent that may take longer than one answer. */
export const operationKinds = [
	'lock',
	'package',
	'prerequisites',
	'launch',
	'start',
	'stop',
	'restart',
	'switch-over',
] as const;
export type OperationKind = (typeof operationKinds)[number];

export const lockResultSchema = z.object({taken: z.exactOptional(holderSchema)});
export const packageResultSchema = z.object({path: z.string().max(1000), alreadyThere: z.boolean()});
export const prerequisitesResultSchema = z.object({results: z.array(prerequisiteResultSchema).max(5000)});
export const launchResultSchema = z.object({reference: z.string().max(100_000)});

export const operationSchema = z.object({
	id: z.uuid(),
	kind: z.enum(operationKinds),
	state: z.enum(['running', 'done', 'failed']),
	/** Of one that is done, where its kind has one. */
	result: z.exactOptional(
		z.union([
			packageResultSchema,
			prerequisitesResultSchema,
			launchResultSchema,
			// The last one, since it fits whatever has none of its own.
			lockResultSchema,
			z.null(),
		]),
	),
	/** Of one that failed. */
	failure: z.exactOptional(failureSchema),
});

export type WireOperation = z.infer<typeof operationSchema>;

/** Names one request of a client, so that asking again after a lost answer begins nothing twice. */
export const idempotencyKeySchema = z.string().regex(/^[\w-]{16,100}$/);

export const packageFactsSchema = z.strictObject({
	/** File name without folder. */
	name: z.string().min(1).max(250),
	/** In bytes. */
	size: z.int().min(0),
	sha256: sha256Schema,
});

/** Long enough for every text that `launch` gives. */
export const longestReference = 6000;
