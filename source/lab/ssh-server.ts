import type {Socket} from 'node:net';
import ssh2 from 'ssh2';
import type {AuthContext, Connection, ParsedKey, ServerChannel, Session} from 'ssh2';
import {encodeConsole} from './console-text.ts';
import type {Line} from './line.ts';
import {meetLineFaults} from './line-faults.ts';
import type {SimulatedAgent} from './simulated-agent.ts';
import {Killed} from './programs/program.ts';
import {serveSftp} from './sftp-server.ts';
import type {KeyPair} from './ssh-keys.ts';

export interface SshServerOptions {
	readonly hostKey: KeyPair;
	/** Who may log in, and with which key. */
	readonly user: string;
	readonly clientKey: ParsedKey;
}

/** The SSH server of one simulated Agent, as Windows OpenSSH. */
export class SshServer {
	readonly #ssh: ssh2.Server;

	constructor(
		private readonly agent: SimulatedAgent,
		private readonly options: SshServerOptions,
	) {
		this.#ssh = new ssh2.Server({hostKeys: [options.hostKey.privateKey], ident: 'OpenSSH_for_Windows_9.5'});
		this.#ssh.on('connection', connection => this.#welcome(connection));
	}

	serve(line: Line): void {
		// It asks for no more of a socket than what every stream has.
		this.#ssh.injectSocket(line as unknown as Socket);
	}

	#welcome(connection: Connection): void {
		// A client that vanishes or talks nonsense concerns only its own connection, which ssh2 has closed.
		connection.on('error', error =>
			this.agent.events.note(this.agent.name, 'connection-error', {reason: error.message}),
		);
		connection.on('authentication', context => this.#authenticate(context));
		connection.on('session', accept => this.#open(accept()));
	}

	#authenticate(context: AuthContext): void {
		const {agent, options} = this;
		if (context.method !== 'publickey') {
			context.reject(['publickey']);
			return;
		}

		const known =
			context.username === options.user &&
			context.key.algo === options.clientKey.type &&
			context.key.data.equals(options.clientKey.getPublicSSH());
		// Without a signature the client only asks whether this key would do.
		const {blob, signature} = context;
		const proved =
			!signature || (blob !== undefined && options.clientKey.verify(blob, signature, context.hashAlgo));
		if (!known || !proved) {
			agent.events.note(agent.name, 'login-refused', {user: context.username});
			context.reject(['publickey']);
			return;
		}

		if (signature) {
			agent.events.note(agent.name, 'login', {user: context.username});
		}

		context.accept();
	}

	#open(session: Session): void {
		// Whoever asks for no answer, as OpenSSH does here, gets none: there is nothing to accept then.
		session.on('env', (accept: (() => void) | undefined) => accept?.());
		session.on('pty', (accept: (() => void) | undefined) => accept?.());
		session.on('exec', (accept, _reject, {command}) => this.#execute(accept(), command));
		session.on('shell', accept => {
			const channel = accept();
			channel.stderr.write('The practice cluster has no interactive shell.\r\n');
			channel.exit(1);
			channel.end();
		});
		// ssh2's own SFTP server cannot announce extensions, and clients use none that was not announced.
		session.on('subsystem', (accept, reject, {name}) => {
			if (name === 'sftp') {
				this.#serveFiles(accept());
			} else {
				reject();
			}
		});
	}

	#execute(channel: ServerChannel, command: string): void {
		const connection = new AbortController();
		// No program here reads its input, but unread input would hold back the close.
		channel.resume();
		channel.once('close', () => connection.abort(new Killed('end of its connection')));
		channel.on('error', () => {
			// The close that follows tells.
		});
		const output = {
			write: (text: string) => {
				if (channel.writable) {
					channel.write(encodeConsole(text, this.agent.software.codePage));
				}
			},
			writeError: (text: string) => {
				if (channel.writable) {
					channel.stderr.write(encodeConsole(text, this.agent.software.codePage));
				}
			},
		};
		const fail = (error: unknown) => {
			output.writeError(
				`The practice cluster failed: ${error instanceof Error ? error.message : String(error)}\r\n`,
			);
			return 255;
		};
		void this.agent
			.execute(command, output, connection.signal)
			.catch(fail)
			.then(exitCode => {
				channel.exit(exitCode);
				channel.end();
			});
	}

	#serveFiles(channel: ServerChannel): void {
		const {agent} = this;
		channel.on('error', () => {
			// The end of the stream, which follows, ends the session.
		});
		const host = {
			name: agent.name,
			drive: agent.drive,
			clock: agent.clock,
			events: agent.events,
			uploadGoesOn() {
				meetLineFaults(agent, 'upload');
			},
			lockMade() {
				meetLineFaults(agent, 'lock');
			},
		};
		const finished = () => channel.end();
		// A stream that breaks off or is no SFTP ends the session, as it ends OpenSSH's own process.
		serveSftp(channel, host).then(finished, finished);
	}
}
