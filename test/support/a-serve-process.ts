import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {createInterface} from 'node:readline';
import {onTestFinished} from 'vitest';
import type {Scope} from '../../source/transport/http/api/scopes.ts';
import type {ServicePlace} from '../../source/transport/http/client/service-place.ts';
import {type ProgramRun, runProgram} from './run-program.ts';
import {program, root} from './terminal.ts';

/** `dms-upgrade serve`, as a process of its own. */
export interface ServeProcess {
	readonly place: ServicePlace;
	readonly url: string;
	readonly fingerprint: string | undefined;
	/** What it has written so far, after the line that tells where it listens. */
	readonly log: () => readonly string[];
	/** Sends a signal, and answers the exit code, or null where the signal ended it at once. */
	end(signal: NodeJS.Signals): Promise<number | null>;
	/** Without waiting for the end. */
	kill(signal: NodeJS.Signals): void;
	readonly ended: Promise<number | null>;
}

/** Starts the built program before a practice folder; it ends with the test at the latest. */
export async function aServeProcess(practice: string, ...args: readonly string[]): Promise<ServeProcess> {
	const child = spawn(
		process.execPath,
		[program, 'serve', '--practice', practice, '--port', '0', '--json', ...args],
		{cwd: root, stdio: ['ignore', 'pipe', 'pipe']},
	);
	const ended = once(child, 'close').then(([code]) => code as number | null);
	onTestFinished(async () => {
		child.kill('SIGKILL');
		await ended;
	});
	const lines: string[] = [];
	const {promise: first, resolve, reject} = Promise.withResolvers<string>();
	createInterface({input: child.stdout}).on('line', line => {
		lines.push(line);
		// The log goes the same way, and may come first.
		if (line.startsWith('{"url"')) {
			resolve(line);
		}
	});
	let failure = '';
	child.stderr.setEncoding('utf8').on('data', (text: string) => (failure += text));
	void ended.then(() => reject(new Error(failure)));
	const facts = JSON.parse(await first) as {url: string; port: number; fingerprint?: string};
	return {
		place: {
			address: '127.0.0.1',
			port: facts.port,
			plain: facts.url.startsWith('http:'),
			...(facts.fingerprint !== undefined && {certificate: facts.fingerprint}),
		},
		url: facts.url,
		fingerprint: facts.fingerprint,
		log: () => lines.filter(line => !line.startsWith('{"url"')),
		end(signal) {
			child.kill(signal);
			return ended;
		},
		kill: signal => void child.kill(signal),
		ended,
	};
}

/** What `serve` says when it does not start. */
export async function refusedToServe(...args: readonly string[]): Promise<ProgramRun & {code: string}> {
	const run = await runProgram(['serve', '--json', ...args]);
	return {...run, code: (JSON.parse(run.stderr) as {code: string}).code};
}

/** The secret of a new token for the services of this folder. */
export async function aToken(practice: string, scope: Scope): Promise<string> {
	const made = await runProgram([
		...['serve', 'token', '--practice', practice, '--name', 'test', '--scope', scope, '--json'],
	]);
	return (JSON.parse(made.stdout) as {token: string}).token;
}
