import {randomBytes} from 'node:crypto';
import {mkdir, readFile, stat, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {afterAll, afterEach, beforeAll, beforeEach, describe, expect, test} from 'vitest';
import {
	AccessDeniedError,
	ConnectionLostError,
	HostKeyMismatchError,
	UploadStalledError,
} from '../../../source/agent/machine-errors.ts';
import {SshMachine} from '../../../source/transport/ssh/ssh-machine.ts';
import {type PinnedSshOptions, defaultSshLimits} from '../../../source/transport/ssh/ssh-options.ts';
import {eventually} from '../../support/eventually.ts';
import {describeMachine} from '../../support/machine-contract.ts';
import {type Sshd, newKeyPair, sshdIsMissing, startSshd} from '../../support/sshd.ts';
import {type TcpProxy, startTcpProxy} from '../../support/tcp-proxy.ts';

const MiB = 1024 * 1024;
const sh = (script: string) => ({program: 'sh', args: ['-c', script]});

describe.skipIf(sshdIsMissing())('SshMachine against a real OpenSSH server', () => {
	let sshd: Sshd;
	let proxy: TcpProxy;
	let machine: SshMachine;
	let drive: string;
	const machines: SshMachine[] = [];

	beforeAll(async () => {
		sshd = await startSshd();
		proxy = await startTcpProxy(sshd.port);
	});
	afterAll(async () => {
		await proxy.stop();
		await sshd.stop();
	});

	let tests = 0;
	beforeEach(async () => {
		tests += 1;
		drive = join(sshd.drive, `test ${tests}`);
		await mkdir(drive);
		machine = aMachine();
	});
	afterEach(async () => {
		await Promise.all(machines.splice(0).map(each => each.close()));
	});

	function aMachine(differences: Partial<PinnedSshOptions> = {}): SshMachine {
		const created = new SshMachine(sshd.options({port: proxy.port, ...differences}));
		machines.push(created);
		return created;
	}

	/** A Windows path for a name in the folder of this test. */
	const at = (...names: string[]) => ['C:', `test ${tests}`, ...names].join('\\');

	describeMachine({aMachine, drive: () => sshd.drive});

	describe('running programs', () => {
		test('keeps no more output than the limit', async () => {
			const small = aMachine({limits: {outputBytes: 1000}});
			const {stdout, exitCode} = await small.run(sh('head -c 3000000 /dev/zero'));
			expect([stdout.length, exitCode]).toEqual([1000, 0]);
		});

		test('shares one connection, also when many begin at once', async () => {
			const before = proxy.connections;
			const results = await Promise.all(
				Array.from({length: 12}, async (_, index) => machine.run(sh(`echo ${index}`))),
			);
			expect(results.map(result => Number(result.stdout))).toEqual([...Array(12).keys()]);
			await machine.stat(at());
			expect(proxy.connections - before).toBe(1);
		});
	});

	describe('an upload', () => {
		const stallMs = 20_000;
		const size = 5 * MiB + 12_345;
		let content: Buffer;
		let local: string;

		beforeEach(async () => {
			content = randomBytes(size);
			local = join(sshd.drive, `local ${tests}`);
			await writeFile(local, content);
		});

		test('that breaks off leaves the beginning of the file, and can be ended later', async () => {
			let reported = 0;
			await machine.stat(at());
			proxy.cutAfter(2 * MiB);
			const upload = machine.upload(local, at('file'), {stallMs, onProgress: bytes => (reported = bytes)});
			await expect(upload).rejects.toThrow(ConnectionLostError);
			const arrived = await readFile(join(drive, 'file'));
			expect(arrived.length).toBeGreaterThanOrEqual(reported);
			expect(arrived.length).toBeLessThan(size);
			expect(arrived.equals(content.subarray(0, arrived.length))).toBe(true);
			await machine.upload(local, at('file'), {from: arrived.length, stallMs});
			expect((await readFile(join(drive, 'file'))).equals(content)).toBe(true);
		});

		test('that is given up leaves exactly what was reported', async () => {
			const stop = new AbortController();
			let reported = 0;
			const upload = machine.upload(local, at('file'), {
				stallMs,
				signal: stop.signal,
				onProgress(bytes) {
					reported = bytes;
					if (bytes > MiB) {
						stop.abort(new Error('enough'));
					}
				},
			});
			await expect(upload).rejects.toThrow('enough');
			const arrived = await readFile(join(drive, 'file'));
			expect(arrived.length).toBe(reported);
			expect(arrived.equals(content.subarray(0, arrived.length))).toBe(true);
			expect(await machine.stat(at('file'))).toMatchObject({size: reported});
		});

		test('that stands still ends, and the next one connects again', async () => {
			await machine.stat(at());
			proxy.silenceAfter(2 * MiB);
			const upload = machine.upload(local, at('file'), {stallMs: 300});
			await expect(upload).rejects.toThrow(UploadStalledError);
			await machine.upload(local, at('file'), {stallMs});
			expect((await readFile(join(drive, 'file'))).equals(content)).toBe(true);
		});

		test('sends nothing that its pace does not let go, and what it let go is there when it is given up', async () => {
			const stop = new AbortController();
			const {writeBytes} = defaultSshLimits;
			let asked = 0;
			const upload = machine.upload(local, at('file'), {
				stallMs,
				signal: stop.signal,
				pace: (bytes, signal) => {
					asked += bytes;
					return asked <= 3 * writeBytes
						? Promise.resolve()
						: new Promise((_, reject) =>
								signal.addEventListener('abort', () => reject(signal.reason as Error), {once: true}),
							);
				},
			});
			upload.catch(() => undefined);
			await eventually(async () => (await machine.stat(at('file')))?.size === 3 * writeBytes);
			expect(asked).toBe(4 * writeBytes);
			stop.abort(new Error('enough'));
			await expect(upload).rejects.toThrow('enough');
			expect((await readFile(join(drive, 'file'))).equals(content.subarray(0, 3 * writeBytes))).toBe(true);
		});

		test('that we hold back ourselves does not stand still', async () => {
			let held = false;
			await machine.upload(local, at('file'), {
				stallMs: 1000,
				pace: async () => {
					if (!held) {
						held = true;
						await sleep(1500);
					}
				},
			});
			expect((await readFile(join(drive, 'file'))).equals(content)).toBe(true);
		});
	});

	describe('following a file', () => {
		test('begins at an offset, and ends with a lost connection', async () => {
			await writeFile(join(drive, 'log'), '0123456789');
			const impatient = aMachine({limits: {answerMs: 2000}});
			const follow = impatient.follow(at('log'), {
				offset: 7,
				pollMs: 5,
				signal: new AbortController().signal,
			});
			const chunks = follow[Symbol.asyncIterator]();
			expect((await chunks.next()).value?.bytes.toString()).toBe('789');
			proxy.silence();
			await expect(chunks.next()).rejects.toThrow(ConnectionLostError);
		});
	});

	describe('a line that breaks', () => {
		test('ends what is under way; the next call connects again', async () => {
			const running = machine.run(sh('echo on; sleep 30'), {onOutput: () => proxy.cut()});
			await expect(running).rejects.toThrow(ConnectionLostError);
			expect((await machine.run(sh('echo again'))).stdout).toBe('again\n');
			expect(await machine.stat(at())).toMatchObject({folder: true});
		});

		test('or falls silent holds nothing up', async () => {
			const impatient = aMachine({limits: {answerMs: 2000}});
			await impatient.stat(at());
			proxy.silence();
			const waiting = [impatient.stat(at()), impatient.list(at()), impatient.run(sh('true'))];
			for (const outcome of await Promise.allSettled(waiting)) {
				expect(outcome).toMatchObject({
					status: 'rejected',
					reason: expect.any(ConnectionLostError) as unknown,
				});
			}

			expect(await impatient.stat(at())).toMatchObject({folder: true});
		});

		test('is not seen where an upload on a slow line keeps the answers to keepalives waiting', async () => {
			const slow = await startTcpProxy(sshd.port);
			slow.slowDown(64 * 1024);
			// What is under way at once takes three times as long as a silent line is put up with.
			const careful = aMachine({port: slow.port, limits: {keepaliveIntervalMs: 100, keepaliveCount: 5}});
			const local = join(sshd.drive, `local ${tests}`);
			await writeFile(local, randomBytes(3 * MiB));
			await careful.upload(local, at('file'), {stallMs: 20_000});
			expect((await stat(join(drive, 'file'))).size).toBe(3 * MiB);
			await careful.close();
			await slow.stop();
		});

		test('is looked for often enough', () => {
			// The line may die right after a byte that the first look still finds.
			const {keepaliveIntervalMs, keepaliveCount} = defaultSshLimits;
			expect(keepaliveIntervalMs * (keepaliveCount + 1)).toBeLessThanOrEqual(15_000);
		});

		describe.each(['silence', 'swallow'] as const)('or dies without a word (%s)', trouble => {
			/** Nothing but the keepalives can notice anything within the time of a test. */
			const forever = 10 * 60_000;
			const careful = () =>
				aMachine({
					limits: {keepaliveIntervalMs: 50, keepaliveCount: 3, answerMs: forever, settleMs: forever},
				});

			test('ends a program; the next one connects again', async () => {
				const patient = careful();
				const running = patient.run(sh('echo on; sleep 30'), {
					timeoutMs: forever,
					onOutput: () => proxy[trouble](),
				});
				await expect(running).rejects.toThrow(ConnectionLostError);
				expect((await patient.run(sh('echo again'))).stdout).toBe('again\n');
			});

			test('ends the reading of a file', async () => {
				const patient = careful();
				await patient.stat(at());
				proxy[trouble]();
				await expect(patient.readFile(at('file'))).rejects.toThrow(ConnectionLostError);
				expect(await patient.readFile(at('file'))).toBeUndefined();
			});

			test('ends an upload, which is then taken up where it was', async () => {
				const patient = careful();
				const content = randomBytes(5 * MiB);
				const local = join(sshd.drive, `local ${tests}`);
				await writeFile(local, content);
				await patient.stat(at());
				proxy[`${trouble}After`](2 * MiB);
				let reported = 0;
				const upload = patient.upload(local, at('file'), {
					stallMs: forever,
					onProgress: bytes => (reported = bytes),
				});
				await expect(upload).rejects.toThrow(ConnectionLostError);
				const from = (await patient.stat(at('file')))?.size ?? 0;
				expect(from).toBeGreaterThanOrEqual(reported);
				expect(from).toBeLessThan(content.length);
				await patient.upload(local, at('file'), {from, stallMs: forever});
				expect((await readFile(join(drive, 'file'))).equals(content)).toBe(true);
			});

			test('ends a connection on which nothing is under way', async () => {
				const patient = careful();
				await patient.stat(at());
				const before = proxy.connections;
				proxy[trouble]();
				await eventually(async () => {
					await patient.stat(at()).catch(() => undefined);
					return proxy.connections > before;
				});
				expect(await patient.stat(at())).toMatchObject({folder: true});
			});
		});
	});

	describe('trust', () => {
		test('another host key is refused', async () => {
			const known = newKeyPair().fingerprint;
			const careful = aMachine({hostKey: known});
			const refused = careful.stat(at());
			await expect(refused).rejects.toThrow(HostKeyMismatchError);
			await expect(refused).rejects.toMatchObject({known, offered: sshd.options().hostKey});
		});

		test('another client key is not let in', async () => {
			await expect(aMachine({privateKey: newKeyPair().private}).stat(at())).rejects.toThrow(
				AccessDeniedError,
			);
		});

		test('a private key that cannot be read is said to be one', async () => {
			await expect(aMachine({privateKey: 'nonsense'}).stat(at())).rejects.toThrow(
				/private key cannot be read/,
			);
		});
	});

	test('a closed machine stays closed', async () => {
		const running = machine.run(sh('sleep 30'));
		const outcome = expect(running).rejects.toThrow(ConnectionLostError);
		await machine.stat(at());
		await machine.close();
		await outcome;
		await expect(machine.stat(at())).rejects.toThrow(ConnectionLostError);
		await machine.close();
	});
});
