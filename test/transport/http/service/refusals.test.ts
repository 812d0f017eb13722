import {createHash, randomBytes} from 'node:crypto';
import {readdir, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {failureSchema} from '../../../../source/transport/http/api/failure.ts';
import {PlainHttpRefusedError} from '../../../../source/transport/http/service/http-service.ts';
import {aService} from '../../../support/an-http-service.ts';
import {type ServedPractice, aServedPractice, tusHeaders} from '../../../support/a-served-practice.ts';
import {eventually} from '../../../support/eventually.ts';

const claim = {run: 'run-1', operator: {user: 'u', host: 'h'}, since: 1, token: 'a token of a runner'};
const key = () => ({'idempotency-key': randomBytes(16).toString('hex')});

async function refusalOf(response: Response) {
	return {status: response.status, ...failureSchema.parse(await response.json())};
}

describe('who is not let in', () => {
	test('comes without a token, or with one that nobody made', async () => {
		const {url, ask} = await aServedPractice();
		const without = await fetch(`${url}/v1/agent`);
		expect(without.headers.get('www-authenticate')).toBe('Bearer');
		expect(await refusalOf(without)).toMatchObject({status: 401, code: 'TOKEN_REFUSED'});
		const wrong = await ask('GET', '/v1/agent', {token: `dmsu_${randomBytes(32).toString('base64url')}`});
		expect(await refusalOf(wrong)).toMatchObject({status: 401, code: 'TOKEN_REFUSED'});
		for (const authorization of ['Basic dTpw', 'Bearer', 'Bearer x', 'Bearer a b', '\u00ff']) {
			const odd = await fetch(`${url}/v1/agent`, {headers: {authorization}});
			expect(odd.status, authorization).toBe(401);
		}
	});

	test('has a token that expired, and is told so', async () => {
		const {tokens, ask} = await aServedPractice();
		const {secret} = await tokens.create('old', 'upgrade', -1);
		const refused = await refusalOf(await ask('GET', '/v1/agent', {token: secret}));
		expect(refused).toMatchObject({status: 401, message: 'the token has expired.'});
	});

	test('has one that was revoked while the service runs', async () => {
		const {tokens, ask} = await aServedPractice();
		const {secret, token} = await tokens.create('gone', 'upgrade', 60_000);
		expect((await ask('GET', '/v1/agent', {token: secret})).status).toBe(200);
		await tokens.revoke(token.id);
		expect((await ask('GET', '/v1/agent', {token: secret})).status).toBe(401);
	});

	test('can know from a look what a token allows', async () => {
		const {ask} = await aServedPractice();
		for (const scope of ['read', 'upload', 'upgrade'] as const) {
			expect(await (await ask('GET', '/v1/survey', {scope})).json()).toMatchObject({permission: scope});
		}
	});

	test('has one that is too weak for what is asked', async () => {
		const {ask} = await aServedPractice();
		for (const [method, path, scope] of [
			['POST', '/v1/uploads', 'read'],
			['POST', '/v1/lock', 'read'],
			['POST', '/v1/packages', 'read'],
			['DELETE', `/v1/operations/${crypto.randomUUID()}`, 'read'],
			['POST', '/v1/launches', 'upload'],
			['POST', '/v1/launches/forget', 'upload'],
			['POST', '/v1/prerequisites', 'upload'],
			['POST', '/v1/test-sets', 'upload'],
			['POST', '/v1/dataminer/stop', 'upload'],
			['POST', '/v1/failover/switch-over', 'upload'],
		] as const) {
			const refused = await refusalOf(await ask(method, path, {scope}));
			expect(refused, path).toMatchObject({status: 403, code: 'SCOPE_MISSING'});
		}
	});

	test('learns nothing of what there is', async () => {
		const {url, ask} = await aServedPractice();
		expect((await fetch(`${url}/v1/nothing`)).status).toBe(401);
		expect(await refusalOf(await ask('GET', '/v1/nothing', {scope: 'read'}))).toMatchObject({
			status: 404,
			code: 'NOT_FOUND',
		});
		const open = await Promise.all(
			['/health', '/openapi.json'].map(async path => (await fetch(`${url}${path}`)).text()),
		);
		expect(open.join('')).not.toContain('PRACTICE');
	});

	test('is told to wait after many failures; whoever has a good token is not', async () => {
		const {url, ask} = await aServedPractice();
		const statuses: number[] = [];
		for (let attempt = 0; attempt < 25; attempt += 1) {
			statuses.push((await fetch(`${url}/v1/agent`)).status);
		}

		expect(statuses.slice(0, 20)).toEqual(Array(20).fill(401));
		expect(statuses.slice(20)).toEqual(Array(5).fill(429));
		const limited = await fetch(`${url}/v1/agent`);
		expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0);
		expect(await refusalOf(limited)).toMatchObject({code: 'RATE_LIMITED'});
		expect((await ask('GET', '/v1/agent')).status).toBe(200);
	});

	test('loses an event stream when the token is revoked', async () => {
		const {tokens, ask} = await aServedPractice();
		const {secret, token} = await tokens.create('watcher', 'read', 600_000);
		const reference = JSON.stringify({run: 'r', package: 'p', foldersBefore: [], expected: true});
		const stream = await ask('GET', `/v1/launches/progress?reference=${encodeURIComponent(reference)}`, {
			token: secret,
		});
		expect(stream.status).toBe(200);
		await tokens.revoke(token.id);
		await expect(stream.text()).rejects.toThrow();
	});

	test('is not offered plain HTTP anywhere but on this computer itself', async () => {
		for (const host of ['0.0.0.0', '::', '10.0.0.1', 'agent.example', '127.0.0.1.example']) {
			await expect(aService(undefined as never, {tls: undefined, host})).rejects.toThrow(
				PlainHttpRefusedError,
			);
		}
	});
});

describe('what is not for everybody', () => {
	test('an operation is given up by whoever began it, or by who may upgrade', async () => {
		const {ask, tokenFor} = await aServedPractice();
		const hold = {claim, staleMs: 60_000, pollMs: 50, takeOver: false};
		await ask('POST', '/v1/lock', {body: hold, headers: key()});
		const begin = async () => {
			const other = {...hold, claim: {...claim, run: 'run-2', token: 'another token'}};
			const begun = await ask('POST', '/v1/lock', {scope: 'upload', body: other, headers: key()});
			return begun.headers.get('location')!;
		};
		const mine = await begin();
		const stranger = await tokenFor('upload');
		expect(await refusalOf(await ask('DELETE', mine, {token: stranger}))).toMatchObject({
			status: 403,
			code: 'NOT_YOURS',
		});
		expect(await (await ask('GET', mine)).json()).toMatchObject({state: 'running'});
		const given = await (await ask('DELETE', mine, {scope: 'upload'})).json();
		expect(given).toMatchObject({state: 'failed', failure: {code: 'CANCELLED'}});
		expect(await (await ask('DELETE', await begin(), {scope: 'upgrade'})).json()).toMatchObject({
			state: 'failed',
		});
	});

	test('the key of a request means nothing to another client', async () => {
		const {ask, tokenFor} = await aServedPractice();
		const headers = key();
		const [first, again, other] = [
			await ask('POST', '/v1/dataminer/stop', {headers}),
			await ask('POST', '/v1/dataminer/stop', {headers}),
			await ask('POST', '/v1/dataminer/stop', {headers, token: await tokenFor('upgrade')}),
		].map(response => response.headers.get('location'));
		expect(again).toBe(first);
		expect(other).not.toBe(first);
	});
});

describe('names that lead elsewhere', () => {
	const hostile = [
		'../evil',
		'..\\evil',
		'..',
		'C:\\evil',
		'/etc/passwd',
		'a/b',
		'a:b',
		'nul',
		'COM1.dll',
		'evil.',
		'evil ',
		'a\u0000b',
		'a\nb',
		'"&calc&"',
		'x'.repeat(201),
	];

	test('in the metadata of an upload', async () => {
		const {ask, practice} = await aServedPractice();
		const sha = 'ab'.repeat(32);
		for (const name of hostile) {
			const refused = await ask('POST', '/v1/uploads', {headers: tusHeaders(sha, 5, name)});
			expect(refused.status, name).toBe(400);
		}

		for (const odd of ['../../../x', 'AB'.repeat(32), `${'ab'.repeat(31)}/.`, '']) {
			expect((await ask('POST', '/v1/uploads', {headers: tusHeaders(odd, 5)})).status, odd).toBe(400);
		}

		const arriving = join(practice, 'C', 'ProgramData', 'dms-upgrade', 'incoming');
		expect(await readdir(join(arriving, 'uploads'))).toEqual([]);
		expect(await readdir(arriving)).toEqual(['uploads']);
	});

	test('in the address of an upload', async () => {
		const {ask} = await aServedPractice();
		const headers = {'tus-resumable': '1.0.0'};
		for (const id of ['..%2f..%2fservice', '%2e%2e', 'x%00y', `${'ab'.repeat(32)}.json`, '..%5c..%5cx']) {
			for (const method of ['HEAD', 'DELETE', 'PATCH']) {
				const patch = {'upload-offset': '0', 'content-type': 'application/offset+octet-stream'};
				const refused = await ask(method, `/v1/uploads/${id}`, {
					headers: {...headers, ...(method === 'PATCH' && patch)},
				});
				expect([400, 404], `${method} ${id}`).toContain(refused.status);
			}
		}
	});

	test('in a package, and in a launch', async () => {
		const {ask, practice} = await aServedPractice();
		const options = {
			ExtractAllFiles: false,
			DelayedStart: false,
			AutomaticStartServices: true,
			StopSNMP: true,
			RebootAfterUpgrade: false,
		};
		for (const name of hostile) {
			const order = {run: 'run', package: {sha256: 'ab'.repeat(32), name}, options};
			const launch = await ask('POST', '/v1/launches', {body: order, headers: key()});
			expect(launch.status, `package ${name}`).toBe(422);
			const run = {...order, run: name.slice(0, 200), package: {sha256: 'ab'.repeat(32), name: 'p'}};
			if (run.run === name) {
				const refused = await ask('POST', '/v1/launches', {body: run, headers: key()});
				expect(refused.status, `run ${name}`).toBe(422);
			}

			const stage = {name, size: 1, sha256: 'ab'.repeat(32)};
			const begun = await ask('POST', '/v1/packages', {body: stage, headers: key()});
			const place = begun.headers.get('location');
			if (place !== null) {
				await eventually(async () => {
					const {state} = (await (await ask('GET', place)).json()) as {state: string};
					return state === 'failed';
				});
			}
		}

		for (const run of hostile.filter(name => name.length <= 200)) {
			const forget = {reference: JSON.stringify({run, package: 'p', foldersBefore: []})};
			const refused = await ask('POST', '/v1/launches/forget', {body: forget});
			expect(refused.status, `forget ${run}`).toBe(422);
		}

		expect(await readdir(join(practice, 'C', 'ProgramData', 'dms-upgrade'))).toEqual(['incoming']);
	});

	test('in what is followed: nobody is told of the tasks of others', async () => {
		const {ask} = await aServedPractice();
		const task = String.raw`\Microsoft\Windows\Defrag\ScheduledDefrag`;
		const reference = JSON.stringify({run: 'r', task, package: 'p', foldersBefore: []});
		const path = `/v1/launches/progress?reference=${encodeURIComponent(reference)}`;
		const stream = await ask('GET', path, {scope: 'read'});
		const [event, data = ''] = (await stream.text()).trim().split('\ndata: ');
		expect([event, JSON.parse(data)]).toMatchObject([
			'event: failure',
			{message: expect.stringContaining('is no launch of this program') as string},
		]);
	});

	test('in a set of tests', async () => {
		const {ask, practice, url, tokenFor} = await aServedPractice();
		const {id} = (await (await ask('POST', '/v1/test-sets')).json()) as {id: string};
		const put = async (name: string, content = 'x', type = 'application/octet-stream') =>
			fetch(`${url}/v1/test-sets/${id}/files/${name}`, {
				method: 'PUT',
				headers: {authorization: `Bearer ${await tokenFor('upgrade')}`, 'content-type': type},
				body: content,
			});
		for (const name of [...hostile.filter(each => !each.includes('/')), 'a/..\\..\\b']) {
			const {status} = await put(encodeURIComponent(name).replaceAll('%2F', '/'));
			expect([400, 404, 422], name).toContain(status);
		}

		for (const name of ['..%2f..%2fevil', '%2fetc%2fpasswd', 'a%2f%2fb', '%2e%2e%2fevil', 'a%2f..%2fb']) {
			expect([404, 422], name).toContain((await put(name)).status);
		}

		const set = join(practice, 'C', 'ProgramData', 'dms-upgrade', 'incoming', 'tests', id);
		expect(await readdir(set)).toEqual([]);
		expect((await put('folder/test.dll')).status).toBe(204);
		expect((await put('folder')).status).toBe(422);
		expect((await put('folder/test.dll/deeper')).status).toBe(422);
		expect((await put('other.dll', '{}', 'application/json')).status).toBe(415);
	});
});

test('what arrived is not sent again because the disk was full, or the line broke, when it was put in its place', async () => {
	const {ask, practice} = await aServedPractice();
	const content = randomBytes(100_000);
	const sha256 = createHash('sha256').update(content).digest('hex');
	const {location} = Object.fromEntries(
		(await ask('POST', '/v1/uploads', {headers: tusHeaders(sha256, content.length)})).headers,
	);
	await sendInHalves(ask, location!, content);
	// A file stands where the folder of the package has to be.
	await writeFile(join(practice, 'C', 'ProgramData', 'dms-upgrade', 'packages'), '');
	const stage = async () => {
		const facts = {name: 'package.dmupgrade', size: content.length, sha256};
		const begun = await ask('POST', '/v1/packages', {body: facts, headers: key()});
		const place = begun.headers.get('location')!;
		let operation: {state: string; failure?: {code: string}} = {state: 'running'};
		await eventually(async () => {
			operation = (await (await ask('GET', place)).json()) as typeof operation;
			return operation.state !== 'running';
		});
		return operation;
	};
	expect(await stage()).toMatchObject({state: 'failed', failure: {code: 'FILE_FAILED'}});
	await rm(join(practice, 'C', 'ProgramData', 'dms-upgrade', 'packages'));
	expect(await stage()).toMatchObject({state: 'done'});
	const uploads = join(practice, 'C', 'ProgramData', 'dms-upgrade', 'incoming', 'uploads');
	expect(await readdir(uploads)).toEqual([]);
});

type Ask = ServedPractice['ask'];

/** In two pieces, as a client would whose line broke in the middle. */
async function sendInHalves(ask: Ask, location: string, content: Buffer): Promise<void> {
	const half = content.length / 2;
	const tus = {'tus-resumable': '1.0.0'};
	for (const from of [0, half]) {
		const {headers} = await ask('HEAD', location, {headers: tus});
		expect(headers.get('upload-offset')).toBe(String(from));
		const sent = await ask('PATCH', location, {
			headers: {...tus, 'upload-offset': String(from), 'content-type': 'application/offset+octet-stream'},
			bytes: content.subarray(from, from + half),
		});
		expect(sent.status).toBe(204);
	}
}
