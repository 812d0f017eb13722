import type {AddressInfo} from 'node:net';
import ssh2, {type Connection, type SFTPWrapper, type ServerChannel} from 'ssh2';
import type {PinnedSshOptions} from '../../source/transport/ssh/ssh-options.ts';
import {newKeyPair} from './sshd.ts';

const {OPEN_MODE, STATUS_CODE} = ssh2.utils.sftp;

export {OPEN_MODE, STATUS_CODE};

const shellProbe = 'echo %ComSpec%';

export interface OddServer {
	readonly options: PinnedSshOptions;
	/** How often somebody tried to log in; the handshake before does not count. */
	readonly logins: number;
	stop(): Promise<void>;
}

export interface OddBehaviour {
	/** Called with every command line but the question for the shell; without it no program is started. */
	readonly exec?: (command: string, channel: ServerChannel, connection: Connection) => void;
	/** Says what each SFTP request is answered with; without it there is no SFTP. */
	readonly sftp?: (sftp: SFTPWrapper, connection: Connection) => void;
}

/** An SSH server that lets everybody in and then does what a test wants it to do wrong. */
export async function startOddServer(behaviour: OddBehaviour): Promise<OddServer> {
	const hostKey = newKeyPair();
	const connections = new Set<Connection>();
	let logins = 0;
	const server = new ssh2.Server({hostKeys: [hostKey.private]}, connection => {
		connections.add(connection);
		connection.on('close', () => connections.delete(connection));
		connection.on('error', () => undefined);
		// The types of ssh2 leave this out.
		connection.on('ready', () => (connection as unknown as {setNoDelay(): void}).setNoDelay());
		connection.on('authentication', context => {
			logins += 1;
			context.accept();
		});
		connection.on('session', acceptSession => {
			const session = acceptSession();
			session.on('exec', (accept, reject, {command}) => {
				if (!behaviour.exec && command !== shellProbe) {
					reject();
					return;
				}

				const channel = accept();
				channel.on('error', () => undefined);
				if (command === shellProbe) {
					channel.write('C:\\Windows\\system32\\cmd.exe\r\n');
					channel.exit(0);
					channel.end();
				} else {
					behaviour.exec?.(command, channel, connection);
				}
			});
			session.on('sftp', (accept, reject) => {
				if (!behaviour.sftp) {
					reject();
					return;
				}

				const sftp = accept();
				sftp.on('error', () => undefined);
				behaviour.sftp(sftp, connection);
			});
		});
	});
	await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
	return {
		options: {
			address: '127.0.0.1',
			port: (server.address() as AddressInfo).port,
			user: 'Administrator',
			privateKey: newKeyPair().private,
			hostKey: hostKey.fingerprint,
		},
		get logins() {
			return logins;
		},
		stop: () =>
			new Promise(resolve => {
				server.close(() => resolve());
				for (const connection of connections) {
					connection.end();
				}
			}),
	};
}
