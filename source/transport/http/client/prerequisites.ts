import {stat} from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import type {PrerequisiteFiles, PrerequisiteOptions} from '../../../agent/connection.ts';
import {prerequisiteFiles} from '../../../agent/prerequisite-files.ts';
import type {PrerequisiteResult} from '../../../domain/agent-status.ts';
import type {Clock} from '../../../domain/clock.ts';
import {prerequisiteResultSchema} from '../api/agent-schemas.ts';
import {prerequisitesResultSchema} from '../api/operation.ts';
import {root} from '../api/paths.ts';
import {localBytes} from './local-bytes.ts';
import {carryOut} from './operations.ts';
import {eventData} from './server-events.ts';
import type {ServiceClient} from './service-client.ts';

/** Sends the tests of a package to the service and has it run them. */
export async function runTestsThroughService(
	client: ServiceClient,
	clock: Clock,
	tests: PrerequisiteFiles,
	{timeoutMs, temporaryFolder, signal, onResult}: PrerequisiteOptions,
): Promise<readonly PrerequisiteResult[]> {
	const {checks, executor, packageSha256} = tests;
	const testSet = await sendTests(client, tests.folder, signal);
	const {results} = await carryOut(client, clock, {
		path: 'prerequisites',
		body: {
			testSet,
			checks: [...checks],
			executor,
			packageSha256,
			timeoutMs: Math.ceil(timeoutMs),
			...(temporaryFolder !== undefined && {temporaryFolder}),
		},
		during: 'prerequisites ran',
		result: prerequisitesResultSchema,
		onEvent(event, data) {
			if (event === 'result') {
				onResult?.(eventData(client, data, prerequisiteResultSchema));
			}
		},
		...(signal && {signal}),
	});
	return results;
}

/** Answers the id under which the service has them. */
async function sendTests(
	client: ServiceClient,
	folder: string,
	signal: AbortSignal | undefined,
): Promise<string> {
	const request = {during: 'the tests were sent', ...(signal && {signal})};
	const {id} = await client.ask(
		{...request, method: 'POST', path: `${root}/test-sets`, idempotent: false},
		z.object({id: z.uuid()}),
	);
	for (const parts of await prerequisiteFiles(folder)) {
		const file = path.join(folder, ...parts);
		const {size} = await stat(file);
		await client.ask(
			{
				...request,
				method: 'PUT',
				path: `${root}/test-sets/${id}/files/${parts.map(encodeURIComponent).join('/')}`,
				headers: {'content-type': 'application/octet-stream'},
				body: {bytes: localBytes(file), length: size},
				// A body that was read once is gone.
				idempotent: false,
			},
			z.null(),
		);
	}

	return id;
}
