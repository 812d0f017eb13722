import type * as z from 'zod';
import {AgentError} from '../../../agent/connection.ts';
import type {packageFactsSchema} from '../api/operation.ts';
import type {RouteParts} from './routes.ts';

/** Puts an uploaded package in its place; rejects with code `UPLOAD_NEEDED` where not all of it has arrived. */
export async function stageUpload(
	{agent, uploads}: RouteParts,
	facts: z.infer<typeof packageFactsSchema>,
	signal: AbortSignal,
): Promise<unknown> {
	const {name, size, sha256} = facts;
	const there = await agent.findPackage(facts, signal);
	if (there) {
		await uploads.remove(sha256);
		return there;
	}

	const upload = await uploads.find(sha256);
	if (upload?.bytes !== size) {
		throw new AgentError(
			agent.agent,
			'UPLOAD_NEEDED',
			`${agent.agent} has ${upload?.bytes ?? 0} of ${size} bytes of ${name}.`,
			['Upload it first.'],
		);
	}

	try {
		const staged = await agent.stagePackage({...facts, path: upload.file}, {stallMs: 600_000, signal});
		await uploads.remove(sha256);
		return staged;
	} catch (error) {
		// What is not the package is of no use; what could not be put in its place need not be sent again.
		if (error instanceof AgentError && error.code === 'SHA_MISMATCH') {
			await uploads.remove(sha256);
		}

		throw error;
	}
}
