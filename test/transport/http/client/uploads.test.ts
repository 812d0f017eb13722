import {createHash, randomBytes} from 'node:crypto';
import {mkdtemp, readFile, readdir, rm, writeFile} from 'node:fs/promises';
import {createServer, request} from 'node:http';
import type {AddressInfo} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {type AgentConnection, AgentError, type LocalPackage} from '../../../../source/agent/connection.ts';
import {LocalFileError} from '../../../../source/agent/local-file-error.ts';
import {ConnectionLostError, UploadStalledError} from '../../../../source/agent/machine-errors.ts';
import type {ServedAgent} from '../../../../source/transport/http/service/served-agent.ts';
import {aServedAgent} from '../../../support/a-served-agent.ts';
import {type ServiceForTest, aService, anHttpAgent} from '../../../support/an-http-service.ts';
import {type TcpProxy, startTcpProxy} from '../../../support/tcp-proxy.ts';

const MiB = 1024 * 1024;
const size = 12 * MiB;

let folder: string;
let file: LocalPackage;
const cleanUp: (() => Promise<unknown>)[] = [];
beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), 'dms-upgrade-uploads-'));
	cleanUp.push(() => rm(folder, {recursive: true}));
	const bytes = randomBytes(size);
	const path = join(folder, 'a package.dmupgrade');
	await writeFile(path, bytes);
	file = {
		path,
		name: 'a package.dmupgrade',
		size,
		sha256: createHash('sha256').update(bytes).digest('hex'),
	};
});
afterEach(async () => {
	for (const undo of cleanUp.splice(0).reverse()) {
		await undo();
	}
});

/** An Agent that takes what has arrived when it is the package, and keeps its hash. */
function takingPackages(): {agent: ServedAgent; taken: string[]} {
	const taken: string[] = [];
	const agent = aServedAgent({
		findPackage: () => Promise.resolve(undefined),
		async stagePackage({path, sha256}) {
			const hash = createHash('sha256')
				.update(await readFile(path))
				.digest('hex');
			if (hash !== sha256) {
				throw new AgentError('DMA-01', 'SHA_MISMATCH', 'It is another one.', []);
			}

			taken.push(hash);
			return {path: 'C:\\taken', alreadyThere: false};
		},
	});
	return {agent, taken};
}

interface Reached {
	readonly connection: AgentConnection;
	readonly line: TcpProxy;
	readonly service: ServiceForTest;
	readonly taken: readonly string[];
}

async function reached(log?: {write: (line: string) => void}): Promise<Reached> {
	const {agent, taken} = takingPackages();
	const service = await aService(agent, {tls: undefined, log});
	const line = await startTcpProxy(service.place.port);
	const connection = anHttpAgent({...service.place, port: line.port}, await service.tokenFor('upgrade'));
	cleanUp.push(
		() => service.stop(),
		() => line.stop(),
		() => connection.close(),
	);
	return {connection, line, service, taken};
}

/** Collects what the service logs, and counts the requests that brought a part of a package. */
function countingParts() {
	let parts = 0;
	return {
		log: {
			write(line: string) {
				const {req} = JSON.parse(line) as {req?: {method: string}};
				parts += req?.method === 'PATCH' ? 1 : 0;
			},
		},
		parts: () => parts,
	};
}

/** Passes requests on as a proxy does that knows nothing of hints, and drops them. */
async function aProxyWithoutHints(target: number): Promise<number> {
	const proxy = createServer((incoming, answer) => {
		const {method, url, headers} = incoming;
		const call = request({host: '127.0.0.1', port: target, method, path: url, headers}, response => {
			answer.writeHead(response.statusCode ?? 502, response.headers);
			response.pipe(answer);
		});
		call.on('error', () => answer.destroy());
		incoming.pipe(call);
	});
	await new Promise<void>(resolve => void proxy.listen(0, '127.0.0.1', resolve));
	cleanUp.push(
		() =>
			new Promise<void>(resolve => {
				proxy.close(() => resolve());
				proxy.closeAllConnections();
			}),
	);
	return (proxy.address() as AddressInfo).port;
}

/** Begins an upload of `bytes` and sends all of it in one request; answers what it was told meanwhile. */
async function toldWhileSending(
	{place, tokenFor}: ServiceForTest,
	bytes: Buffer,
	asking: Readonly<Record<string, string>>,
): Promise<readonly number[]> {
	const headers = {
		authorization: `Bearer ${await tokenFor('upload')}`,
		'tus-resumable': '1.0.0',
	};
	const metadata = Object.entries({
		filename: 'a package.dmupgrade',
		sha256: createHash('sha256').update(bytes).digest('hex'),
	}).map(([name, value]) => `${name} ${Buffer.from(value).toString('base64')}`);
	const service = `http://127.0.0.1:${place.port}`;
	const created = await fetch(`${service}/v1/uploads`, {
		method: 'POST',
		headers: {...headers, 'upload-length': String(bytes.length), 'upload-metadata': metadata.join(',')},
	});
	const told: number[] = [];
	await new Promise<void>((resolve, reject) => {
		const call = request(new URL(created.headers.get('location') ?? '', service), {
			method: 'PATCH',
			headers: {
				...headers,
				...asking,
				'upload-offset': '0',
				'content-type': 'application/offset+octet-stream',
				'content-length': bytes.length,
			},
		});
		call.on('information', ({headers: hint}) => told.push(Number(hint['upload-offset'])));
		call.on('error', reject);
		call.on('response', response => {
			expect(response.statusCode).toBe(204);
			response.resume().on('end', resolve);
		});
		call.end(bytes);
	});
	return told;
}

describe('an upload over HTTP', () => {
	test('goes in one request once the service has told what it stored', async () => {
		const {log, parts} = countingParts();
		const {connection, taken} = await reached(log);
		await connection.stagePackage(file, {stallMs: 20_000});
		expect(parts()).toBe(2);
		expect(taken).toEqual([file.sha256]);
	});

	test('goes in requests of 1 MiB where a proxy keeps that to itself', async () => {
		const {log, parts} = countingParts();
		const {service, taken} = await reached(log);
		const port = await aProxyWithoutHints(service.place.port);
		const connection = anHttpAgent({...service.place, port}, await service.tokenFor('upgrade'));
		cleanUp.push(() => connection.close());
		await connection.stagePackage(file, {stallMs: 20_000});
		expect(parts()).toBe(size / MiB);
		expect(taken).toEqual([file.sha256]);
	});

	test('is told what was stored, for each 128 KiB at most, and only where it asks for that', async () => {
		const {service} = await reached();
		const told = await toldWhileSending(service, randomBytes(4 * MiB), {'upload-tell-stored': '1'});
		expect(told.length).toBeGreaterThan(2);
		const steps = told.slice(1).map((bytes, index) => bytes - (told[index] ?? 0));
		expect(Math.min(...steps)).toBeGreaterThanOrEqual(128 * 1024);
		expect(told.at(-1)).toBeLessThanOrEqual(4 * MiB);
		expect(await toldWhileSending(service, randomBytes(4 * MiB), {})).toEqual([]);
	});

	test.each([0.1, 0.5, 0.9])(
		'that is cut at %d of it goes on there, and sends at most 1 MiB again',
		async part => {
			const {connection, line, taken} = await reached();
			line.cutAfter(part * size);
			await expect(connection.stagePackage(file, {stallMs: 20_000})).rejects.toThrow(ConnectionLostError);
			const progress: number[] = [];
			await connection.stagePackage(file, {stallMs: 20_000, onProgress: bytes => progress.push(bytes)});
			expect(taken).toEqual([file.sha256]);
			expect(progress[0]).toBeGreaterThan(part * size - MiB);
			// Besides the bytes of the package there are the heads of a few requests.
			expect(line.bytesToServer).toBeLessThan(size + MiB + 64 * 1024);
		},
	);

	test.each([0.1, 0.5, 0.9])('whose service ends at %d of it goes on with the next one', async part => {
		const {agent, taken} = takingPackages();
		const first = await aService(agent, {tls: undefined});
		cleanUp.push(() => first.stop());
		const token = await first.tokenFor('upgrade');
		const connection = anHttpAgent(first.place, token);
		cleanUp.push(() => connection.close());
		let stopping: Promise<void> | undefined;
		const uploading = connection.stagePackage(file, {
			stallMs: 20_000,
			onProgress(bytes) {
				if (bytes >= part * size) {
					stopping ??= first.service.stop();
				}
			},
		});
		await expect(uploading).rejects.toThrow(ConnectionLostError);
		await stopping;
		const next = await aService(agent, {tls: undefined, folder: first.folder, tokens: first.tokens});
		cleanUp.push(() => next.service.stop());
		const again = anHttpAgent(next.place, token);
		cleanUp.push(() => again.close());
		const progress: number[] = [];
		await again.stagePackage(file, {stallMs: 20_000, onProgress: bytes => progress.push(bytes)});
		expect(taken).toEqual([file.sha256]);
		// What was on its way, in the buffers of both ends, had not arrived.
		expect(progress[0]).toBeGreaterThan(0);
		expect(await readdir(join(first.folder, 'uploads'))).toEqual([]);
	});

	test('goes as fast as it may, and waiting for that is no stall', async () => {
		const {connection, taken} = await reached();
		let asked = 0;
		await connection.stagePackage(file, {
			stallMs: 400,
			async pace(bytes) {
				expect(bytes).toBeLessThanOrEqual(64 * 1024);
				asked += bytes;
				if (asked === bytes) {
					await new Promise(resolve => {
						setTimeout(resolve, 800);
					});
				}
			},
		});
		expect(asked).toBe(size);
		expect(taken).toEqual([file.sha256]);
	});

	test('is given up when no byte moves any more', async () => {
		const {connection, line} = await reached();
		line.silenceAfter(MiB);
		await expect(connection.stagePackage(file, {stallMs: 400})).rejects.toThrow(UploadStalledError);
	});

	test('of a file that is gone says so, and harms nothing else', async () => {
		const {connection, taken} = await reached();
		const gone = {...file, path: join(folder, 'gone.dmupgrade')};
		await expect(connection.stagePackage(gone, {stallMs: 20_000})).rejects.toThrow(LocalFileError);
		await connection.stagePackage(file, {stallMs: 20_000});
		expect(taken).toEqual([file.sha256]);
	});

	test('of a test that is gone says so, too', async () => {
		const {connection} = await reached();
		const tests = {folder: join(folder, 'no tests'), checks: [], executor: false, packageSha256: file.sha256};
		await expect(connection.runPrerequisites(tests, {timeoutMs: 1000})).rejects.toThrow('no tests');
	});
});
