import type * as z from 'zod';
import {AgentError} from '../../../agent/connection.ts';
import {LocalFileError} from '../../../agent/local-file-error.ts';
import type {AgentId} from '../../../domain/agent.ts';
import {UserError} from '../../../domain/user-error.ts';
import type {packageFactsSchema} from '../api/operation.ts';
import type {RouteParts} from './routes.ts';

/** Puts a package that was uploaded in its place. Nothing of the upload is left then. */
export async function stageUpload(
	{agent, uploads}: RouteParts,
	facts: z.infer<typeof packageFactsSchema>,
	client: string,
	signal: AbortSignal,
): Promise<unknown> {
	const {name, size, sha256} = facts;
	const there = await agent.findPackage(facts, signal);
	if (there) {
		await uploads.removeAll(sha256);
		return there;
	}

	const upload = await uploads.find(sha256, client);
	if (upload?.bytes !== size) {
		throw uploadNeeded(agent.agent, name, `: ${upload?.bytes ?? 0} of ${size} bytes`);
	}

	try {
		const staged = await agent.stagePackage({...facts, path: upload.file}, {stallMs: 600_000, signal});
		await uploads.removeAll(sha256);
		return staged;
	} catch (error) {
		// What is not the package is of no use. For every other reason it is still good, and need not be sent again.
		if (error instanceof UserError && error.code === 'SHA_MISMATCH') {
			await uploads.remove(upload);
		}

		throw error instanceof LocalFileError ? uploadNeeded(agent.agent, name) : error;
	}
}

function uploadNeeded(agent: AgentId, name: string, has = ''): AgentError {
	return new AgentError(agent, 'UPLOAD_NEEDED', `${agent} does not have all of ${name}${has}.`, [
		'Upload it first.',
	]);
}
