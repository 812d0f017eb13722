import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {type Server, type Socket, createServer} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, afterEach, beforeAll, describe, expect, test} from 'vitest';
import {
	ConnectionLostError,
	HostKeyMismatchError,
	ProgramTimedOutError,
	UnreachableError,
	UploadStalledError,
} from '../../../source/agent/machine-errors.ts';
import {SshMachine} from '../../../source/transport/ssh/ssh-machine.ts';
import {type PinnedSshOptions, defaultSshLimits} from '../../../source/transport/ssh/ssh-options.ts';
import {
	OPEN_MODE,
	type OddBehaviour,
	type OddServer,
	STATUS_CODE,
	startOddServer,
} from '../../support/odd-ssh-server.ts';
import {freePort, newKeyPair} from '../../support/sshd.ts';

const cleanUp: (() => Promise<void>)[] = [];
afterEach(async () => {
	for (const step of cleanUp.splice(0).reverse()) {
		await step();
	}
});

let folder: string;
let local: string;
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'dms-upgrade-odd-'));
	local = join(folder, 'local');
	await writeFile(local, Buffer.alloc(3 * 1024 * 1024, 'x'));
});
afterAll(async () => rm(folder, {recursive: true}));

async function aMachine(behaviour: OddBehaviour, differences: Partial<PinnedSshOptions> = {}) {
	const server: OddServer = await startOddServer(behaviour);
	cleanUp.push(() => server.stop());
	const machine = new SshMachine({...server.options, ...differences});
	cleanUp.push(() => machine.close());
	return {machine, server};
}

async function aTcpServer(onConnection: (socket: Socket) => void): Promise<number> {
	const port = await freePort();
	const sockets = new Set<Socket>();
	const server: Server = createServer(socket => {
		sockets.add(socket);
		socket.on('error', () => undefined);
		onConnection(socket);
	});
	await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve));
	cleanUp.push(
		() =>
			new Promise(resolve => {
				server.close(() => resolve());
				for (const socket of sockets) {
					socket.destroy();
				}
			}),
	);
	return port;
}

function aMachineAt(port: number): SshMachine {
	const key = newKeyPair();
	const machine = new SshMachine({
		address: '127.0.0.1',
		port,
		user: 'x',
		privateKey: key.private,
		hostKey: key.fingerprint,
		limits: {connectTimeoutMs: 300, retriesWhenDropped: 1},
	});
	cleanUp.push(() => machine.close());
	return machine;
}

describe('a connection does not come about', () => {
	test('where nothing listens', async () => {
		await expect(aMachineAt(await freePort()).stat('C:\\')).rejects.toThrow(/nothing listens there/);
	});

	test('where the server says nothing', async () => {
		const port = await aTcpServer(() => undefined);
		await expect(aMachineAt(port).stat('C:\\')).rejects.toThrow(UnreachableError);
	});

	test('where the server hangs up', async () => {
		const port = await aTcpServer(socket => socket.destroy());
		await expect(aMachineAt(port).stat('C:\\')).rejects.toThrow(UnreachableError);
	});

	test('where something else than SSH answers', async () => {
		const port = await aTcpServer(socket => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
		await expect(aMachineAt(port).stat('C:\\')).rejects.toThrow(UnreachableError);
	});

	test('and every call that waits for it is told', async () => {
		const machine = aMachineAt(await freePort());
		const outcomes = await Promise.allSettled(Array.from({length: 10}, async () => machine.stat('C:\\')));
		expect(outcomes.every(({status}) => status === 'rejected')).toBe(true);
	});

	test('with another host key, and nobody logs in there', async () => {
		const {machine, server} = await aMachine({}, {hostKey: newKeyPair().fingerprint});
		await expect(machine.run({program: 'x.exe', args: []})).rejects.toThrow(HostKeyMismatchError);
		expect(server.logins).toBe(0);
	});
});

describe('a program', () => {
	test('gets the line that cmd.exe understands', async () => {
		const lines: string[] = [];
		const {machine} = await aMachine({
			exec(command, channel) {
				lines.push(command);
				channel.exit(0);
				channel.end();
			},
		});
		await machine.run({program: 'C:\\Program Files\\x.exe', args: ['-f', 'C:\\a & b\\', '100%']});
		expect(lines).toEqual(['"C:\\Program Files\\x.exe" -f "C:\\a & b\\\\" ^"100^%^"']);
	});

	test('may have any exit code of Windows', async () => {
		const {machine} = await aMachine({
			exec(_, channel) {
				channel.exit(0xc0000005);
				channel.end();
			},
		});
		expect((await machine.run({program: 'x.exe', args: []})).exitCode).toBe(0xc0000005);
	});

	test('whose channel closes without an exit code was lost', async () => {
		const {machine} = await aMachine({exec: (_, channel) => channel.close()});
		await expect(machine.run({program: 'x.exe', args: []})).rejects.toThrow(ConnectionLostError);
	});

	test('that never ends is given up', async () => {
		const {machine} = await aMachine({exec: () => undefined});
		const running = machine.run({program: 'C:\\x.exe', args: []}, {timeoutMs: 100});
		await expect(running).rejects.toThrow(ProgramTimedOutError);
		await expect(running).rejects.toThrow(/^x\.exe on 127\.0\.0\.1/);
	});

	test('in the middle of which the server dies was lost', async () => {
		const {machine} = await aMachine({exec: (_, __, connection) => connection.end()});
		await expect(machine.run({program: 'x.exe', args: []})).rejects.toThrow(ConnectionLostError);
	});
});

describe('file transfer', () => {
	const file = Buffer.from('handle');

	test('that is never answered holds nothing up', async () => {
		const {machine} = await aMachine(
			{sftp: sftp => sftp.on('OPEN', () => undefined)},
			{limits: {answerMs: 1000}},
		);
		await expect(machine.readFile('C:\\x')).rejects.toThrow(ConnectionLostError);
	});

	test('in the middle of which the server dies was lost', async () => {
		const {machine} = await aMachine({sftp: (_, connection) => connection.end()});
		await expect(machine.readFile('C:\\x')).rejects.toThrow(ConnectionLostError);
	});

	test('that the server does not offer is said to be missing', async () => {
		const {machine} = await aMachine({});
		await expect(machine.readFile('C:\\x')).rejects.toThrow(/offers no file transfer/);
		await expect(machine.run({program: 'x.exe', args: []})).rejects.toThrow(/starts no programs/);
	});

	test('names the drive as Windows OpenSSH does', async () => {
		const paths: string[] = [];
		const {machine} = await aMachine({
			sftp: sftp =>
				sftp.on('STAT', (id, path) => {
					paths.push(path);
					sftp.status(id, STATUS_CODE.NO_SUCH_FILE);
				}),
		});
		expect(await machine.stat('C:\\Skyline DataMiner\\DMS.xml')).toBeUndefined();
		expect(paths).toEqual(['/C:/Skyline DataMiner/DMS.xml']);
	});

	test('ends for a file without end', async () => {
		const {machine} = await aMachine({
			sftp: sftp =>
				sftp
					.on('OPEN', id => sftp.handle(id, file))
					.on('READ', (id, _, __, length) => sftp.data(id, Buffer.alloc(Math.min(length, 30_000))))
					.on('CLOSE', id => sftp.status(id, STATUS_CODE.OK)),
		});
		await expect(machine.readFile('C:\\x', {maxBytes: 100_000})).rejects.toMatchObject({
			code: 'FILE_TOO_LARGE',
		});
	});

	test('ends for a folder without end, and leaves out names that are paths', async () => {
		const attrs = {mode: 0o100644, uid: 0, gid: 0, size: 0, atime: 0, mtime: 0};
		const entry = (filename: string) => ({filename, longname: filename, attrs});
		const names = ['..', '.', '../../x', 'a\\b', 'good'];
		let asked = 0;
		const {machine} = await aMachine(
			{
				sftp: sftp =>
					sftp
						.on('OPENDIR', (id, path) =>
							sftp.handle(id, Buffer.from(path.endsWith('endless') ? 'endless' : 'short')),
						)
						.on('READDIR', (id, handle) => {
							asked += 1;
							if (handle.toString() === 'short' && asked > 1) {
								sftp.status(id, STATUS_CODE.EOF);
							} else {
								sftp.name(id, names.map(entry));
							}
						})
						.on('CLOSE', id => sftp.status(id, STATUS_CODE.OK)),
			},
			{limits: {entries: 100}},
		);
		expect(await machine.list('C:\\short')).toEqual(['good']);
		await expect(machine.list('C:\\endless')).rejects.toMatchObject({code: 'FILE_TOO_LARGE'});
	});

	test('replaces a file also where a rename does not', async () => {
		const files = new Map([['/C:/to', 'old']]);
		const {machine} = await aMachine({
			sftp: sftp =>
				sftp
					.on('OPEN', (id, path, flags) => {
						files.set(path, flags & OPEN_MODE.EXCL ? 'new' : '');
						sftp.handle(id, file);
					})
					.on('WRITE', id => sftp.status(id, STATUS_CODE.OK))
					.on('CLOSE', id => sftp.status(id, STATUS_CODE.OK))
					.on('STAT', (id, path) =>
						files.has(path)
							? sftp.attrs(id, {mode: 0o100644, uid: 0, gid: 0, size: 1, atime: 0, mtime: 0})
							: sftp.status(id, STATUS_CODE.NO_SUCH_FILE),
					)
					.on('REMOVE', (id, path) => {
						files.delete(path);
						sftp.status(id, STATUS_CODE.OK);
					})
					.on('RENAME', (id, from, to) => {
						if (files.has(to)) {
							sftp.status(id, STATUS_CODE.FAILURE);
						} else {
							files.set(to, files.get(from) ?? '');
							files.delete(from);
							sftp.status(id, STATUS_CODE.OK);
						}
					}),
		});
		expect(await machine.writeFile('C:\\to', 'x', 'replace')).toBe(true);
		expect([...files]).toEqual([['/C:/to', 'new']]);
	});

	test.each([
		[STATUS_CODE.PERMISSION_DENIED, 'Access denied', 'FILE_DENIED'],
		[STATUS_CODE.FAILURE, 'No space left on device', 'DISK_FULL'],
		[STATUS_CODE.FAILURE, 'There is not enough space on the disk.', 'DISK_FULL'],
		[STATUS_CODE.FAILURE, 'Failure', 'FILE_FAILED'],
	])('says why a file was refused: %j %j is %s', async (status, message, code) => {
		const {machine} = await aMachine({sftp: sftp => sftp.on('OPEN', id => sftp.status(id, status, message))});
		await expect(machine.readFile('C:\\x')).rejects.toMatchObject({code});
	});
});

describe('an upload', () => {
	const handle = Buffer.from('handle');

	/** Answers everything but writes, which `answer` may answer. */
	const storing =
		(answer: (sftp: SFTP, id: number, offset: number, size: number) => void, sizes: number[] = []) =>
		(sftp: SFTP) => {
			sftp
				.on('OPEN', id => sftp.handle(id, handle))
				.on('CLOSE', id => sftp.status(id, STATUS_CODE.OK))
				.on('FSETSTAT', (id, _, attributes) => {
					sizes.push(Number((attributes as {size?: number}).size));
					sftp.status(id, STATUS_CODE.OK);
				})
				.on('WRITE', (id, _, offset, bytes) => answer(sftp, id, offset, bytes.length));
		};
	type SFTP = Parameters<NonNullable<OddBehaviour['sftp']>>[0];

	test('of which no write is answered stands still', async () => {
		const {machine} = await aMachine({sftp: storing(() => undefined)});
		const upload = machine.upload(local, 'C:\\x', {stallMs: 200});
		await expect(upload).rejects.toThrow(UploadStalledError);
	});

	test('reports only what is there without a gap, and cuts the file to it after a failure', async () => {
		const sizes: number[] = [];
		const progress: number[] = [];
		const piece = defaultSshLimits.writeBytes;
		const refused = 10 * piece;
		const {machine} = await aMachine({
			sftp: storing((sftp, id, offset) => {
				// A piece in the middle fails; everything behind it is written.
				sftp.status(id, offset >= refused && offset < refused + piece ? STATUS_CODE.FAILURE : STATUS_CODE.OK);
			}, sizes),
		});
		const upload = machine.upload(local, 'C:\\x', {
			stallMs: 10_000,
			onProgress: bytes => progress.push(bytes),
		});
		await expect(upload).rejects.toMatchObject({code: 'FILE_FAILED'});
		expect(Math.max(...progress)).toBe(refused);
		expect(sizes).toEqual([refused]);
	});

	test('is not held up by a server that answers in another order', async () => {
		const waiting: (() => void)[] = [];
		const progress: number[] = [];
		const {machine} = await aMachine({
			sftp: storing((sftp, id) => {
				waiting.push(() => sftp.status(id, STATUS_CODE.OK));
				setTimeout(() => waiting.splice(Math.floor(Math.random() * waiting.length), 1)[0]?.(), 1);
			}),
		});
		await machine.upload(local, 'C:\\x', {stallMs: 10_000, onProgress: bytes => progress.push(bytes)});
		expect(progress.at(-1)).toBe(3 * 1024 * 1024);
		expect(progress).toEqual(progress.toSorted((a, b) => a - b));
	});

	test('in the middle of which the server dies was lost', async () => {
		let writes = 0;
		const {machine} = await aMachine({
			sftp(sftp, connection) {
				storing((_, id) => {
					writes += 1;
					if (writes > 10) {
						connection.end();
					} else {
						sftp.status(id, STATUS_CODE.OK);
					}
				})(sftp);
			},
		});
		const upload = machine.upload(local, 'C:\\x', {stallMs: 10_000});
		await expect(upload).rejects.toThrow(ConnectionLostError);
	});

	test('whose listener fails fails with it', async () => {
		const {machine} = await aMachine({sftp: storing((sftp, id) => sftp.status(id, STATUS_CODE.OK))});
		const upload = machine.upload(local, 'C:\\x', {
			stallMs: 10_000,
			onProgress() {
				throw new Error('the listener');
			},
		});
		await expect(upload).rejects.toThrow('the listener');
	});
});
