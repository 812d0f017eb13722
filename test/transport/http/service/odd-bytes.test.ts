import {randomBytes} from 'node:crypto';
import {once} from 'node:events';
import {readdir} from 'node:fs/promises';
import {join} from 'node:path';
import {connect as connectTls} from 'node:tls';
import {describe, expect, test} from 'vitest';
import {makeCertificate} from '../../../../source/transport/http/service/make-certificate.ts';
import {type ServedPractice, aServedPractice, tusHeaders} from '../../../support/a-served-practice.ts';
import {aLine, say, statusesOf} from '../../../support/a-line.ts';
import {eventually} from '../../../support/eventually.ts';

const quick = {requestMs: 300, slowMs: 400, keepAliveMs: 300};

async function isUp({ask}: ServedPractice): Promise<void> {
	expect((await ask('GET', '/v1/agent')).status).toBe(200);
}

describe('bytes that are no proper request', () => {
	test('are refused, and the connection ends', async () => {
		const served = await aServedPractice({limits: quick});
		const {port} = served.service;
		const secret = await served.tokenFor('upgrade');
		const head = `GET /v1/agent HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${secret}\r\n`;
		const post = `POST /v1/test-sets HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${secret}\r\n`;
		const smuggled = 'GET /v1/agent HTTP/1.1\r\nHost: x\r\n\r\n';
		for (const [what, bytes] of Object.entries({
			'no HTTP': '\u0016\u0003\u0001\u0002hello\r\n\r\n',
			'another protocol': 'SSH-2.0-OpenSSH_9.2\r\n',
			'HTTP/2 in clear text': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
			'no host': 'GET /health HTTP/1.1\r\n\r\n',
			'two hosts': 'GET /health HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n',
			'a header without a name': `${head}: x\r\n\r\n`,
			'a header with a blank before its colon': `${head}Content-Length : 0\r\n\r\n`,
			'a folded header': `${head}X: a\r\n b\r\n\r\n`,
			'NUL in a header': `${head}X: a\u0000b\r\n\r\n`,
			'lines that end without CR': head.replaceAll('\r\n', '\n') + '\n',
			'a length and chunks': `${post}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`,
			'two lengths': `${post}Content-Length: 0\r\nContent-Length: 40\r\n\r\n${smuggled}`,
			'a length that is none': `${post}Content-Length: +5\r\n\r\nhello`,
			'a length below nothing': `${post}Content-Length: -1\r\n\r\n`,
			'chunks by another name': `${post}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${smuggled}`,
			'chunks twice': `${post}Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n${smuggled}`,
			'a chunk whose size is none': `${post}Transfer-Encoding: chunked\r\n\r\nzz\r\n`,
			'a method that is none': `G?T /health HTTP/1.1\r\nHost: x\r\n\r\n`,
		})) {
			const answer = await say(port, bytes);
			expect(statusesOf(answer), `${what}: ${answer}`).toSatisfy(
				(statuses: string[]) =>
					statuses.length <= 1 && statuses.every(status => status === '400' || status === '415'),
			);
			expect(answer, what).not.toContain(served.practice);
		}

		await isUp(served);
	}, 30_000);

	test('with too many headers, too long ones, or too long an address are refused', async () => {
		const served = await aServedPractice({limits: quick});
		const {port} = served.service;
		const long = await say(port, `GET /health HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`);
		expect(statusesOf(long)).toEqual(['431']);
		const many = Array.from({length: 3000}, (_, index) => `X${index}: 1\r\n`).join('');
		expect(statusesOf(await say(port, `GET /health HTTP/1.1\r\nHost: x\r\n${many}\r\n`))).toEqual(['431']);
		const address = await say(port, `GET /${'a'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`);
		expect(statusesOf(address)).toEqual(['431']);
		await isUp(served);
	});

	test('ask for tunnels, other protocols or other hosts in vain', async () => {
		const served = await aServedPractice({limits: quick});
		const {port} = served.service;
		const ends = 'Host: x\r\nConnection: close\r\n';
		for (const request of [
			'CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n',
			`TRACE /health HTTP/1.1\r\n${ends}\r\n`,
			`GET http://169.254.169.254/latest HTTP/1.1\r\n${ends}\r\n`,
			`GET //example.com/v1/agent HTTP/1.1\r\n${ends}\r\n`,
			`GET /v1/agent/../../health HTTP/1.1\r\n${ends}\r\n`,
			`OPTIONS * HTTP/1.1\r\n${ends}\r\n`,
		]) {
			const answer = await say(port, request);
			expect(
				statusesOf(answer).every(status => ['400', '401', '404', '429'].includes(status!)),
				answer,
			).toBe(true);
		}

		const upgrade = await say(
			port,
			'GET /health HTTP/1.1\r\nHost: x\r\nConnection: close, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: eA==\r\n\r\n',
		);
		expect(statusesOf(upgrade)).toEqual(['200']);
		await isUp(served);
	});

	test('behind a proper request are another request, which has to show its own token', async () => {
		const served = await aServedPractice({limits: quick});
		const first = `GET /v1/agent HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${await served.tokenFor('read')}\r\n\r\n`;
		const second = 'GET /v1/agent HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
		expect(statusesOf(await say(served.service.port, first + second))).toEqual(['200', '401']);
	});
});

describe('who is slow on purpose', () => {
	test('with the headers, or with a body, loses the connection', async () => {
		const served = await aServedPractice({limits: quick});
		const {port} = served.service;
		const secret = await served.tokenFor('upgrade');
		const trickle = async (head: string, byte: string) => {
			const {socket, heard, ended} = await aLine(port);
			socket.write(head);
			const timer = setInterval(() => socket.write(byte), 50);
			await ended;
			clearInterval(timer);
			return heard();
		};
		const authorized = `Host: x\r\nAuthorization: Bearer ${secret}\r\n`;
		const answers = await Promise.all([
			trickle('GET /health HTTP/1.1\r\n', 'X: y\r\n'),
			trickle(
				`POST /v1/packages HTTP/1.1\r\n${authorized}Content-Type: application/json\r\nContent-Length: 5000\r\n\r\n`,
				' ',
			),
			trickle(
				`POST /v1/packages HTTP/1.1\r\n${authorized}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`,
				'1\r\n \r\n',
			),
			trickle('', ''),
		]);
		expect(answers.flatMap(statusesOf).every(status => ['400', '408'].includes(status!))).toBe(true);
		await isUp(served);
	});

	test('with an upload keeps what arrived, and loses the connection', async () => {
		const served = await aServedPractice({limits: quick});
		const token = await served.tokenFor('upload');
		const created = await served.ask('POST', '/v1/uploads', {
			token,
			headers: tusHeaders('ab'.repeat(32), 1_000_000),
		});
		const location = created.headers.get('location')!;
		const {socket, ended} = await aLine(served.service.port);
		socket.write(
			[
				`PATCH ${location} HTTP/1.1`,
				'Host: x',
				`Authorization: Bearer ${token}`,
				'Tus-Resumable: 1.0.0',
				'Upload-Offset: 0',
				'Content-Type: application/offset+octet-stream',
				'Content-Length: 1000000',
				'',
				'x'.repeat(1000),
			].join('\r\n'),
		);
		const timer = setInterval(() => socket.write('x'), 50);
		await ended;
		clearInterval(timer);
		await eventually(async () => {
			const {headers} = await served.ask('HEAD', location, {token, headers: {'tus-resumable': '1.0.0'}});
			return Number(headers.get('upload-offset')) >= 1000;
		});
		await isUp(served);
	});

	test('or in clear text where TLS is spoken, is not answered', async () => {
		const served = await aServedPractice({
			limits: quick,
			tls: await makeCertificate(['127.0.0.1'], Date.now()),
		});
		expect(await say(served.service.port, 'GET /health HTTP/1.1\r\nHost: x\r\n\r\n')).toBe('');
		const old = connectTls({
			port: served.service.port,
			host: '127.0.0.1',
			rejectUnauthorized: false,
			maxVersion: 'TLSv1.1',
			minVersion: 'TLSv1.1',
			ciphers: 'DEFAULT@SECLEVEL=0',
		});
		await expect(once(old, 'secureConnect')).rejects.toThrow(/protocol version|alert|unsupported/i);
		const {ended} = await aLine(served.service.port);
		await ended;
	});
});

describe('bodies', () => {
	test('that are too large, or unpack to what is, are refused', async () => {
		const {ask, practice} = await aServedPractice();
		const large = {name: 'x'.repeat(2_000_000), size: 1, sha256: 'ab'.repeat(32)};
		const headers = {'idempotency-key': randomBytes(16).toString('hex')};
		expect((await ask('POST', '/v1/packages', {body: large, headers})).status).toBe(413);
		const deep = '['.repeat(400_000);
		expect(
			(
				await ask('POST', '/v1/packages', {
					bytes: Buffer.from(deep),
					headers: {...headers, 'content-type': 'application/json'},
				})
			).status,
		).toBe(400);
		const packed = {...headers, 'content-type': 'application/json', 'content-encoding': 'gzip'};
		expect((await ask('POST', '/v1/packages', {bytes: Buffer.from('{}'), headers: packed})).status).toBe(415);
		expect((await ask('POST', '/v1/uploads', {headers: tusHeaders('ab'.repeat(32), 2 ** 50)})).status).toBe(
			413,
		);
		const uploads = join(practice, 'C', 'ProgramData', 'dms-upgrade', 'incoming', 'uploads');
		expect(await readdir(uploads)).toEqual([]);
	});

	test('of a kind that is not wanted there are refused unread', async () => {
		const served = await aServedPractice();
		const {port} = served.service;
		const secret = await served.tokenFor('upgrade');
		const answer = async (request: string, type: string) => {
			const {socket, heard} = await aLine(port);
			socket.write(
				[
					`${request} HTTP/1.1`,
					'Host: x',
					`Authorization: Bearer ${secret}`,
					`Idempotency-Key: ${randomBytes(16).toString('hex')}`,
					`Content-Type: ${type}`,
					'Content-Length: 100000000',
					'',
					'x',
				].join('\r\n'),
			);
			await eventually(() => statusesOf(heard()).length > 0);
			return statusesOf(heard());
		};
		const set = `PUT /v1/test-sets/${crypto.randomUUID()}/files/a.dll`;
		const forms = ['text/plain', 'application/xml', 'multipart/form-data; boundary=x'];
		for (const type of ['application/json', ...forms]) {
			expect(await answer(set, type), type).toEqual(['415']);
			expect(await answer('POST /v1/uploads', type), type).toEqual(['415']);
		}

		for (const path of ['dataminer/stop', 'dataminer/start', 'failover/switch-over', 'launches', 'lock']) {
			for (const type of ['application/octet-stream', 'application/offset+octet-stream', ...forms]) {
				expect(await answer(`POST /v1/${path}`, type), `${path} ${type}`).toEqual(['415']);
			}
		}

		expect(served.log()).not.toContain('"level":50');
	});

	test('are asked only of those who are let in', async () => {
		const served = await aServedPractice();
		const {id} = (await (await served.ask('POST', '/v1/test-sets')).json()) as {id: string};
		const ask = async (token: string) => {
			const line = await aLine(served.service.port);
			line.socket.write(
				[
					`PUT /v1/test-sets/${id}/files/a.dll HTTP/1.1`,
					'Host: x',
					`Authorization: Bearer ${token}`,
					'Expect: 100-continue',
					'Content-Type: application/octet-stream',
					'Content-Length: 5',
					'',
					'',
				].join('\r\n'),
			);
			await eventually(() => statusesOf(line.heard()).length > 0);
			return line;
		};
		expect(statusesOf((await ask('x'.repeat(40))).heard())).toEqual(['401']);
		const {socket, heard} = await ask(await served.tokenFor('upgrade'));
		expect(statusesOf(heard())).toEqual(['100']);
		socket.write('hello');
		await eventually(() => statusesOf(heard()).join() === '100,204');
	});

	test('that bring more than was said, or at another place, change nothing', async () => {
		const {ask} = await aServedPractice();
		const created = await ask('POST', '/v1/uploads', {headers: tusHeaders('ab'.repeat(32), 10)});
		const location = created.headers.get('location')!;
		const patch = (offset: string, text: string) =>
			ask('PATCH', location, {
				headers: {
					'tus-resumable': '1.0.0',
					'upload-offset': offset,
					'content-type': 'application/offset+octet-stream',
				},
				bytes: Buffer.from(text),
			});
		expect((await patch('5', 'hello')).status).toBe(409);
		expect((await patch('-1', 'hello')).status).toBe(400);
		expect((await patch('1e1', 'hello')).status).toBe(400);
		expect((await patch('0', 'x'.repeat(11))).status).toBe(413);
		const {headers} = await ask('HEAD', location, {headers: {'tus-resumable': '1.0.0'}});
		expect(Number(headers.get('upload-offset'))).toBeLessThanOrEqual(10);
		expect((await ask('DELETE', location, {headers: {'tus-resumable': '1.0.0'}})).status).toBe(204);
		expect((await ask('HEAD', location, {headers: {'tus-resumable': '1.0.0'}})).status).toBe(404);
	});

	test('that would write into objects of the program write nowhere', async () => {
		const {ask} = await aServedPractice();
		const bytes = Buffer.from('{"__proto__": {"polluted": true}, "name": "p", "size": 1, "sha256": "x"}');
		const headers = {'content-type': 'application/json', 'idempotency-key': randomBytes(16).toString('hex')};
		expect((await ask('POST', '/v1/packages', {bytes, headers})).status).toBe(400);
		expect(({} as {polluted?: boolean}).polluted).toBeUndefined();
	});
});
