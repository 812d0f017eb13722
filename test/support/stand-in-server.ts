import {once} from 'node:events';
import {chmod, mkdtemp, rm} from 'node:fs/promises';
import {type Socket, createServer} from 'node:net';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {encodeConsole} from '../../source/lab/console-text.ts';
import {Killed} from '../../source/lab/programs/program.ts';
import {serveSftp} from '../../source/lab/sftp-server.ts';
import type {SimulatedAgent} from '../../source/lab/simulated-agent.ts';
import {type Sshd, type SshdDifferences, startSshd} from './sshd.ts';

/** OpenSSH's own server before a simulated Agent: its programs stand in for those of Windows. */
export interface StandInServer {
	readonly sshd: Sshd;
	stop(): Promise<void>;
}

export interface StandInOptions extends SshdDifferences {
	/**
	 * Who does file transfer: `openssh` the program of OpenSSH, which knows no drives and needs `wire` in the client;
	 * `agent` the simulated Agent, whose paths are those of Windows.
	 */
	readonly files: 'openssh' | 'agent';
}

export async function startStandIn(agent: SimulatedAgent, options: StandInOptions): Promise<StandInServer> {
	const subsystem = 'stand-in-files';
	const sockets = new Set<Socket>();
	const listener = createServer(socket => {
		sockets.add(socket);
		socket.on('error', () => undefined);
		socket.on('close', () => sockets.delete(socket));
		void serve(agent, socket);
	});
	const drive = await agent.drive.resolve('C:\\');
	const folder = await mkdtemp(path.join(tmpdir(), 'dms-upgrade-stand-in-'));
	const socketPath = path.join(folder, 'socket');
	listener.listen(socketPath);
	await once(listener, 'listening');
	// Whoever logs in has to get through.
	await chmod(folder, 0o711);
	await chmod(socketPath, 0o777);
	const shell = [process.execPath, path.join(import.meta.dirname, 'stand-in-shell.ts'), socketPath];
	const sshd = await startSshd({
		...options,
		drive,
		...(options.files === 'agent' && {
			config: [...(options.config ?? []), `Subsystem sftp ${subsystem}`],
		}),
		shell: sftpServer =>
			[
				'#!/bin/sh',
				// The program of a subsystem is what the user is said to have asked for.
				...(options.files === 'openssh'
					? [`[ "$SSH_ORIGINAL_COMMAND" = "${sftpServer}" ] && exec "${sftpServer}"`]
					: []),
				`exec "${shell.join('" "')}" "${options.files === 'agent' ? subsystem : ''}"`,
				'',
			].join('\n'),
	});
	return {
		sshd,
		async stop() {
			await sshd.stop();
			for (const socket of sockets) {
				socket.destroy();
			}

			listener.close();
			await rm(folder, {recursive: true, force: true});
		},
	};
}

async function serve(agent: SimulatedAgent, socket: Socket): Promise<void> {
	const [line, rest] = await firstLine(socket);
	const {files, command = ''} = JSON.parse(line) as {files?: boolean; command?: string};
	if (files) {
		await serveFiles(agent, socket, rest).catch(() => undefined);
		socket.end();
		return;
	}

	const connection = new AbortController();
	socket.on('close', () => connection.abort(new Killed('end of its connection')));
	const tell = (what: object) => {
		if (socket.writable) {
			socket.write(`${JSON.stringify(what)}\n`);
		}
	};
	const encoded = (text: string) => encodeConsole(text, agent.software.codePage).toString('base64');
	const output = {
		write: (text: string) => tell({out: encoded(text)}),
		writeError: (text: string) => tell({err: encoded(text)}),
	};
	tell({exit: await agent.execute(command, output, connection.signal).catch(() => 255)});
	socket.end();
}

async function firstLine(socket: Socket): Promise<[line: string, rest: Buffer]> {
	let seen = Buffer.alloc(0);
	for (;;) {
		const [bytes] = (await once(socket, 'data')) as [Buffer];
		seen = Buffer.concat([seen, bytes]);
		const end = seen.indexOf('\n');
		if (end >= 0) {
			socket.pause();
			return [seen.subarray(0, end).toString(), seen.subarray(end + 1)];
		}
	}
}

async function serveFiles(agent: SimulatedAgent, socket: Socket, rest: Buffer): Promise<void> {
	if (rest.length > 0) {
		socket.unshift(rest);
	}

	await serveSftp(socket, {
		name: agent.name,
		drive: agent.drive,
		clock: agent.clock,
		events: agent.events,
		uploadGoesOn: () => undefined,
		lockMade: () => undefined,
	});
}
