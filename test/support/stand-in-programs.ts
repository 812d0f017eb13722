import {readFileSync} from 'node:fs';
import {chmod, mkdir, mkdtemp, rm, symlink, writeFile} from 'node:fs/promises';
import {type Socket, createServer} from 'node:net';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {createInterface} from 'node:readline';
import type {Machine, ProgramCall} from '../../source/agent/machine.ts';
import type {KnownAgent} from '../../source/config/inventory.ts';
import {SshMachine} from '../../source/transport/ssh/ssh-machine.ts';

/** Every program that is run on an Agent. */
const names = [
	'certutil.exe',
	'chcp.com',
	'fsutil.exe',
	'hostname.exe',
	'powershell.exe',
	'reg.exe',
	'sc.exe',
	'schtasks.exe',
	'SLTaskbarUtility.exe',
	'StandaloneBpaExecutor.exe',
	'SwitchOver.exe',
];

/**
 * Programs for `practiceWire`, real processes which hand every call on to a machine that answers as Windows would, such
 * as an Agent of the lab. A program that is killed is killed there, too.
 */
export async function standInPrograms(folder: string, machine: Machine): Promise<{stop(): Promise<void>}> {
	const programs = join(folder, 'programs');
	const socketPath = join(folder, 'programs.socket');
	await mkdir(programs, {recursive: true});
	for (const name of names) {
		await writeFile(join(programs, name), script(socketPath));
		await chmod(join(programs, name), 0o755);
	}

	const sockets = new Set<Socket>();
	const server = createServer(socket => {
		sockets.add(socket);
		const gone = new AbortController();
		socket.on('error', () => undefined);
		socket.on('close', () => {
			sockets.delete(socket);
			gone.abort();
		});
		createInterface({input: socket}).on('line', line => {
			const {program, args} = JSON.parse(line) as ProgramCall;
			machine.run({program, args}, {signal: gone.signal, timeoutMs: 300_000}).then(
				result => socket.end(JSON.stringify(result)),
				(error: unknown) => {
					socket.end(JSON.stringify({exitCode: 1, stdout: '', stderr: String(error)}));
				},
			);
		});
	});
	await new Promise<void>(resolve => void server.listen(socketPath, resolve));
	return {
		stop: async () => {
			server.close();
			for (const socket of sockets) {
				socket.destroy();
			}

			await rm(socketPath, {force: true});
		},
	};
}

/** A folder for `practiceWire`: its files are those of an Agent of the lab, and its programs ask that Agent. */
export async function practiceOf(
	agent: KnownAgent,
): Promise<{readonly folder: string; stop(): Promise<void>}> {
	const folder = await mkdtemp(join(tmpdir(), 'dms-upgrade-stand-in-'));
	await symlink(join(dirname(agent.identityFile), agent.name, 'C'), join(folder, 'C'));
	const behind = new SshMachine({...agent, privateKey: readFileSync(agent.identityFile)});
	const programs = await standInPrograms(folder, behind);
	return {
		folder,
		stop: async () => {
			await programs.stop();
			await behind.close();
			await rm(folder, {recursive: true, force: true});
		},
	};
}

function script(socketPath: string): string {
	return `#!${process.execPath}
const socket = require('node:net').connect(${JSON.stringify(socketPath)});
socket.write(JSON.stringify({program: process.env.DMS_UPGRADE_PROGRAM, args: process.argv.slice(2)}) + '\\n');
let answer = '';
socket.setEncoding('utf8').on('data', text => (answer += text));
socket.on('end', () => {
	const {exitCode, stdout, stderr} = JSON.parse(answer);
	process.stdout.write(stdout);
	process.stderr.write(stderr);
	process.exitCode = exitCode;
});
`;
}
