import {once} from 'node:events';
import {mkdtemp, rm} from 'node:fs/promises';
import {type IncomingMessage, type RequestListener, createServer as createPlainServer} from 'node:http';
import {createServer as createTlsServer} from 'node:https';
import type {AddressInfo} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {describe, expect, onTestFinished, test} from 'vitest';
import {
	type AskCertificate,
	ServiceTrust,
} from '../../../../source/transport/http/client/certificate-trust.ts';
import {KnownCertificates} from '../../../../source/transport/http/client/known-certificates.ts';
import type {ServicePlace} from '../../../../source/transport/http/client/service-place.ts';
import {ServiceSockets} from '../../../../source/transport/http/client/service-sockets.ts';
import {makeCertificate} from '../../../../source/transport/http/service/make-certificate.ts';
import {WebServices} from '../../../../source/transport/http/web-api/web-services.ts';

const nobody = new ServiceTrust({known: new KnownCertificates('/nowhere/services.json')});

interface Listener {
	listen(port: number, host: string): unknown;
	closeAllConnections(): void;
	close(): unknown;
	address(): unknown;
}

async function portOf(server: Listener & NodeJS.EventEmitter): Promise<number> {
	server.listen(0, '127.0.0.1');
	onTestFinished(() => {
		server.closeAllConnections();
		server.close();
	});
	await once(server, 'listening');
	return (server.address() as AddressInfo).port;
}

function servicesOf(place: ServicePlace, trust: ServiceTrust, limitMs: number): WebServices {
	const sockets = new ServiceSockets(place, trust, {keepAlive: false});
	onTestFinished(() => sockets.destroy());
	return new WebServices({place, sockets, version: '0', limitMs});
}

async function servicesAt(handler: RequestListener, limitMs = 10_000): Promise<WebServices> {
	const port = await portOf(createPlainServer(handler));
	return servicesOf({address: '127.0.0.1', port, plain: true, isWebServer: true}, nobody, limitMs);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
	let text = '';
	for await (const chunk of request.setEncoding('utf8') as AsyncIterable<string>) {
		text += chunk;
	}

	return text;
}

/** Answers each method with what stands here, and keeps which ones were asked for. */
function aScript(answers: Record<string, (request: IncomingMessage) => readonly [number, string]>) {
	const asked: string[] = [];
	const handler: RequestListener = (request, response) => {
		const method = request.url?.split('/').at(-1) ?? '';
		asked.push(method);
		const [status, text] = answers[method]?.(request) ?? [200, '{"d": null}'];
		response.writeHead(status).end(text);
	};
	return {asked, handler};
}

const loggedIn = {ConnectApp: () => [200, '{"d": "connection"}'] as const};

describe('what answers in another way than DataMiner does', () => {
	test.each<[string, RequestListener, string]>([
		['has no such thing', (_, response) => void response.writeHead(404).end(), 'nothing at API/v1/Json.asmx'],
		['is no JSON', (_, response) => void response.end('<html>\u001b[31m</html>'), 'answered 200, in a way'],
		['has another shape', (_, response) => void response.end('{"d": {"a": 1}}'), 'answered 200, in a way'],
		['has no end', (_, response) => void response.end('x'.repeat(5 * 1024 * 1024)), 'has no end'],
		['never comes', () => undefined, 'no whole answer came within 0.3 s'],
		['breaks off', request => void request.socket.destroy(), 'the connection was lost'],
		[
			'comes drop by drop, so that it is never quiet and never whole',
			(_, response) => {
				const drops = setInterval(() => response.write(' '), 20);
				response.once('close', () => clearInterval(drops));
			},
			'no whole answer came within 0.3 s',
		],
	])('%s: it is said, and nobody waits for ever', async (_, handler, message) => {
		// Only what is to be too late has little time: a busy computer is no reason.
		const services = await servicesAt(handler, message.startsWith('no whole answer') ? 300 : 10_000);
		const listing = services.agents('me', 'secret');
		await expect(listing).rejects.toThrow(message);
		await expect(listing).rejects.toMatchObject({code: 'NO_WEB_API', exitCode: 5});
		await listing.catch((error: unknown) => expect(String(error)).not.toContain('\u001b'));
	});

	test.each([301, 302, 307, 308])('%i: the password does not follow to another place', async status => {
		const elsewhere: string[] = [];
		const other = await portOf(
			createPlainServer((request, response) => {
				elsewhere.push(request.url ?? '');
				response.end('{"d": "connection"}');
			}),
		);
		const services = await servicesAt((request, response) => {
			response.writeHead(status, {location: `http://127.0.0.1:${other}${request.url}`}).end();
		});
		expect((await services.gateway()).slNetVersion).toBeUndefined();
		await expect(services.agents('me', 'secret')).rejects.toThrow('a password is not taken there');
		expect(elsewhere).toEqual([]);
	});

	test('tells of Agents what it tells, and of what it does not tell, nothing is assumed', async () => {
		const {handler} = aScript({
			...loggedIn,
			GetDataMinerAgentsInfo: () => [
				200,
				JSON.stringify({
					d: [
						{
							ID: 1,
							Name: 'A\u001b[2J',
							PrimaryIP: '10.0.0.1',
							Cluster: 'C',
							Status: 'Running',
							IsFailOver: false,
						},
						{ID: 2, Name: null, PrimaryIP: '10.0.0.2'},
						{Name: 'without an ID'},
						'no Agent',
					],
				}),
			],
		});
		const services = await servicesAt(handler);
		expect(await services.agents('me', 'secret')).toEqual({
			agents: [
				{
					dataMinerId: 1,
					name: 'A\\x1b[2J',
					primaryAddress: '10.0.0.1',
					cluster: 'C',
					status: 'Running',
					failover: false,
				},
				{
					dataMinerId: 2,
					name: '',
					primaryAddress: '10.0.0.2',
					cluster: '',
					status: 'Unknown',
					failover: undefined,
				},
			],
			unread: 2,
		});
	});
});

describe('a login', () => {
	test('is given back after a failure too', async () => {
		const {asked, handler} = aScript({
			...loggedIn,
			GetDataMinerAgentsInfo: () => [500, '{"Message": "No.\\u001b[2J"}'],
		});
		const services = await servicesAt(handler);
		await expect(services.agents('me', 'secret')).rejects.toThrow('refused: No.\\x1b[2J');
		expect(asked).toEqual(['ConnectApp', 'GetDataMinerAgentsInfo', 'LogOut']);
	});

	test('is given back when it is not wanted any more', async () => {
		const leaving = new AbortController();
		const asked: string[] = [];
		const services = await servicesAt((request, response) => {
			const method = request.url?.split('/').at(-1) ?? '';
			asked.push(method);
			if (method === 'GetDataMinerAgentsInfo') {
				leaving.abort();
			} else {
				response.end('{"d": "connection"}');
			}
		});
		await expect(services.agents('me', 'secret', leaving.signal)).rejects.toThrow('aborted');
		expect(asked).toEqual(['ConnectApp', 'GetDataMinerAgentsInfo', 'LogOut']);
	});

	test('that is forgotten meanwhile is made once more, and not for ever', async () => {
		const {asked, handler} = aScript({
			...loggedIn,
			GetDataMinerAgentsInfo: () => [500, '{"Message": "No connection available"}'],
		});
		const services = await servicesAt(handler);
		await expect(services.agents('me', 'secret')).rejects.toMatchObject({code: 'WEB_API_REFUSED'});
		const once = ['ConnectApp', 'GetDataMinerAgentsInfo', 'LogOut'];
		expect(asked).toEqual([...once, ...once]);
	});

	test('sends all that is documented, below no other name', async () => {
		let sent: unknown;
		const services = await servicesAt((request, response) => {
			void bodyOf(request).then(text => {
				sent ??= JSON.parse(text);
				response.writeHead(500).end('{"Message": "No."}');
			});
		});
		await expect(services.agents('CORP\\edith', 'sécret')).rejects.toThrow('No.');
		expect(sent).toEqual({
			host: '',
			login: 'CORP\\edith',
			password: 'sécret',
			clientAppName: 'dms-upgrade',
			clientAppVersion: '0',
			clientComputerName: expect.any(String) as string,
		});
	});
});

describe('APIGateway', () => {
	test.each([
		[200, '[{"Name": "SLNet", "Version": "10.5.12"}]', '10.5.12', 'knows SLNet 10.5.12'],
		[200, '[{"Name": "SLNet", "Version": null}]', undefined, 'tells no version of SLNet (200)'],
		[200, '{"a": 1}', undefined, 'tells no version of SLNet (200)'],
		[200, '<html>', undefined, 'tells no version of SLNet (200)'],
		[404, '', undefined, 'does not run there, or IIS has bindings for other names'],
		[503, '', undefined, 'tells no version of SLNet (503)'],
	])('that answers %i and %j', async (status, text, version, said) => {
		const services = await servicesAt((_, response) => void response.writeHead(status).end(text));
		const answer = await services.gateway();
		expect(answer.slNetVersion).toBe(version);
		expect(answer.said).toContain(said);
	});

	test('through a proxy that is none, says what to do about the proxy', async () => {
		const before = process.env['HTTPS_PROXY'];
		process.env['HTTPS_PROXY'] = 'ftp://proxy.example';
		onTestFinished(() => {
			if (before === undefined) {
				delete process.env['HTTPS_PROXY'];
			} else {
				process.env['HTTPS_PROXY'] = before;
			}
		});
		const place = {address: 'dma.example', port: 443, plain: false, isWebServer: true};
		await expect(servicesOf(place, nobody, 1000).gateway()).rejects.toMatchObject({
			code: 'UNREACHABLE',
			nextSteps: expect.arrayContaining([expect.stringContaining('Check HTTPS_PROXY')]) as string[],
		});
	});

	test('that does not answer hinders nobody; a web server that is not there does', async () => {
		const silent = await servicesAt(() => undefined, 200);
		expect(await silent.gateway()).toEqual({said: 'APIGateway there does not answer'});
		const closed = createPlainServer();
		const port = await portOf(closed);
		closed.close();
		const gone = servicesOf({address: '127.0.0.1', port, plain: true}, nobody, 200);
		await expect(gone.gateway()).rejects.toMatchObject({
			code: 'UNREACHABLE',
			exitCode: 5,
			message: expect.stringContaining('nothing listens there') as string,
			nextSteps: expect.arrayContaining([expect.stringContaining('IIS (the service W3SVC)')]) as string[],
		});
	});
});

describe('the certificate of the web server', () => {
	async function aTlsServer() {
		const asked: string[] = [];
		const {key, certificate, fingerprint} = await makeCertificate(['127.0.0.1'], Date.now());
		const port = await portOf(
			createTlsServer({key, cert: certificate}, (request, response) => {
				asked.push(request.url?.split('/').at(-1) ?? '');
				response.end(request.url?.endsWith('GetDataMinerAgentsInfo') ? '{"d": []}' : '{"d": "connection"}');
			}),
		);
		return {asked, port, fingerprint};
	}

	async function aPerson(answer: AskCertificate) {
		const folder = await mkdtemp(join(tmpdir(), 'dms-upgrade-test-'));
		onTestFinished(() => rm(folder, {recursive: true}));
		const known = new KnownCertificates(join(folder, 'services.json'));
		const questions: string[] = [];
		const ask: AskCertificate = (place, fingerprint) => {
			questions.push(fingerprint);
			return answer(place, fingerprint);
		};
		return {questions, known, trust: () => new ServiceTrust({known, ask})};
	}

	const at = (port: number) => ({address: '127.0.0.1', port, plain: false, isWebServer: true});

	test('is asked about once, for as long as a person takes, and remembered', async () => {
		const {port, fingerprint} = await aTlsServer();
		const {questions, trust} = await aPerson(async () => {
			// Longer than any answer may take.
			await sleep(1600);
			return true;
		});
		const first = servicesOf(at(port), trust(), 1500);
		expect(await first.gateway()).toEqual({said: 'APIGateway there tells no version of SLNet (200)'});
		expect(await first.agents('me', 'secret')).toEqual({agents: [], unread: 0});
		await servicesOf(at(port), trust(), 1500).agents('me', 'secret');
		expect(questions).toEqual([fingerprint]);
	});

	test('that is not trusted, or is another one than before, sees no password', async () => {
		const {asked, port} = await aTlsServer();
		const {known, trust} = await aPerson(() => Promise.resolve(false));
		const declined = servicesOf(at(port), trust(), 1500).agents('me', 'secret');
		await expect(declined).rejects.toMatchObject({code: 'CERTIFICATE_UNKNOWN', exitCode: 5});
		await expect(declined).rejects.toThrow('the web server on 127.0.0.1');
		await declined.catch((error: unknown) =>
			expect((error as {nextSteps: string[]}).nextSteps.join(' ')).toContain('IIS'),
		);
		await known.add(at(port), Array.from({length: 32}, () => 'AB').join(':'));
		const changed = servicesOf(at(port), trust(), 1500).agents('me', 'secret');
		await expect(changed).rejects.toMatchObject({code: 'CERTIFICATE_CHANGED', exitCode: 5});
		expect(asked).toEqual([]);
	});
});

test('plain HTTP to another computer is refused before anything is sent', () => {
	const place = {address: '192.0.2.1', port: 80, plain: true, isWebServer: true};
	expect(() => servicesOf(place, nobody, 300)).toThrow('plain HTTP would show the password');
});
