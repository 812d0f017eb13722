import {Validator} from '@seriousme/openapi-schema-validator';
import {describe, expect, test} from 'vitest';
import {aServedPractice} from '../../../support/a-served-practice.ts';
import type {OpenApi} from '../../../support/requests-from-openapi.ts';
import {fuzzService} from '../../../support/service-fuzz.ts';

describe('the OpenAPI document of the service', () => {
	test('is one by the rules of OpenAPI 3.1', async () => {
		const {url} = await aServedPractice();
		const document = (await (await fetch(`${url}/openapi.json`)).json()) as OpenApi;
		expect(document.openapi).toBe('3.1.0');
		const validator = new Validator();
		expect(await validator.validate(document as never)).toEqual({valid: true});
		expect(validator.version).toBe('3.1');
	});

	test('describes everything that there is, with the scope that it needs', async () => {
		const {url, ask} = await aServedPractice();
		const {paths} = (await (await fetch(`${url}/openapi.json`)).json()) as OpenApi;
		const open: string[] = [];
		for (const [path, methods] of Object.entries(paths)) {
			for (const [method, {summary, security}] of Object.entries(methods)) {
				expect(summary, `${method} ${path}`).not.toBe('');
				const there = await fetch(`${url}${path.replaceAll(/\{.*?\}/g, 'x')}`, {
					method: method.toUpperCase(),
				});
				expect([200, 401], `${method} ${path}`).toContain(there.status === 429 ? 401 : there.status);
				if (security.length === 0) {
					open.push(path);
				}
			}
		}

		expect(open).toEqual(['/health', '/openapi.json']);
		// What is not described is not there.
		for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE']) {
			for (const path of ['/v1/status', '/v1/launches', '/v1/uploads', '/', '/v2']) {
				if (paths[path]?.[method.toLowerCase()] === undefined && method !== 'TRACE') {
					expect((await ask(method, path)).status, `${method} ${path}`).toBe(404);
				}
			}
		}
	});
});

/** SEED=… REQUESTS=… sends others, and more of them. */
const requests = Number(process.env['REQUESTS'] ?? 1000);

test(
	'1,000 requests that are made from it are answered as it says, and nobody gets more than the token allows',
	async () => {
		const served = await aServedPractice({limits: {failuresPerMinute: 10_000}});
		const seed = Number(process.env['SEED'] ?? 20_261_127);
		const answers = await fuzzService(served, seed, requests);
		for (const status of [200, 202, 400, 401, 403, 404, 415, 422]) {
			expect([...answers.keys()], `seed ${seed}`).toContain(status);
		}

		expect((await fetch(`${served.url}/health`)).status).toBe(200);
		expect(served.log()).not.toContain('"level":50');
	},
	60_000 + requests * 50,
);
