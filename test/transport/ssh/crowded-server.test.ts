import {randomBytes} from 'node:crypto';
import {readFile, stat, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {afterEach, describe, expect, test} from 'vitest';
import {ConnectionLostError} from '../../../source/agent/machine-errors.ts';
import {NoFileTransferError} from '../../../source/transport/ssh/login/login-errors.ts';
import {SshMachine} from '../../../source/transport/ssh/ssh-machine.ts';
import type {PinnedSshOptions} from '../../../source/transport/ssh/ssh-options.ts';
import {eventually} from '../../support/eventually.ts';
import {type Sshd, sshdIsMissing, startSshd} from '../../support/sshd.ts';
import {startTcpProxy} from '../../support/tcp-proxy.ts';

const MiB = 1024 * 1024;
const stallMs = 20_000;
const sh = (script: string) => ({program: 'sh', args: ['-c', script]});

const cleanUp: (() => Promise<void>)[] = [];
afterEach(async () => {
	for (const step of cleanUp.splice(0).reverse()) {
		await step();
	}
});

async function aServer(...config: string[]): Promise<Sshd> {
	const sshd = await startSshd({config});
	cleanUp.push(() => sshd.stop());
	return sshd;
}

function aMachine(sshd: Sshd, differences: Partial<PinnedSshOptions> = {}): SshMachine {
	const machine = new SshMachine(sshd.options(differences));
	cleanUp.push(() => machine.close());
	return machine;
}

describe.skipIf(sshdIsMissing())('a server that allows one session only', () => {
	test('gives programs and files their turns', async () => {
		const sshd = await aServer('MaxSessions 1', 'LogLevel DEBUG1');
		const machine = aMachine(sshd);
		for (let round = 0; round < 3; round++) {
			await machine.writeFile(`C:\\${round}`, String(round), 'replace');
			expect((await machine.run(sh(`cat '${sshd.drive}/${round}'`))).stdout).toBe(String(round));
		}

		const outcomes = await Promise.all(
			Array.from({length: 12}, async (_, index) =>
				index % 2 === 0
					? (await machine.run(sh(`echo ${index}`))).stdout.trim()
					: (await machine.writeFile(`C:\\f${index}`, 'x', 'exclusive')) && String(index),
			),
		);
		expect(outcomes).toEqual(Array.from({length: 12}, (_, index) => String(index)));
		// All on one connection.
		expect(sshd.log().match(/Accepted publickey/g)).toHaveLength(1);
	});

	test('lets a program wait for the end of an upload, and the next file for the end of the program', async () => {
		const sshd = await aServer('MaxSessions 1');
		const machine = aMachine(sshd);
		// Asks which shell it is, which is not to be asked in between.
		await machine.run(sh('true'));
		const local = join(sshd.folder, 'local');
		await writeFile(local, randomBytes(8 * MiB));
		const order: string[] = [];
		let running: Promise<unknown> = Promise.resolve();
		const upload = machine.upload(local, 'C:\\file', {
			stallMs,
			onProgress() {
				if (order.length === 0) {
					order.push('upload goes on');
					running = machine.run(sh(`wc -c < '${sshd.drive}/file'`)).then(({stdout}) => {
						order.push(`program saw ${stdout.trim()}`);
					});
				}
			},
		});
		await upload;
		await Promise.all([
			running,
			machine.writeFile('C:\\other', 'x', 'replace').then(() => order.push('wrote')),
		]);
		expect(order).toEqual(['upload goes on', `program saw ${8 * MiB}`, 'wrote']);
	});

	test('or two, and no program fails for want of a third', async () => {
		const sshd = await aServer('MaxSessions 2');
		const machine = aMachine(sshd);
		await machine.stat('C:\\');
		const outcomes = await Promise.all(
			Array.from({length: 10}, async (_, index) => (await machine.run(sh(`echo ${index}`))).stdout.trim()),
		);
		expect(outcomes).toEqual(Array.from({length: 10}, (_, index) => String(index)));
	});

	test('or none says so at once', async () => {
		const sshd = await aServer('MaxSessions 0');
		await expect(aMachine(sshd).run(sh('true'))).rejects.toThrow(/starts no programs/);
		await expect(aMachine(sshd).stat('C:\\')).rejects.toThrow(NoFileTransferError);
	});

	test('does not leave anybody waiting when the connection ends', async () => {
		const sshd = await aServer('MaxSessions 1');
		const machine = aMachine(sshd);
		await machine.run(sh('true'));
		let waiting: Promise<unknown> | undefined;
		const running = machine.run(sh('echo on; sleep 30'), {
			onOutput() {
				waiting ??= machine.stat('C:\\').catch((error: unknown) => error);
			},
		});
		const outcome = expect(running).rejects.toThrow(ConnectionLostError);
		await eventually(() => waiting !== undefined);
		await sshd.kill();
		await outcome;
		expect(await waiting).toBeInstanceOf(ConnectionLostError);
	});
});

describe.skipIf(sshdIsMissing())('a server that lets few log in at once', () => {
	test('is asked again by those whom it dropped', async () => {
		const sshd = await aServer('MaxStartups 2');
		const many = Array.from({length: 6}, () => aMachine(sshd));
		const outcomes = await Promise.all(many.map(machine => machine.stat('C:\\')));
		expect(outcomes.every(facts => facts?.folder)).toBe(true);
		// Otherwise this test shows nothing.
		expect(sshd.log()).toMatch(/drop connection|MaxStartups throttling/);
	});
});

describe.skipIf(sshdIsMissing())('a server without file transfer', () => {
	test.each([
		['that is not configured', 'Subsystem none /bin/false'],
		['whose program is missing', 'Subsystem sftp /nowhere/sftp-server'],
	])('%s is told, and what to do', async (_, line) => {
		const sshd = await aServer(line);
		const machine = aMachine(sshd);
		const refused = machine.stat('C:\\');
		await expect(refused).rejects.toThrow(NoFileTransferError);
		await expect(refused).rejects.toMatchObject({code: 'NO_FILE_TRANSFER', exitCode: 5});
		expect((await machine.run(sh('echo works'))).stdout).toBe('works\n');
	});
});

describe.skipIf(sshdIsMissing())('a server that is killed in the middle of an upload and comes back', () => {
	test('gets at most 1 MiB a second time', async () => {
		const sshd = await aServer();
		const proxy = await startTcpProxy(sshd.port);
		cleanUp.push(() => proxy.stop());
		const machine = aMachine(sshd, {port: proxy.port});
		const size = 20 * MiB;
		const content = randomBytes(size);
		const local = join(sshd.folder, 'local');
		await writeFile(local, content);
		await machine.stat('C:\\');
		let killing: Promise<void> | undefined;
		let reported = 0;
		const upload = machine.upload(local, 'C:\\file', {
			stallMs,
			onProgress(bytes) {
				reported = bytes;
				if (bytes > 4 * MiB) {
					killing ??= sshd.kill();
				}
			},
		});
		await expect(upload).rejects.toThrow(ConnectionLostError);
		await killing;
		await sshd.restart();
		const from = (await stat(join(sshd.drive, 'file'))).size;
		expect(from).toBeGreaterThanOrEqual(reported);
		expect((await machine.stat('C:\\file'))?.size).toBe(from);
		await machine.upload(local, 'C:\\file', {from, stallMs});
		expect((await readFile(join(sshd.drive, 'file'))).equals(content)).toBe(true);
		// Handshakes and framing included.
		expect(proxy.bytesToServer - size).toBeLessThanOrEqual(MiB);
	});
});
