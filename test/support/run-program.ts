import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {program, root} from './terminal.ts';

export interface ProgramRun {
	readonly exitCode: number | null;
	readonly stdout: string;
	readonly stderr: string;
}

interface RunOptions {
	readonly environment?: Record<string, string>;
	/** Called with everything that stands on stdout so far, whenever that grows. */
	readonly onOutput?: (stdout: string, kill: (signal: NodeJS.Signals) => void) => void;
	/** In milliseconds. */
	readonly limit?: number;
}

/** Runs the built program to its end, without a terminal. */
export async function runProgram(args: readonly string[], options: RunOptions = {}): Promise<ProgramRun> {
	const {environment = {}, onOutput, limit = 50_000} = options;
	const child = spawn(process.execPath, [program, ...args], {
		cwd: root,
		env: {...process.env, ...environment},
		stdio: ['ignore', 'pipe', 'pipe'],
		timeout: limit,
	});
	let stdout = '';
	let stderr = '';
	child.stdout.setEncoding('utf8').on('data', (text: string) => {
		stdout += text;
		onOutput?.(stdout, signal => child.kill(signal));
	});
	child.stderr.setEncoding('utf8').on('data', (text: string) => {
		stderr += text;
	});
	const [exitCode] = (await once(child, 'close')) as [number | null];
	return {exitCode, stdout, stderr};
}
