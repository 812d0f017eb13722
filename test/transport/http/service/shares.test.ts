import {randomBytes} from 'node:crypto';
import {readFile, readdir, rm, statfs, utimes, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {aServedAgent} from '../../../support/a-served-agent.ts';
import {type ServedPractice, aServedPractice, tusHeaders} from '../../../support/a-served-practice.ts';
import {aService} from '../../../support/an-http-service.ts';
import {eventually} from '../../../support/eventually.ts';

const claim = {run: 'run-1', operator: {user: 'u', host: 'h'}, since: 1, token: 'a token of a runner'};
const hold = {claim, staleMs: 60_000, pollMs: 50, takeOver: false};
const key = () => ({'idempotency-key': randomBytes(16).toString('hex')});

/** Two clients of the same service, of the strongest kind. */
async function two({tokens}: ServedPractice) {
	const secretOf = async (name: string) => (await tokens.create(name, 'upgrade', 600_000)).secret;
	return {greedy: await secretOf('greedy'), other: await secretOf('other')};
}

describe('however much one client asks for', () => {
	test('another one can begin an operation', async () => {
		const served = await aServedPractice();
		const {greedy, other} = await two(served);
		const lock = (run: string, token: string) =>
			served.ask('POST', '/v1/lock', {
				body: {...hold, claim: {...claim, run, token: `token of ${run}`}},
				headers: key(),
				token,
			});
		await lock('holder', other);
		const statuses: number[] = [];
		for (let index = 0; index < 25; index += 1) {
			statuses.push((await lock(`run-${index}`, greedy)).status);
		}

		expect(statuses).toEqual([...Array<number>(20).fill(202), ...Array<number>(5).fill(429)]);
		expect((await lock('another', other)).status).toBe(202);
	});

	test('the operations of another one are remembered, and what it gave up', async () => {
		const served = await aServedPractice();
		const {greedy, other} = await two(served);
		const stop = (token: string, headers: Record<string, string>) =>
			served.ask('POST', '/v1/dataminer/stop', {token, headers});
		const giveUp = (token: string, headers: Record<string, string>) =>
			served.ask('DELETE', '/v1/operations', {token, headers});
		const [begun, givenUp] = [key(), key()];
		const place = (await stop(other, begun)).headers.get('location')!;
		await giveUp(other, givenUp);
		let last = '';
		for (let index = 0; index < 220; index += 1) {
			const response = await stop(greedy, key());
			last = response.headers.get('location') ?? last;
			await served.ask('GET', `${last}/events`, {token: greedy}).then(async ended => ended.text());
			await giveUp(greedy, key());
		}

		expect((await stop(other, begun)).headers.get('location')).toBe(place);
		const unwanted = (await stop(other, givenUp)).status;
		expect(unwanted).toBe(409);
	}, 30_000);

	test('another one can upload', async () => {
		const served = await aServedPractice();
		const {greedy, other} = await two(served);
		const begin = async (token: string) =>
			(await served.ask('POST', '/v1/uploads', {token, headers: tusHeaders('ab'.repeat(32), 10)})).status;
		const statuses: number[] = [];
		for (let index = 0; index < 12; index += 1) {
			statuses.push(await begin(greedy));
		}

		expect(statuses).toEqual([...Array<number>(10).fill(201), 429, 429]);
		expect(await begin(other)).toBe(201);
	});

	test('at the same time, there are no more uploads of it for that', async () => {
		const served = await aServedPractice();
		const begin = () => served.ask('POST', '/v1/uploads', {headers: tusHeaders('ab'.repeat(32), 10)});
		const begun = await Promise.all(Array.from({length: 40}, begin));
		expect(begun.filter(({status}) => status === 201)).toHaveLength(10);
		expect(begun.filter(({status}) => status === 429)).toHaveLength(30);
	});

	test('there is room on the disk for what was promised to others', async () => {
		const {ask, practice} = await aServedPractice({limits: {packageBytes: 2 ** 50}});
		const {bavail, bsize} = await statfs(practice);
		const most = Math.floor(bavail * bsize * 0.6);
		const begin = async () => ask('POST', '/v1/uploads', {headers: tusHeaders('ab'.repeat(32), most)});
		expect((await begin()).status).toBe(201);
		const refused = await begin();
		expect(refused.status).toBe(507);
		expect(await refused.text()).toMatch(/^The disk has room for \d+ bytes, and the package has \d+/);
	});
});

test('nobody who has gone away is given a lock: what waits for it ends when nobody comes back', async () => {
	const {ask} = await aServedPractice({limits: {unfollowedMs: 200}});
	const lock = async (run: string) => {
		const body = {...hold, claim: {...claim, run, token: `token of ${run}`}};
		return (await ask('POST', '/v1/lock', {body, headers: key()})).headers.get('location')!;
	};
	const stateOf = async (place: string) =>
		((await (await ask('GET', place)).json()) as {state: string}).state;
	const held = await lock('holder');
	await eventually(async () => (await stateOf(held)) === 'done');
	const [left, followed] = [await lock('gone'), await lock('waits')];
	const stream = await ask('GET', `${followed}/events`);
	await eventually(async () => (await stateOf(left)) === 'failed');
	expect(await stateOf(followed)).toBe('running');
	await stream.body!.cancel();
	await eventually(async () => (await stateOf(followed)) === 'failed');
});

test('an upload is for whoever began it, and for others once that token is good for nothing', async () => {
	const {ask, tokens} = await aServedPractice();
	const began = await tokens.create('began', 'upload', 600_000);
	const another = await tokens.create('another', 'upgrade', 600_000);
	const sha256 = 'ab'.repeat(32);
	const begun = await ask('POST', '/v1/uploads', {token: began.secret, headers: tusHeaders(sha256, 10)});
	const place = begun.headers.get('location')!;
	const to = (method: string, token: string, headers = {}, bytes?: Buffer) =>
		ask(method, place, {token, headers: {'tus-resumable': '1.0.0', ...headers}, ...(bytes && {bytes})});
	const send = (token: string, from: number) =>
		to(
			'PATCH',
			token,
			{'upload-offset': String(from), 'content-type': 'application/offset+octet-stream'},
			Buffer.from('12345'),
		);
	const find = async (token: string) => (await ask('GET', `/v1/uploads?sha256=${sha256}`, {token})).json();
	for (const response of [
		await send(another.secret, 0),
		await to('DELETE', another.secret),
		await to('HEAD', another.secret),
	]) {
		expect(response.status).toBe(404);
	}

	expect(await find(another.secret)).toEqual({});
	expect((await send(began.secret, 0)).status).toBe(204);
	expect(await find(began.secret)).toEqual({location: place, bytes: 5});
	await tokens.revoke(began.token.id);
	expect(await find(another.secret)).toEqual({location: place, bytes: 5});
	expect((await send(another.secret, 5)).status).toBe(204);
});

test('what nobody finished in time is thrown away while many begin something else, and half of it as well', async () => {
	const {ask, practice} = await aServedPractice();
	const folder = join(practice, 'C', 'ProgramData', 'dms-upgrade', 'incoming', 'uploads');
	const begin = () => ask('POST', '/v1/uploads', {headers: tusHeaders('ab'.repeat(32), 10)});
	for (let index = 0; index < 10; index += 1) {
		await begin();
	}

	const [first, second, ...facts] = (await readdir(folder)).filter(name => name.endsWith('.json'));
	for (const name of facts) {
		const read = JSON.parse(await readFile(join(folder, name), 'utf8')) as object;
		await writeFile(join(folder, name), JSON.stringify({...read, creation_date: '2020-01-01T00:00:00Z'}));
	}

	// A service that was killed left the one with no facts, and the other with nothing but facts.
	await rm(join(folder, first!));
	await rm(join(folder, second!.replace('.json', '')));
	const longAgo = new Date('2020-01-01T00:00:00Z');
	await utimes(join(folder, first!.replace('.json', '')), longAgo, longAgo);
	const statuses = (await Promise.all(Array.from({length: 8}, begin))).map(({status}) => status);
	expect(statuses).toEqual(Array(8).fill(201));
	expect(await readdir(folder)).toHaveLength(2 * 8 + 1);
});

test('nothing is taken in that would leave DataMiner less of the disk than it needs', async () => {
	const {ask} = await aServedPractice({limits: {leftFreeBytes: 2 ** 60}});
	for (const response of [
		await ask('POST', '/v1/uploads', {headers: tusHeaders('ab'.repeat(32), 1)}),
		await ask('POST', '/v1/test-sets'),
	]) {
		expect(response.status).toBe(507);
		expect(await response.text()).toMatch(/disk/);
	}
});

test('an upload has to tell its length, by which it is known whether there is room', async () => {
	const {ask} = await aServedPractice();
	const {'upload-length': length, ...headers} = tusHeaders('ab'.repeat(32), 10);
	const deferred = await ask('POST', '/v1/uploads', {headers: {...headers, 'upload-defer-length': '1'}});
	expect(deferred.status, length).toBe(400);
	const {headers: told} = await ask('OPTIONS', '/v1/uploads');
	expect(told.get('tus-extension')).not.toContain('defer');
});

test('tests that are being run take no more files, and are run once', async () => {
	let running: {folder: string; files: readonly string[]} | undefined;
	const over = Promise.withResolvers<undefined>();
	const agent = aServedAgent({
		async runPrerequisites({folder}) {
			running = {folder, files: await readdir(folder)};
			await over.promise;
			return [];
		},
	});
	const served = await aService(agent, {tls: undefined});
	const {service, tokenFor} = served;
	const headers = {authorization: `Bearer ${await tokenFor('upgrade')}`};
	const send = (method: string, path: string, type?: string, body?: string) =>
		fetch(`${service.url}/v1/${path}`, {
			method,
			headers: {...headers, ...key(), ...(type !== undefined && {'content-type': type})},
			...(body !== undefined && {body}),
		});
	try {
		const {id} = (await (await send('POST', 'test-sets')).json()) as {id: string};
		const put = (name: string) =>
			send('PUT', `test-sets/${id}/files/${name}`, 'application/octet-stream', 'x');
		expect((await put('one.dll')).status).toBe(204);
		const order = JSON.stringify({
			testSet: id,
			checks: [],
			executor: false,
			packageSha256: 'ab'.repeat(32),
			timeoutMs: 60_000,
		});
		const run = () => send('POST', 'prerequisites', 'application/json', order);
		const first = (await run()).headers.get('location')!;
		await eventually(() => running !== undefined);
		expect(running!.files).toEqual(['one.dll']);
		expect((await put('two.dll')).status).toBe(422);
		const second = (await run()).headers.get('location')!;
		const ended = await (await send('GET', `${second.slice(4)}/events`)).text();
		expect(ended).toContain('TESTS_MISSING');
		expect(await readdir(running!.folder)).toEqual(['one.dll']);
		over.resolve(undefined);
		expect(await (await send('GET', `${first.slice(4)}/events`)).text()).toContain('"state":"done"');
		expect(await readdir(join(running!.folder, '..'))).toEqual([]);
	} finally {
		over.resolve(undefined);
		await served.stop();
	}
});
