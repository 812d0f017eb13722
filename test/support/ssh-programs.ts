import {spawn, spawnSync} from 'node:child_process';
import {existsSync} from 'node:fs';
import {connect} from 'node:net';
import {delimiter, join} from 'node:path';
import {eventually} from './eventually.ts';

const folders = (process.env['PATH'] ?? '').split(delimiter).filter(folder => folder !== '');

function pathOf(name: string): string | undefined {
	return folders.map(folder => join(folder, name)).find(path => existsSync(path));
}

/** Says loudly that the tests against the programs of OpenSSH do not run. On a build server that is a failure. */
export function sshProgramsAreMissing(): boolean {
	const missing = ['ssh', 'ssh-keygen'].filter(name => pathOf(name) === undefined);
	if (missing.length > 0 && process.env['CI']) {
		throw new Error('These tests need the programs of OpenSSH: apt-get install openssh-client');
	}

	if (missing.length > 0) {
		console.warn(
			`SKIPPED: the tests against the programs of OpenSSH, since ${missing.join(', ')} is missing.`,
		);
	}

	return missing.length > 0;
}

export interface ProgramOutput {
	readonly exitCode: number;
	readonly stdout: string;
	readonly stderr: string;
}

/** Runs one of the programs of OpenSSH to its end. */
export function runSshProgram(
	name: 'ssh' | 'ssh-keygen' | 'ssh-add',
	args: readonly string[],
	environment: Readonly<Record<string, string>> = {},
): ProgramOutput {
	const {status, stdout, stderr, error} = spawnSync(pathOf(name) ?? name, args, {
		encoding: 'utf8',
		timeout: 30_000,
		stdio: ['ignore', 'pipe', 'pipe'],
		env: {PATH: process.env['PATH'], ...environment},
	});
	if (error) {
		throw error;
	}

	return {exitCode: status ?? -1, stdout, stderr};
}

export interface SshAgent {
	readonly socket: string;
	/** With `confirm` it signs only when a person agrees, whom it cannot ask in a test. */
	add(keyFile: string, options?: {readonly confirm?: boolean}): void;
	stop(): Promise<void>;
}

function answers(socketPath: string): Promise<boolean> {
	return new Promise(resolve => {
		const socket = connect(socketPath);
		socket.on('connect', () => {
			socket.destroy();
			resolve(true);
		});
		socket.on('error', () => resolve(false));
	});
}

/** An ssh-agent of OpenSSH, which holds no key yet. */
export async function startSshAgent(folder: string): Promise<SshAgent> {
	const socket = join(folder, 'agent.socket');
	const agent = spawn(pathOf('ssh-agent') ?? 'ssh-agent', ['-D', '-a', socket], {stdio: 'ignore'});
	// The socket is there a little before anybody listens on it.
	await eventually(() => answers(socket));
	return {
		socket,
		add(keyFile, {confirm = false} = {}) {
			const {exitCode, stderr} = runSshProgram('ssh-add', [...(confirm ? ['-c'] : []), keyFile], {
				SSH_AUTH_SOCK: socket,
			});
			if (exitCode !== 0) {
				throw new Error(`ssh-add failed: ${stderr}`);
			}
		},
		stop: () =>
			new Promise(resolve => {
				if (agent.exitCode !== null || agent.signalCode !== null) {
					resolve();
					return;
				}

				agent.once('exit', () => resolve());
				agent.kill();
			}),
	};
}
