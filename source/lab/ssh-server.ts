import {createServer} from 'node:net';
import type {AddressInfo, Server as NetServer, Socket} from 'node:net';
import ssh2 from 'ssh2';
import type {AuthContext, Connection, ParsedKey, ServerChannel, Session} from 'ssh2';
import {encodeConsole} from './console-text.ts';
import {meetLineFaults} from './line-faults.ts';
import type {SimulatedAgent} from './simulated-agent.ts';
import {Killed} from './programs/program.ts';
import {serveSftp} from './sftp-server.ts';
import type {KeyPair} from './ssh-keys.ts';
import {SshLine} from './ssh-line.ts';

export interface SshDoorOptions {
	readonly hostKey: KeyPair;
	/** Who may log in, and with which key. */
	readonly user: string;
	readonly clientKey: ParsedKey;
}

/** The SSH server of one simulated Agent, as Windows OpenSSH: its clients can be thrown out and it can be shut. */
export class SshDoor {
	readonly #ssh: ssh2.Server;
	readonly #listener: NetServer;
	readonly #lines = new Set<SshLine>();
	/** Opening and shutting happen one after the other, however fast they are asked for. */
	#settled: Promise<unknown> = Promise.resolve();

	constructor(
		private readonly agent: SimulatedAgent,
		private readonly options: SshDoorOptions,
	) {
		this.#ssh = new ssh2.Server({hostKeys: [options.hostKey.privateKey], ident: 'OpenSSH_for_Windows_9.5'});
		this.#ssh.on('connection', connection => this.#welcome(connection));
		this.#listener = createServer({noDelay: true}, socket => {
			const line = new SshLine(socket);
			const forget = () => line.gone && this.#lines.delete(line);
			this.#lines.add(line);
			line.once('close', forget);
			socket.once('close', forget);
			// It asks for no more of a socket than what every stream has.
			this.#ssh.injectSocket(line as unknown as Socket);
		});
	}

	/** Resolves with the port; `port` 0 takes a free one. */
	async open(address: string, port: number): Promise<number> {
		return this.#next(async () => {
			if (!this.#listener.listening) {
				await listening(this.#listener, address, port);
			}

			return (this.#listener.address() as AddressInfo).port;
		});
	}

	/** Nothing listens any more and everybody is thrown out. */
	async shut(reason: string): Promise<void> {
		await this.#next(async () => {
			if (this.#listener.listening) {
				const closed = new Promise(resolve => this.#listener.close(resolve));
				this.dropConnections(reason);
				await closed;
			}
		});
	}

	/** How many are connected, as far as both ends know of each other. */
	get clients(): number {
		return [...this.#lines].filter(line => line.carries).length;
	}

	dropConnections(reason: string): void {
		for (const line of this.#lines) {
			this.agent.events.note(this.agent.name, 'connection-dropped', {reason});
			line.reset();
		}
	}

	/** From now on nothing passes on the connections that there are, and nobody is told. New ones can be made. */
	silenceConnections(reason: string): void {
		for (const line of this.#lines) {
			if (line.carries) {
				this.agent.events.note(this.agent.name, 'connection-silenced', {reason});
				line.fallSilent();
			}
		}
	}

	#welcome(connection: Connection): void {
		// A client that vanishes or talks nonsense concerns only its own connection, which ssh2 has closed.
		connection.on('error', error =>
			this.agent.events.note(this.agent.name, 'connection-error', {reason: error.message}),
		);
		connection.on('authentication', context => this.#authenticate(context));
		connection.on('session', accept => this.#serve(accept()));
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

	#serve(session: Session): void {
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

	async #next<T>(act: () => Promise<T>): Promise<T> {
		const result = this.#settled.then(act);
		this.#settled = result.catch(() => undefined);
		return result;
	}
}

async function listening(server: NetServer, address: string, port: number): Promise<void> {
	await new Promise<void>((resolve, reject) => {
		server.once('error', reject);
		server.listen(port, address, () => {
			server.off('error', reject);
			resolve();
		});
	});
}
