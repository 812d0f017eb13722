import {randomBytes} from 'node:crypto';
import {appendFile, mkdir, readFile, readdir, stat, symlink, truncate, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {afterAll, afterEach, beforeAll, beforeEach, describe, expect, test} from 'vitest';
import {
	AccessDeniedError,
	ConnectionLostError,
	FileOperationError,
	HostKeyMismatchError,
	ProgramTimedOutError,
	UploadStalledError,
} from '../../../source/agent/machine-errors.ts';
import {SshMachine} from '../../../source/transport/ssh/ssh-machine.ts';
import {type PinnedSshOptions, defaultSshLimits} from '../../../source/transport/ssh/ssh-options.ts';
import {eventually} from '../../support/eventually.ts';
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

	describe('running programs', () => {
		test('gives output and exit code', async () => {
			const result = await machine.run(sh('echo out; echo größe 1>&2; exit 3'));
			expect(result).toEqual({exitCode: 3, stdout: 'out\n', stderr: 'größe\n'});
		});

		test('gives output as it comes', async () => {
			let heard = '';
			const running = machine.run(
				sh(`echo first; until [ -e '${drive}/go' ]; do sleep 0.02; done; echo second`),
				{
					onOutput: text => (heard += text),
				},
			);
			await eventually(() => heard === 'first\n');
			await writeFile(join(drive, 'go'), '');
			expect((await running).stdout).toBe('first\nsecond\n');
		});

		test('ends one that takes too long', async () => {
			await expect(machine.run(sh('sleep 30'), {timeoutMs: 100})).rejects.toThrow(ProgramTimedOutError);
			expect((await machine.run(sh('echo still here'))).stdout).toBe('still here\n');
		});

		test('ends one that is not wanted any more', async () => {
			const stop = new AbortController();
			const running = machine.run(sh('echo on; sleep 30'), {
				signal: stop.signal,
				onOutput: () => stop.abort(new Error('enough')),
			});
			await expect(running).rejects.toThrow('enough');
			await expect(machine.run(sh('true'), {signal: stop.signal})).rejects.toThrow('enough');
		});

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

	describe('files', () => {
		test('what is not there is undefined', async () => {
			expect(await machine.readFile(at('none'))).toBeUndefined();
			expect(await machine.stat(at('none', 'below'))).toBeUndefined();
			expect(await machine.list(at('none'))).toBeUndefined();
			await machine.remove(at('none'));
		});

		test('are read whole, or refused when too large', async () => {
			const content = randomBytes(300_000);
			await writeFile(join(drive, 'file'), content);
			expect(await machine.readFile(at('file'))).toEqual(content);
			const tooLarge = machine.readFile(at('file'), {maxBytes: 299_999});
			await expect(tooLarge).rejects.toMatchObject({code: 'FILE_TOO_LARGE'});
			expect(await machine.readFile(at('file'), {maxBytes: 300_000})).toEqual(content);
		});

		test('are replaced, and nothing else is left behind', async () => {
			expect(await machine.writeFile(at('file'), 'größe', 'replace')).toBe(true);
			expect(await machine.writeFile(at('file'), randomBytes(200_000), 'replace')).toBe(true);
			expect((await stat(join(drive, 'file'))).size).toBe(200_000);
			expect(await readdir(drive)).toEqual(['file']);
		});

		test('are created by one only, however many try', async () => {
			const others = [machine, aMachine(), aMachine()];
			const won = await Promise.all(
				[...others, ...others].map(async (each, index) =>
					each.writeFile(at('lock'), `${index}`, 'exclusive'),
				),
			);
			expect(won.filter(Boolean)).toHaveLength(1);
			expect(await readFile(join(drive, 'lock'), 'utf8')).toBe(String(won.indexOf(true)));
		});

		test('cannot be created in a folder that is not there', async () => {
			for (const mode of ['exclusive', 'replace'] as const) {
				await expect(machine.writeFile(at('none', 'file'), '', mode)).rejects.toThrow(FileOperationError);
			}
		});

		test('have size, time and kind', async () => {
			await writeFile(join(drive, 'file'), 'four');
			const facts = await machine.stat(at('file'));
			expect(facts).toMatchObject({size: 4, folder: false});
			expect(Math.abs((facts?.modifiedAt ?? 0) - Date.now())).toBeLessThan(60_000);
			expect(await machine.stat(at())).toMatchObject({folder: true});
		});

		test('are listed, many of them too', async () => {
			const names = Array.from({length: 300}, (_, index) => `file ${index}`);
			await Promise.all(names.map(async name => writeFile(join(drive, name), '')));
			expect([...((await machine.list(at())) ?? [])].sort()).toEqual(names.sort());
		});

		test('folders are made with those above, once or twice', async () => {
			await machine.makeFolder(at('a', 'b', 'c'));
			await machine.makeFolder(at('a', 'b', 'c'));
			expect((await stat(join(drive, 'a', 'b', 'c'))).isDirectory()).toBe(true);
		});

		test('a folder is removed with what is in it, but not what its links lead to', async () => {
			await machine.makeFolder(at('kept'));
			await writeFile(join(drive, 'kept', 'file'), '');
			await machine.makeFolder(at('gone', 'deep'));
			await writeFile(join(drive, 'gone', 'deep', 'file'), '');
			await symlink(join(drive, 'kept'), join(drive, 'gone', 'link'));
			await machine.remove(at('gone'));
			expect(await readdir(drive)).toEqual(['kept']);
			expect(await readdir(join(drive, 'kept'))).toEqual(['file']);
		});

		test('a rename replaces', async () => {
			await writeFile(join(drive, 'new'), 'new');
			await writeFile(join(drive, 'old'), 'old');
			await machine.rename(at('new'), at('old'));
			expect(await readFile(join(drive, 'old'), 'utf8')).toBe('new');
			await expect(machine.rename(at('none'), at('x'))).rejects.toThrow(FileOperationError);
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

		test('brings the whole file and says how far it is', async () => {
			const progress: number[] = [];
			await machine.upload(local, at('file'), {stallMs, onProgress: bytes => progress.push(bytes)});
			expect((await readFile(join(drive, 'file'))).equals(content)).toBe(true);
			expect(progress.at(-1)).toBe(size);
			expect(progress).toEqual(progress.toSorted((a, b) => a - b));
		});

		test('goes on where an earlier one ended, and forgets what stood behind', async () => {
			await writeFile(join(drive, 'file'), Buffer.concat([content.subarray(0, MiB), randomBytes(7 * MiB)]));
			const progress: number[] = [];
			await machine.upload(local, at('file'), {
				from: MiB,
				stallMs,
				onProgress: bytes => progress.push(bytes),
			});
			expect((await readFile(join(drive, 'file'))).equals(content)).toBe(true);
			expect(progress[0]).toBeGreaterThan(MiB);
		});

		test('leaves no hole: it is not taken up behind the end of what is there', async () => {
			await writeFile(join(drive, 'file'), content.subarray(0, 100));
			const upload = machine.upload(local, at('file'), {from: 101, stallMs});
			await expect(upload).rejects.toMatchObject({code: 'FILE_FAILED'});
			expect((await stat(join(drive, 'file'))).size).toBe(100);
		});

		test('of nothing makes an empty file', async () => {
			await truncate(local, 0);
			await machine.upload(local, at('file'), {stallMs});
			expect((await stat(join(drive, 'file'))).size).toBe(0);
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

		test('to a full disk says where', async () => {
			await symlink('/dev/full', join(drive, 'full'));
			const upload = machine.upload(local, at('full'), {stallMs});
			await expect(upload).rejects.toThrow(FileOperationError);
			await expect(upload).rejects.toThrow(at('full'));
		});

		test('of a file that is not there is no matter of the server', async () => {
			const upload = machine.upload(join(drive, 'none'), at('file'), {stallMs});
			await expect(upload).rejects.toMatchObject({code: 'LOCAL_FILE_UNREADABLE'});
		});
	});

	describe('following a file', () => {
		test('waits for it, gives what is appended, and starts over when it was cut', async () => {
			const stop = new AbortController();
			const chunks: {text: string; offset: number; restarted: boolean}[] = [];
			const following = (async () => {
				for await (const {bytes, offset, restarted} of machine.follow(at('log'), {
					pollMs: 5,
					signal: stop.signal,
				})) {
					chunks.push({text: bytes.toString(), offset, restarted});
				}
			})();
			await writeFile(join(drive, 'log'), 'one');
			await eventually(() => chunks.length === 1);
			await appendFile(join(drive, 'log'), 'two');
			await eventually(() => chunks.length === 2);
			await truncate(join(drive, 'log'), 0);
			await appendFile(join(drive, 'log'), 'new');
			await eventually(() => chunks.length === 3);
			stop.abort();
			await following;
			expect(chunks).toEqual([
				{text: 'one', offset: 0, restarted: false},
				{text: 'two', offset: 3, restarted: false},
				{text: 'new', offset: 0, restarted: true},
			]);
		});

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
