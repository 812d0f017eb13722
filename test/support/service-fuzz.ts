import * as z from 'zod';
import {scopes} from '../../source/transport/http/api/scopes.ts';
import {randomFrom} from './package-fuzz.ts';
import {type GeneratedRequest, type OpenApi, requestFrom} from './requests-from-openapi.ts';
import type {ServedPractice} from './a-served-practice.ts';

/** What a service may answer when it cannot: the machine failed, it is stopping, or its disk is full. */
const unable = new Set([502, 503, 507]);
const answerMs = 20_000;

/** How many answers there were of each status. */
export type FuzzedAnswers = ReadonlyMap<number, number>;

/**
 * Sends so many requests that are made from the OpenAPI document of the service, with tokens of every scope and with
 * none. Throws on an answer that the document does not describe, one that tells of the inside, one to somebody who may
 * not ask, and on none; the message names the seed that brings the request back.
 */
export async function fuzzService(
	{ask, url, practice}: Pick<ServedPractice, 'ask' | 'url' | 'practice'>,
	seed: number,
	count: number,
): Promise<FuzzedAnswers> {
	const document = (await (await fetch(`${url}/openapi.json`)).json()) as OpenApi;
	const schemas = new Map<unknown, z.ZodType>();
	const answers = new Map<number, number>();
	for (let index = 0; index < count; index += 1) {
		const random = randomFrom(seed + index);
		const request = requestFrom(document, random);
		const scope = [undefined, ...scopes][random(4)];
		const stop = AbortSignal.timeout(answerMs);
		try {
			const init = {
				method: request.method,
				headers: request.headers,
				signal: stop,
				...(request.body !== undefined && {bytes: Buffer.from(request.body)}),
			};
			const response = scope
				? await ask(request.method, request.url, {scope, ...init})
				: await fetch(`${url}${request.url}`, {
						...init,
						...(request.body !== undefined && {body: request.body}),
					});
			answers.set(response.status, (answers.get(response.status) ?? 0) + 1);
			const may =
				request.needs === undefined ||
				(scope && scopes.indexOf(scope) >= scopes.indexOf(request.needs as typeof scope));
			// What is too long is refused before anybody looks who sends it.
			if (!may && ![401, 403, 414, 431].includes(response.status)) {
				throw new Error(`somebody with ${scope ?? 'no token'} was answered ${response.status}`);
			}

			if (response.headers.get('content-type')?.startsWith('text/event-stream')) {
				await response.body?.cancel();
				continue;
			}

			check(document, request, response.status, await response.text(), schemas, [practice, process.cwd()]);
		} catch (error) {
			throw new Error(
				`seed ${seed + index}, ${request.method} ${request.url} with ${scope ?? 'no token'} and ${request.body ?? 'no body'}: ${String(error)}`,
				{cause: error},
			);
		}
	}

	return answers;
}

function check(
	{paths}: OpenApi,
	{path, method}: GeneratedRequest,
	status: number,
	text: string,
	schemas: Map<unknown, z.ZodType>,
	secrets: readonly string[],
): void {
	if (status >= 500 && !unable.has(status)) {
		throw new Error(`it answered ${status}: ${text}`);
	}

	for (const secret of [...secrets, 'node_modules', 'at async', '.ts:']) {
		if (text.includes(secret)) {
			throw new Error(`its answer tells of the inside: ${text}`);
		}
	}

	const responses = paths[path]?.[method.toLowerCase()]?.responses;
	const described = responses?.[status] ?? responses?.[`${Math.floor(status / 100)}XX`];
	// Whoever is not let in is not told what there is.
	if (!described && status !== 401 && status !== 404) {
		throw new Error(`it answered ${status}, which is not described: ${text}`);
	}

	const schema = described?.content?.['application/json']?.schema;
	if (schema && text !== '') {
		const known = schemas.get(schema) ?? z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);
		schemas.set(schema, known);
		const value: unknown = text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : text;
		const parsed = known.safeParse(value);
		if (!parsed.success) {
			throw new Error(`its answer ${status} is another one than described: ${text} ${parsed.error.message}`);
		}
	}
}
