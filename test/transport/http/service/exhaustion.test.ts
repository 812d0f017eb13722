import {once} from 'node:events';
import {describe, expect, test} from 'vitest';
import {aLine, statusesOf} from '../../../support/a-line.ts';
import {aServedPractice} from '../../../support/a-served-practice.ts';
import {eventually} from '../../../support/eventually.ts';

const reference = JSON.stringify({run: 'r', package: 'p', foldersBefore: [], expected: true});
const followPath = `/v1/launches/progress?reference=${encodeURIComponent(reference)}`;

describe('who holds many connections', () => {
	test('without a token loses the oldest of them, and keeps nobody out', async () => {
		const {service, ask} = await aServedPractice({limits: {strangers: 20}});
		const first = await aLine(service.port);
		const lines = await Promise.all(Array.from({length: 40}, () => aLine(service.port)));
		await first.ended;
		expect((await ask('GET', '/v1/agent')).status).toBe(200);
		expect(lines.filter(({socket}) => !socket.destroyed).length).toBeGreaterThan(10);
	});

	test('is told from others by the address, so that those keep theirs', async () => {
		const {service} = await aServedPractice({limits: {strangers: 20}});
		const other = await aLine(service.port, '127.0.0.2');
		for (let index = 0; index < 60; index += 1) {
			await aLine(service.port);
		}

		other.socket.write('GET /health HTTP/1.1\r\nHost: x\r\n\r\n');
		await eventually(() => statusesOf(other.heard())[0] === '200');
	});

	test('does not take those away from people who showed a good token', async () => {
		const {service, tokenFor} = await aServedPractice({limits: {strangers: 5}});
		const {socket, heard} = await aLine(service.port);
		const head = `Host: x\r\nAuthorization: Bearer ${await tokenFor('read')}\r\n\r\n`;
		socket.write(`GET /v1/agent HTTP/1.1\r\n${head}`);
		await eventually(() => statusesOf(heard()).length === 1);
		for (let index = 0; index < 20; index += 1) {
			await aLine(service.port);
		}

		socket.write(`GET /v1/agent HTTP/1.1\r\n${head}`);
		await eventually(() => statusesOf(heard()).join() === '200,200');
	});

	test('with a token takes them from itself, and from no other client', async () => {
		const {service, tokens} = await aServedPractice({limits: {connections: 15, strangers: 5}});
		const lineOf = async (token: string) => {
			const line = await aLine(service.port);
			line.socket.write(`GET /v1/agent HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n\r\n`);
			await eventually(() => statusesOf(line.heard())[0] === '200');
			return line;
		};
		const [many, few] = await Promise.all(
			['many', 'few'].map(async name => (await tokens.create(name, 'read', 60_000)).secret),
		);
		const other = await lineOf(few!);
		const first = await lineOf(many!);
		for (let index = 0; index < 15; index += 1) {
			await lineOf(many!);
		}

		await first.ended;
		expect(other.socket.destroyed).toBe(false);
	});
});

describe('who asks for much at once', () => {
	test('on one connection, before anything is answered, loses it', async () => {
		const {service, ask} = await aServedPractice();
		const {socket, ended} = await aLine(service.port);
		socket.pause();
		socket.write('GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(2000));
		// Nothing is read: only the end of the line can come.
		socket.resume();
		await ended;
		expect((await ask('GET', '/v1/agent')).status).toBe(200);
	});

	test('with one token has to wait, and another client has not', async () => {
		const {ask, tokens} = await aServedPractice({limits: {unansweredOfClient: 5}});
		const [greedy, other] = await Promise.all(
			['greedy', 'other'].map(async name => (await tokens.create(name, 'read', 60_000)).secret),
		);
		const streams = await Promise.all(
			Array.from({length: 5}, () => ask('GET', followPath, {token: greedy!})),
		);
		expect(streams.map(({status}) => status)).toEqual(Array(5).fill(200));
		const refused = await ask('GET', '/v1/agent', {token: greedy!});
		expect(refused.status).toBe(429);
		expect(await refused.json()).toMatchObject({code: 'RATE_LIMITED'});
		expect((await ask('GET', '/v1/agent', {token: other!})).status).toBe(200);
		await streams[0]!.body!.cancel();
		await eventually(async () => (await ask('GET', '/v1/agent', {token: greedy!})).status === 200);
		await Promise.all(streams.slice(1).map(({body}) => body!.cancel()));
	});
});

test('who follows many upgrades with one token has to end some, since others wait for what looks at them', async () => {
	const {ask, tokens} = await aServedPractice({limits: {followingOfClient: 3}});
	const {secret: token} = await tokens.create('curious', 'read', 60_000);
	const follow = () => ask('GET', followPath, {token});
	const streams = [await follow(), await follow(), await follow()];
	expect((await follow()).status).toBe(429);
	expect((await ask('GET', followPath)).status).toBe(200);
	await streams[0]!.body!.cancel();
	await eventually(async () => {
		const again = await follow();
		streams.push(again);
		return again.status === 200;
	});
	expect((await follow()).status).toBe(429);
});

describe('requests on one connection', () => {
	test('are not begun behind an answer that ends the connection', async () => {
		const {service, log, ask} = await aServedPractice();
		const {socket, heard, ended} = await aLine(service.port);
		socket.write('GET /v1/agent HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(5));
		await ended;
		expect(statusesOf(heard())).toEqual(['401']);
		expect((await ask('GET', '/v1/agent')).status).toBe(200);
		expect(log().match(/a request was refused/g)).toHaveLength(1);
	});

	test('are begun in their turn only, so that nothing is left of those that waited when it ended', async () => {
		const {service, ask, tokens} = await aServedPractice({limits: {unansweredOfClient: 6}});
		const {secret} = await tokens.create('hasty', 'read', 60_000);
		const {socket, heard} = await aLine(service.port);
		const head = `HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${secret}\r\n\r\n`;
		socket.write(`GET ${followPath} ${head}${`GET /v1/agent ${head}`.repeat(10)}`);
		await eventually(() => statusesOf(heard()).length === 1);
		// Whatever were begun out of turn counts by then.
		expect((await ask('GET', '/v1/agent')).status).toBe(200);
		expect((await ask('GET', '/v1/agent', {token: secret})).status).toBe(200);
	});

	test('are all answered, in their order', async () => {
		const {service, tokenFor} = await aServedPractice();
		const {socket, heard} = await aLine(service.port);
		const head = `Host: x\r\nAuthorization: Bearer ${await tokenFor('read')}`;
		const paths = ['/v1/agent', '/health', '/v1/none', '/version'];
		socket.write(paths.map(path => `GET ${path} HTTP/1.1\r\n${head}\r\n\r\n`).join(''));
		await eventually(() => statusesOf(heard()).join() === '200,200,404,200');
	});
});

describe('who does not come to an end', () => {
	const quick = {requestMs: 300, readingMs: 300};

	test('with a body behind its answer loses the connection', async () => {
		const {service} = await aServedPractice({limits: quick});
		const {socket, heard, ended} = await aLine(service.port);
		socket.write('GET /health HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n');
		const timer = setInterval(() => socket.write('x'), 50);
		await ended;
		clearInterval(timer);
		expect(statusesOf(heard())).toEqual(['200']);
	});

	test('with reading an answer loses the connection', async () => {
		const {service} = await aServedPractice({limits: {...quick, unanswered: 1000}});
		const {socket} = await aLine(service.port);
		socket.pause();
		// More than the buffers of both sides hold.
		socket.write('GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(900));
		const refused = once(socket, 'error');
		const timer = setInterval(() => socket.write('GET /health HTTP/1.1\r\nHost: x\r\n\r\n'), 20);
		const [error] = (await refused) as [NodeJS.ErrnoException];
		clearInterval(timer);
		expect(['ECONNRESET', 'EPIPE']).toContain(error.code);
	});

	test('is not told in the middle of an answer that what it says is no request', async () => {
		const {service, tokenFor} = await aServedPractice();
		const {socket, heard, ended} = await aLine(service.port);
		const token = await tokenFor('read');
		socket.write(`GET ${followPath} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n\r\n`);
		await eventually(() => statusesOf(heard()).length === 1);
		socket.write('no request\r\n\r\n');
		await ended;
		expect(statusesOf(heard())).toEqual(['200']);
	});
});

test('the log tells who followed something until they went away', async () => {
	const {ask, log} = await aServedPractice();
	const stream = await ask('GET', followPath);
	await stream.body!.cancel();
	await eventually(() => log().includes('the client went away'));
	const line = log()
		.split('\n')
		.find(each => each.includes('the client went away'))!;
	expect(JSON.parse(line)).toMatchObject({req: {path: '/v1/launches/progress'}, status: 200});
});

test('the log keeps what others did, however many strangers are refused', async () => {
	const limits = {failuresPerMinute: 10_000, strangerLinesPerMinute: 10};
	const {url, ask, log} = await aServedPractice({limits});
	for (let index = 0; index < 200; index += 1) {
		await fetch(`${url}/v1/agent`);
	}

	expect((await ask('GET', '/v1/agent')).status).toBe(200);
	await eventually(() => log().includes('answered'));
	const lines = log().trim().split('\n');
	expect(lines.filter(line => line.includes('a request was refused'))).toHaveLength(10);
	expect(lines.length).toBeLessThan(15);
});
