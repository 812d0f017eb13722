import {chmod, mkdtemp, readFile, rm, stat, writeFile} from 'node:fs/promises';
import {createServer as createHttpServer} from 'node:http';
import {type AddressInfo, connect, createServer} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, afterEach, beforeAll, describe, expect, test, vi} from 'vitest';
import {UnreachableError} from '../../../../source/agent/machine-errors.ts';
import {
	type CertificateTrustOptions,
	ServiceTrust,
} from '../../../../source/transport/http/client/certificate-trust.ts';
import {KnownCertificates} from '../../../../source/transport/http/client/known-certificates.ts';
import {
	CertificateChangedError,
	CertificateUnknownError,
	NotOurServiceError,
	PlainServiceRefusedError,
} from '../../../../source/transport/http/client/service-errors.ts';
import type {ServicePlace} from '../../../../source/transport/http/client/service-place.ts';
import {tokenIn} from '../../../../source/transport/http/client/service-token.ts';
import {aServedAgent} from '../../../support/a-served-agent.ts';
import {type ServiceForTest, aService, aServiceClient} from '../../../support/an-http-service.ts';

let service: ServiceForTest;
let token: string;
let folder: string;
let asked: number;
/** Requests that reached the Agent. */
let requests = 0;
const cleanUp: (() => unknown)[] = [];

beforeAll(async () => {
	service = await aService(
		aServedAgent({
			status() {
				requests += 1;
				return Promise.resolve({state: 'Running'});
			},
		}),
	);
	token = await service.tokenFor('read');
	folder = await mkdtemp(join(tmpdir(), 'dms-upgrade-trust-'));
});
afterEach(async () => {
	vi.unstubAllEnvs();
	for (const undo of cleanUp.splice(0)) {
		await undo();
	}
});
afterAll(async () => {
	await service.stop();
	await rm(folder, {recursive: true});
});

async function status(place: ServicePlace, options: Partial<CertificateTrustOptions> = {}): Promise<string> {
	requests = 0;
	asked = 0;
	const trust = new ServiceTrust({known: new KnownCertificates(join(folder, 'none.json')), ...options});
	const client = aServiceClient(place, token, 'DMA-01', {trust});
	cleanUp.push(() => client.close());
	const response = await client.open({
		method: 'GET',
		path: '/v1/status',
		during: 'testing',
		idempotent: true,
	});
	response.resume();
	return response.headers['content-type'] ?? '';
}

const answering = (answer: boolean) => () => {
	asked += 1;
	return Promise.resolve(answer);
};

/** Without what is known of its certificate. */
function unknown(): ServicePlace {
	const {address, port, plain} = service.place;
	return {address, port, plain};
}

describe('the certificate of a service', () => {
	test('is the right one when it is the one of the file of clusters', async () => {
		expect(await status(service.place)).toContain('json');
		expect(requests).toBe(1);
	});

	test('that is another one than the file of clusters says is refused, and nothing is sent', async () => {
		const place = {...service.place, certificate: 'AB:'.repeat(31) + 'AB'};
		await expect(status(place, {ask: answering(true), acceptNew: true})).rejects.toThrow(
			CertificateChangedError,
		);
		expect([requests, asked]).toEqual([0, 0]);
		await expect(status(place)).rejects.toMatchObject({code: 'CERTIFICATE_CHANGED', exitCode: 5});
	});

	test('that nobody knows is refused where nobody can be asked, and nothing is sent', async () => {
		await expect(status(unknown())).rejects.toThrow(CertificateUnknownError);
		await expect(status(unknown())).rejects.toMatchObject({
			exitCode: 5,
			message: expect.stringContaining(service.place.certificate ?? 'none') as string,
		});
		expect(requests).toBe(0);
	});

	test('is asked about once, and remembered in a file that only its user can read', async () => {
		const known = new KnownCertificates(join(folder, 'sub', 'services.json'));
		const trust = new ServiceTrust({known, ask: answering(true)});
		asked = 0;
		const client = aServiceClient(unknown(), token, 'DMA-01', {trust});
		cleanUp.push(() => client.close());
		const request = {method: 'GET', path: '/v1/status', during: 'testing', idempotent: true} as const;
		const responses = await Promise.all(Array.from({length: 5}, () => client.open(request)));
		responses.forEach(response => response.resume());
		expect(asked).toBe(1);
		expect((await stat(known.file)).mode & 0o777).toBe(0o600);
		expect(await readFile(known.file, 'utf8')).toContain(service.place.certificate);
		await status(unknown(), {known, ask: answering(false)});
		expect(asked).toBe(0);
	});

	test('that somebody does not want to accept is refused, and not asked about again', async () => {
		const trust = new ServiceTrust({
			known: new KnownCertificates(join(folder, 'declined.json')),
			ask: answering(false),
		});
		asked = 0;
		const client = aServiceClient(unknown(), token, 'DMA-01', {trust});
		cleanUp.push(() => client.close());
		const request = {method: 'GET', path: '/v1/status', during: 'testing', idempotent: true} as const;
		await expect(client.open(request)).rejects.toThrow(CertificateUnknownError);
		await expect(client.open(request)).rejects.toThrow(CertificateUnknownError);
		expect(asked).toBe(1);
	});

	test('that is another one than was accepted is refused, whoever would accept it', async () => {
		const known = new KnownCertificates(join(folder, 'changed.json'));
		await known.add(unknown(), 'CD:'.repeat(31) + 'CD');
		const refused = status(unknown(), {known, ask: answering(true), acceptNew: true});
		await expect(refused).rejects.toMatchObject({
			code: 'CERTIFICATE_CHANGED',
			nextSteps: expect.arrayContaining([expect.stringContaining(known.file)]) as string[],
		});
		expect([requests, asked]).toEqual([0, 0]);
	});

	test('a file of accepted ones that is damaged is no reason to accept anything', async () => {
		const file = join(folder, 'damaged.json');
		await writeFile(file, '{"services": {"127.0.0.1:1": "everything"}}');
		const refused = status(unknown(), {known: new KnownCertificates(file), acceptNew: true});
		await expect(refused).rejects.toMatchObject({code: 'KNOWN_SERVICES_UNUSABLE'});
		expect(await readFile(file, 'utf8')).toContain('everything');
	});
});

describe('the way to a service', () => {
	test('without TLS leads nowhere but to this computer', async () => {
		const place = {address: '192.0.2.1', port: 80, plain: true};
		await expect(status(place)).rejects.toThrow(PlainServiceRefusedError);
	});

	test('where nothing listens is said to be unreachable', async () => {
		const free = createServer();
		await new Promise<void>(resolve => free.listen(0, '127.0.0.1', resolve));
		const {port} = free.address() as AddressInfo;
		await new Promise(resolve => free.close(resolve));
		await expect(status({...service.place, port})).rejects.toThrow(UnreachableError);
	});

	test('where something else answers is said to be none', async () => {
		const other = createHttpServer((_request, response) => response.end('<html>Welcome</html>'));
		await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve));
		cleanUp.push(() => other.close());
		const {port} = other.address() as AddressInfo;
		await expect(status({...service.place, port})).rejects.toMatchObject({
			message: expect.stringContaining('does not speak TLS') as string,
		});
		const client = aServiceClient({address: '127.0.0.1', port, plain: true}, token);
		cleanUp.push(() => client.close());
		await expect(
			client.ask(
				{method: 'GET', path: '/v1/status', during: 'testing', idempotent: true},
				(await import('zod')).object({}),
			),
		).rejects.toThrow(NotOurServiceError);
	});

	test('goes through the proxy that the environment names, unless NO_PROXY excepts it', async () => {
		const seen: string[] = [];
		const proxy = createHttpServer();
		proxy.on('connect', ({url = '', headers}, client) => {
			seen.push(`${url} ${headers['proxy-authorization'] ?? 'nobody'}`);
			if (headers['proxy-authorization'] === undefined) {
				client.end('HTTP/1.1 407 Who are you\r\n\r\n');
				return;
			}

			const server = connect(Number(url.split(':')[1]), '127.0.0.1', () => {
				client.write('HTTP/1.1 200 Go on\r\n\r\n');
				server.pipe(client).pipe(server);
			});
			server.on('error', () => client.destroy());
			client.on('error', () => server.destroy());
		});
		await new Promise<void>(resolve => proxy.listen(0, '127.0.0.1', resolve));
		cleanUp.push(() => proxy.close());
		const at = `127.0.0.1:${(proxy.address() as AddressInfo).port}`;
		const target = `127.0.0.1:${service.place.port}`;

		vi.stubEnv('HTTPS_PROXY', `http://edith:s%C3%A9cret@${at}`);
		expect(await status(service.place)).toContain('json');
		expect(seen).toEqual([`${target} Basic ${Buffer.from('edith:sécret').toString('base64')}`]);

		vi.stubEnv('HTTPS_PROXY', `http://${at}`);
		await expect(status(service.place)).rejects.toMatchObject({
			code: 'UNREACHABLE',
			message: expect.stringContaining('wants a login') as string,
			nextSteps: [
				expect.stringContaining('HTTPS_PROXY') as string,
				expect.stringContaining('NO_PROXY') as string,
			],
		});

		vi.stubEnv('NO_PROXY', '127.0.0.1');
		expect(await status(service.place)).toContain('json');
		expect(seen).toHaveLength(2);
	});
});

describe('the token for a service', () => {
	test('stands in a file that only its user can read', async () => {
		const file = join(folder, 'token');
		await writeFile(file, `${token}\n`, {mode: 0o600});
		expect(await tokenIn(file, 'DMA-01')).toBe(token);
		await chmod(file, 0o644);
		await expect(tokenIn(file, 'DMA-01')).rejects.toMatchObject({
			code: 'TOKEN_MISSING',
			message: expect.stringContaining('chmod 600') as string,
		});
	});

	test.each([
		['that is not there', undefined],
		['that is empty', ''],
		['that holds something else', 'Bearer hello there\r\nX-Evil: yes'],
	])('in a file %s is missing', async (_, content) => {
		const file = join(folder, 'no-token');
		await rm(file, {force: true});
		if (content !== undefined) {
			await writeFile(file, content, {mode: 0o600});
		}

		await expect(tokenIn(file, 'DMA-01')).rejects.toMatchObject({code: 'TOKEN_MISSING', exitCode: 5});
	});
});
