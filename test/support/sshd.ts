import {type ChildProcess, spawn} from 'node:child_process';
import {existsSync} from 'node:fs';
import {chmod, mkdir, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {createServer} from 'node:net';
import {tmpdir, userInfo} from 'node:os';
import {join} from 'node:path';
import {createConnection} from 'node:net';
import {generateKeyPair} from '../../source/lab/ssh-keys.ts';
import type {HostSettings, IdentityFile} from '../../source/transport/ssh/client-config/host-settings.ts';
import type {PinnedSshOptions, SshWire} from '../../source/transport/ssh/ssh-options.ts';
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
	/** Everything that belongs to it; the private key that it lets in is `client_key` there. */
	readonly folder: string;
	readonly hostKey: KeyPair;
	/** A known_hosts file that knows its key. */
	readonly knownHosts: string;
	/** What it wrote into its log until now; with `LogLevel DEBUG1` each request to log in. */
	log(): string;
	options(differences?: Partial<PinnedSshOptions>): PinnedSshOptions;
	/** As a configuration of SSH would say how to reach it. */
	settings(differences?: Partial<HostSettings>): HostSettings;
	wire(): SshWire;
	/** Ends it and all its connections, as a power cut would. */
	kill(): Promise<void>;
	/** Starts it again on the same port. */
	restart(): Promise<void>;
	stop(): Promise<void>;
}

export interface SshdDifferences {
	/** Lines for its configuration, which go before ours. */
	readonly config?: readonly string[];
	/** Further public keys that it lets in. */
	readonly lettingIn?: readonly string[];
	/** What `C:\` is on this computer; a folder of its own by default. */
	readonly drive?: string;
	/** The script that runs for each command; by default one in which simple lines for cmd.exe mean the same. */
	readonly shell?: (sftpServer: string) => string;
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

export async function startSshd({
	config = [],
	lettingIn = [],
	shell = shellScript,
	drive: givenDrive,
}: SshdDifferences = {}): Promise<Sshd> {
	const folder = await mkdtemp(join(tmpdir(), 'dms-upgrade-sshd-'));
	// Other users that log in have to get through to the shell and the drive.
	await chmod(folder, 0o711);
	const drive = givenDrive ?? join(folder, 'drive');
	const hostKey = newKeyPair();
	const clientKey = newKeyPair();
	const port = await freePort();
	await mkdir(drive, {recursive: true});
	await writeFile(join(folder, 'host_key'), hostKey.private, {mode: 0o600});
	await writeFile(join(folder, 'client_key'), clientKey.private, {mode: 0o600});
	await writeFile(join(folder, 'authorized_keys'), [clientKey.public, ...lettingIn, ''].join('\n'), {
		mode: 0o600,
	});
	await writeFile(join(folder, 'known_hosts'), `[127.0.0.1]:${port} ${hostKey.public}\n`);
	const sftpServer = sftpServers.find(path => existsSync(path)) ?? '';
	await writeFile(join(folder, 'shell'), shell(sftpServer), {mode: 0o755});
	await writeFile(
		join(folder, 'sshd_config'),
		[
			...config,
			`Port ${port}`,
			'ListenAddress 127.0.0.1',
			`HostKey ${join(folder, 'host_key')}`,
			`AuthorizedKeysFile ${join(folder, 'authorized_keys')}`,
			'StrictModes no',
			'UsePAM no',
			'PasswordAuthentication no',
			'KbdInteractiveAuthentication no',
			'PermitRootLogin yes',
			'PidFile none',
			'LogLevel VERBOSE',
			...(config.some(line => line.startsWith('Subsystem')) ? [] : [`Subsystem sftp ${sftpServer}`]),
			`ForceCommand ${join(folder, 'shell')}`,
			'',
		].join('\n'),
	);
	if (userInfo().uid === 0) {
		// Where sshd locks itself into; the package's service makes it, and no service runs here.
		await mkdir('/run/sshd', {recursive: true});
	}

	let log = '';
	const start = async () => {
		const started = spawn(sshdPath, ['-D', '-e', '-f', join(folder, 'sshd_config')], {
			stdio: ['ignore', 'ignore', 'pipe'],
		});
		started.stderr.setEncoding('utf8').on('data', (text: string) => (log += text));
		await eventually(() => accepts(port), {what: `sshd listens; it says: ${log}`});
		return started;
	};
	let server = await start();
	const wire = {
		...windowsWire,
		path: (path: string) => join(drive, path.replace(/^C:/, '').replaceAll('\\', '/')),
	};
	return {
		port,
		drive,
		folder,
		hostKey,
		knownHosts: join(folder, 'known_hosts'),
		log: () => log,
		wire: () => wire,
		options: differences => ({
			address: '127.0.0.1',
			port,
			user: userInfo().username,
			privateKey: clientKey.private,
			hostKey: hostKey.fingerprint,
			wire,
			...differences,
		}),
		settings: differences => ({
			host: `sshd-${port}`,
			hostName: '127.0.0.1',
			port,
			user: userInfo().username,
			addressFamily: 'any',
			jumpHosts: [],
			connectTimeoutSeconds: undefined,
			serverAliveIntervalSeconds: 0,
			serverAliveCountMax: 3,
			identityFiles: [identityFile(join(folder, 'client_key'))],
			identitiesOnly: false,
			agentSocket: undefined,
			login: {publicKey: true, password: true, keyboardInteractive: true, preferred: undefined},
			batchMode: false,
			userKnownHostsFiles: [join(folder, 'known_hosts')],
			globalKnownHostsFiles: [],
			hostKeyAlias: undefined,
			strictHostKeyChecking: 'ask',
			hashKnownHosts: false,
			notices: [],
			...differences,
		}),
		kill: async () => {
			// Each connection has a process group of its own.
			for (const pid of await descendants(server.pid ?? 0)) {
				killIfThere(pid);
			}

			await ended(server, 'SIGKILL');
		},
		restart: async () => {
			server = await start();
		},
		stop: async () => {
			await ended(server);
			await rm(folder, {recursive: true, force: true});
		},
	};
}

export function identityFile(path: string): IdentityFile {
	return {path, written: path, byDefault: false};
}

/** A connection that is just ending may have ended by itself since it was found. */
function killIfThere(pid: number): void {
	try {
		process.kill(pid, 'SIGKILL');
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'ESRCH') {
			throw error;
		}
	}
}

/** The processes that a process started, and those that they started. Linux only. */
async function descendants(pid: number): Promise<readonly number[]> {
	const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
	const found = children.split(' ').filter(Boolean).map(Number);
	return [...found, ...(await Promise.all(found.map(descendants))).flat()];
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

async function ended(server: ChildProcess, signal?: NodeJS.Signals): Promise<void> {
	if (server.exitCode === null && server.signalCode === null) {
		await new Promise(resolve => {
			server.once('exit', resolve);
			server.kill(signal);
		});
	}
}
