import {type ChildProcess, spawn} from 'node:child_process';
import {existsSync} from 'node:fs';
import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises';
import {createServer} from 'node:net';
import {tmpdir, userInfo} from 'node:os';
import {join} from 'node:path';
import {createConnection} from 'node:net';
import {generateKeyPair} from '../../source/lab/ssh-keys.ts';
import type {SshOptions} from '../../source/transport/ssh/ssh-options.ts';
import {windowsWire} from '../../source/transport/ssh/ssh-options.ts';
import {eventually} from './eventually.ts';

const sshdPath = '/usr/sbin/sshd';
const sftpServers = [
	'/usr/lib/openssh/sftp-server',
	'/usr/libexec/openssh/sftp-server',
	'/usr/libexec/sftp-server',
];

/** Debian's OpenSSH server on loopback, with one folder as its drive `C:`. */
export interface Sshd {
	readonly port: number;
	/** What `C:\` is on this computer. */
	readonly drive: string;
	options(differences?: Partial<SshOptions>): SshOptions;
	stop(): Promise<void>;
}

/** Says loudly that the tests against a real server do not run. On a build server that is a failure. */
export function sshdIsMissing(): boolean {
	const missing = !existsSync(sshdPath) || !sftpServers.some(path => existsSync(path));
	if (missing && process.env['CI']) {
		throw new Error('The tests of the SSH transport need OpenSSH: apt-get install openssh-server');
	}

	if (missing) {
		console.warn('SKIPPED: the tests against a real SSH server, since there is no /usr/sbin/sshd here.');
	}

	return missing;
}

export interface KeyPair {
	readonly private: string;
	readonly public: string;
	readonly fingerprint: string;
}

export function newKeyPair(): KeyPair {
	const {privateKey, publicKey, fingerprint} = generateKeyPair('dms-upgrade test');
	return {
		private: privateKey,
		public: `${publicKey.type} ${publicKey.getPublicSSH().toString('base64')}`,
		fingerprint,
	};
}

export async function startSshd(): Promise<Sshd> {
	const folder = await mkdtemp(join(tmpdir(), 'dms-upgrade-sshd-'));
	const drive = join(folder, 'drive');
	const hostKey = newKeyPair();
	const clientKey = newKeyPair();
	const port = await freePort();
	await mkdir(drive);
	await writeFile(join(folder, 'host_key'), hostKey.private, {mode: 0o600});
	await writeFile(join(folder, 'authorized_keys'), `${clientKey.public}\n`, {mode: 0o600});
	const sftpServer = sftpServers.find(path => existsSync(path)) ?? '';
	await writeFile(join(folder, 'shell'), shellScript(sftpServer), {mode: 0o755});
	await writeFile(
		join(folder, 'sshd_config'),
		[
			`Port ${port}`,
			'ListenAddress 127.0.0.1',
			`HostKey ${join(folder, 'host_key')}`,
			`AuthorizedKeysFile ${join(folder, 'authorized_keys')}`,
			'StrictModes no',
			'UsePAM no',
			'PasswordAuthentication no',
			'PermitRootLogin yes',
			'PidFile none',
			'LogLevel FATAL',
			`Subsystem sftp ${sftpServer}`,
			`ForceCommand ${join(folder, 'shell')}`,
			'',
		].join('\n'),
	);
	if (userInfo().uid === 0) {
		// Where sshd locks itself into; the package's service makes it, and no service runs here.
		await mkdir('/run/sshd', {recursive: true});
	}

	const server = spawn(sshdPath, ['-D', '-e', '-f', join(folder, 'sshd_config')], {
		stdio: ['ignore', 'ignore', 'inherit'],
	});
	await eventually(() => accepts(port));
	return {
		port,
		drive,
		options: differences => ({
			address: '127.0.0.1',
			port,
			user: userInfo().username,
			privateKey: clientKey.private,
			hostKey: hostKey.fingerprint,
			wire: {...windowsWire, path: path => join(drive, path.replace(/^C:/, '').replaceAll('\\', '/'))},
			...differences,
		}),
		stop: async () => {
			await ended(server);
			await rm(folder, {recursive: true, force: true});
		},
	};
}

/** Answers the question for the shell as cmd.exe does; simple lines for cmd.exe mean the same to sh. */
function shellScript(sftpServer: string): string {
	return `#!/bin/sh
case "$SSH_ORIGINAL_COMMAND" in
	"${sftpServer}") exec "${sftpServer}" ;;
	"echo %ComSpec%") echo 'C:\\Windows\\system32\\cmd.exe' ;;
	*) exec sh -c "$SSH_ORIGINAL_COMMAND" ;;
esac
`;
}

export function freePort(): Promise<number> {
	return new Promise((resolve, reject) => {
		const server = createServer();
		server.on('error', reject);
		server.listen(0, '127.0.0.1', () => {
			const address = server.address();
			server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
		});
	});
}

function accepts(port: number): Promise<boolean> {
	return new Promise(resolve => {
		const socket = createConnection({port, host: '127.0.0.1'});
		socket.on('connect', () => {
			socket.destroy();
			resolve(true);
		});
		socket.on('error', () => resolve(false));
	});
}

async function ended(server: ChildProcess): Promise<void> {
	if (server.exitCode === null && server.signalCode === null) {
		await new Promise(resolve => {
			server.once('exit', resolve);
			server.kill();
		});
	}
}
