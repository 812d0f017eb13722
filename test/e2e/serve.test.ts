import {createHash, randomBytes} from 'node:crypto';
import {mkdir, mkdtemp, readFile, readdir, rm, writeFile} from 'node:fs/promises';
import {createServer} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {describe, expect, onTestFinished, test} from 'vitest';
import * as z from 'zod';
import type {AgentConnection, LocalPackage} from '../../source/agent/connection.ts';
import {ConnectionLostError} from '../../source/agent/machine-errors.ts';
import {defaultUpgradeOptions} from '../../source/domain/upgrade-options.ts';
import {aLab, untilEvent} from '../support/a-lab.ts';
import {aPracticeFolder} from '../support/a-served-practice.ts';
import {type ServeProcess, aServeProcess, aToken, refusedToServe} from '../support/a-serve-process.ts';
import {aServiceClient, anHttpAgent} from '../support/an-http-service.ts';
import {runProgram} from '../support/run-program.ts';
import {practiceOf} from '../support/stand-in-programs.ts';
import {startTcpProxy} from '../support/tcp-proxy.ts';

const MiB = 1024 * 1024;

function reached({place}: ServeProcess, token: string, port = place.port): AgentConnection {
	const connection = anHttpAgent({...place, port}, token);
	onTestFinished(() => connection.close());
	return connection;
}

async function askWho({place}: ServeProcess, token: string): Promise<void> {
	const client = aServiceClient(place, token);
	onTestFinished(() => client.close());
	await client.ask({method: 'GET', path: '/v1/agent', during: 'asking', idempotent: true}, z.object({}));
}

async function aFolder(): Promise<string> {
	const folder = await mkdtemp(join(tmpdir(), 'dms-upgrade-serve-'));
	onTestFinished(() => rm(folder, {recursive: true}));
	return folder;
}

async function aPackageOf(size: number): Promise<LocalPackage> {
	const bytes = randomBytes(size);
	const path = join(await aFolder(), 'a package.dmupgrade');
	await writeFile(path, bytes);
	return {
		path,
		name: 'a package.dmupgrade',
		size,
		sha256: createHash('sha256').update(bytes).digest('hex'),
	};
}

describe('the service as a program', () => {
	test('keeps its certificate and its tokens from one start to the next, and tells no secret in its log', async () => {
		const practice = await aPracticeFolder();
		const token = await aToken(practice, 'read');
		const first = await aServeProcess(practice);
		await askWho(first, token);
		expect(await first.end('SIGTERM')).toBe(0);
		const second = await aServeProcess(practice);
		expect(second.fingerprint).toBe(first.fingerprint);
		await askWho(second, token);
		expect(await second.end('SIGINT')).toBe(0);
		const log = [...first.log(), ...second.log()];
		expect(log.length).toBeGreaterThan(3);
		for (const line of log) {
			expect(JSON.parse(line)).toMatchObject({level: expect.any(Number) as number});
			expect(line).not.toContain(token.slice(5));
		}
	});

	test('lets nobody in whose token was revoked beside it', async () => {
		const practice = await aPracticeFolder();
		const service = await aServeProcess(practice, '--plain-http');
		const token = await aToken(practice, 'read');
		const ask = async () =>
			(await fetch(`${service.url}/v1/agent`, {headers: {authorization: `Bearer ${token}`}})).status;
		expect(await ask()).toBe(200);
		const [known] = (await runProgram(['serve', 'tokens', '--practice', practice, '--json'])).stdout.split(
			'\n',
		);
		const {id} = JSON.parse(known ?? '') as {id: string};
		expect((await runProgram(['serve', 'revoke', id, '--practice', practice])).exitCode).toBe(0);
		expect(await ask()).toBe(401);
	});

	test('told to end, it ends the streams that it has, and what is sent then is not lost', async () => {
		const practice = await aPracticeFolder();
		const token = await aToken(practice, 'upgrade');
		const service = await aServeProcess(practice);
		const connection = reached(service, token);
		const file = await aPackageOf(8 * MiB);
		let ending: Promise<number | null> | undefined;
		const uploading = connection.stagePackage(file, {
			stallMs: 20_000,
			onProgress(bytes) {
				if (bytes > 2 * MiB) {
					ending ??= service.end('SIGTERM');
				}
			},
		});
		const reference = JSON.stringify({run: 'r', package: 'p', foldersBefore: [], expected: true});
		const stop = new AbortController();
		const lines = connection.followProgress({reference}, {offset: 0, pollMs: 20, signal: stop.signal});
		const following = lines[Symbol.asyncIterator]().next();
		const lost = [uploading, following].map(each => expect(each).rejects.toThrow(ConnectionLostError));
		await Promise.all(lost);
		expect(await ending).toBe(0);
		stop.abort();
		const progress: number[] = [];
		await reached(await aServeProcess(practice), token).stagePackage(file, {
			stallMs: 20_000,
			onProgress: bytes => progress.push(bytes),
		});
		expect(progress[0]).toBeGreaterThan(MiB);
	});

	test('does not start where it cannot do its work, and says why', async () => {
		const practice = await aPracticeFolder();
		const busy = createServer();
		await new Promise<void>(resolve => void busy.listen(0, '127.0.0.1', resolve));
		onTestFinished(() => void busy.close());
		const {port} = busy.address() as {port: number};
		const other = await aPracticeFolder();
		await aServeProcess(other);
		await (await aServeProcess(practice)).end('SIGTERM');
		const certificate = ['--certificate', join(other, 'service', 'service-certificate.pem')];
		const key = join(practice, 'key.pem');
		await writeFile(key, 'no key', {mode: 0o600});
		await writeFile(join(practice, 'file'), '');
		const served = ['--practice', practice];
		const refused = await Promise.all(
			[
				[],
				['--practice', join(practice, 'nowhere')],
				[...served, '--host', '0.0.0.0', '--plain-http'],
				[...served, '--port', String(port)],
				[...served, '--host', '192.0.2.1', '--port', '0'],
				[...served, '--folder', join(practice, 'file')],
				[...served, ...certificate, '--key', key],
				[...served, ...certificate, '--key', join(practice, 'nothing.pem')],
				[...served, '--log', practice],
			].map(args => refusedToServe(...args)),
		);
		expect(refused.map(({exitCode, code}) => `${exitCode} ${code}`)).toEqual([
			'1 NOT_WINDOWS',
			'1 NO_PRACTICE_DRIVE',
			'1 PLAIN_HTTP_REFUSED',
			'1 CANNOT_LISTEN',
			'1 CANNOT_LISTEN',
			'1 SERVICE_FOLDER',
			'1 CERTIFICATE_UNUSABLE',
			'1 CERTIFICATE_UNUSABLE',
			'1 LOG_FILE',
		]);
		expect(refused.map(({stdout}) => stdout).join('')).toBe('');
	});
});

describe('a service that is killed', () => {
	test.each([0.1, 0.5, 0.9])(
		'at %d of an upload goes on there when it is started again, with at most 1 MiB sent again',
		async part => {
			const practice = await aPracticeFolder();
			const token = await aToken(practice, 'upload');
			const file = await aPackageOf(12 * MiB);
			const first = await aServeProcess(practice);
			const line = await startTcpProxy(first.place.port);
			onTestFinished(() => line.stop());
			let killed = 0;
			const uploading = reached(first, token, line.port).stagePackage(file, {
				stallMs: 20_000,
				onProgress(bytes) {
					if (killed === 0 && bytes >= part * file.size) {
						first.kill('SIGKILL');
						killed = bytes;
					}
				},
			});
			await expect(uploading).rejects.toThrow(ConnectionLostError);
			const second = await aServeProcess(practice);
			const next = await startTcpProxy(second.place.port);
			onTestFinished(() => next.stop());
			const progress: number[] = [];
			await reached(second, token, next.port).stagePackage(file, {
				stallMs: 20_000,
				onProgress: bytes => progress.push(bytes),
			});
			expect(killed - (progress[0] ?? 0)).toBeLessThanOrEqual(MiB);
			expect(next.bytesToServer).toBeLessThan(file.size - killed + MiB + 64 * 1024);
			const packages = join(
				practice,
				'C',
				'ProgramData',
				'dms-upgrade',
				'packages',
				file.sha256.slice(0, 16),
			);
			const [staged = ''] = await readdir(packages);
			expect(
				createHash('sha256')
					.update(await readFile(join(packages, staged)))
					.digest('hex'),
			).toBe(file.sha256);
		},
	);

	test('when it has launched an upgrade, and asked for it again by whoever lost the answer, launches nothing more', async () => {
		const lab = await aLab({speed: 300});
		const practice = await practiceOf(lab.inventory.agents[0]!);
		onTestFinished(() => practice.stop());
		await mkdir(join(practice.folder, 'service'), {mode: 0o700});
		const token = await aToken(practice.folder, 'upgrade');
		const first = await aServeProcess(practice.folder);
		const connection = reached(first, token);
		const path = lab.packages.full;
		const bytes = await readFile(path);
		const file = {
			path,
			name: 'full.dmupgrade',
			size: bytes.length,
			sha256: createHash('sha256').update(bytes).digest('hex'),
		};
		const staged = await connection.stagePackage(file, {stallMs: 20_000});
		const order = {run: 'run-1', staged, options: defaultUpgradeOptions};
		const launching = connection.launch(order);
		void launching.catch(() => undefined);
		await untilEvent(lab, 'upgrade-started');
		first.kill('SIGKILL');
		await launching.catch(() => undefined);
		const again = reached(await aServeProcess(practice.folder), token);
		const receipt = await again.launch(order);
		const stop = new AbortController();
		for await (const {line} of again.followProgress(receipt, {offset: 0, pollMs: 20, signal: stop.signal})) {
			if (line.message === 'Finished.') {
				stop.abort();
			}
		}

		expect(lab.events.filter(({event}) => event === 'upgrade-started')).toHaveLength(1);
		expect(lab.events.filter(({event}) => event === 'task-created')).toHaveLength(1);
	});
});
