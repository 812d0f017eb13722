import {type ChildProcessByStdio, spawn} from 'node:child_process';
import type {Readable} from 'node:stream';
import {visibleText} from '../../domain/text.ts';
import {FileOperationError, ProgramTimedOutError} from '../../agent/machine-errors.ts';
import type {RunOptions} from '../../agent/machine.ts';
import {BoundedOutput} from '../bounded-output.ts';
import {codeOf} from './local-file-failure.ts';
import type {LocalStart} from './local-wire.ts';

/** Of each output of a program, in bytes; the rest is read and dropped. */
const outputBytes = 4 * 1024 * 1024;

/** What a program started may hold its output open, long after it has ended itself. */
const drainMs = 1000;

/** What a shell answers for a program that is not there. */
const notFound = 1;
/** A program that was ended from outside; on Windows it has an exit code all the same. */
const endedFromOutside = -1;

/** What a program left, as bytes. */
export interface RawResult {
	readonly exitCode: number;
	readonly stdout: Buffer;
	readonly stderr: Buffer;
}

export interface LocalRunOptions extends Pick<RunOptions, 'onOutput'> {
	readonly address: string;
	/** For messages. */
	readonly program: string;
	readonly timeoutMs: number;
	readonly signal: AbortSignal;
}

/** Runs a program of this computer and waits for its end. One that is given up is killed. */
export async function runLocally(start: LocalStart, options: LocalRunOptions): Promise<RawResult> {
	const {address, program, timeoutMs, signal, onOutput} = options;
	signal.throwIfAborted();
	const child = spawn(start.file, start.args, {
		...start.options,
		stdio: ['ignore', 'pipe', 'pipe'],
		windowsHide: true,
	});
	const stdout = new BoundedOutput(outputBytes, onOutput);
	const stderr = new BoundedOutput(outputBytes, onOutput);
	child.stdout.on('data', (bytes: Buffer) => stdout.push(bytes));
	child.stderr.on('data', (bytes: Buffer) => stderr.push(bytes));
	const timeout = AbortSignal.timeout(timeoutMs);
	const ended = await untilEnded(child, AbortSignal.any([signal, timeout]));
	if ('exitCode' in ended) {
		return {exitCode: ended.exitCode, stdout: stdout.end(), stderr: stderr.end()};
	}

	signal.throwIfAborted();
	if (timeout.aborted) {
		throw new ProgramTimedOutError(address, program, timeoutMs);
	}

	const code = codeOf(ended.error);
	if (code === 'ENOENT') {
		const text = `${visibleText(program, 200)} is not there.`;
		return {exitCode: notFound, stdout: Buffer.alloc(0), stderr: Buffer.from(text)};
	}

	const denied = code === 'EACCES' || code === 'EPERM';
	throw new FileOperationError(
		address,
		program,
		denied ? 'FILE_DENIED' : 'FILE_FAILED',
		denied ? 'running it is not allowed' : `it cannot be run, the system says ${code ?? 'nothing'}`,
		{cause: ended.error},
	);
}

type Child = ChildProcessByStdio<null, Readable, Readable>;

async function untilEnded(
	child: Child,
	givenUp: AbortSignal,
): Promise<{readonly exitCode: number} | {readonly error: unknown}> {
	const {promise, resolve} = Promise.withResolvers<{exitCode: number} | {error: unknown}>();
	let drain: NodeJS.Timeout | undefined;
	const abandon = () => {
		child.kill('SIGKILL');
		resolve({error: givenUp.reason});
	};
	child.on('error', error => resolve({error}));
	child.on('exit', code => {
		drain = setTimeout(() => resolve({exitCode: code ?? endedFromOutside}), drainMs);
	});
	child.on('close', code => resolve({exitCode: code ?? endedFromOutside}));
	givenUp.addEventListener('abort', abandon, {once: true});
	if (givenUp.aborted) {
		abandon();
	}

	try {
		return await promise;
	} finally {
		clearTimeout(drain);
		givenUp.removeEventListener('abort', abandon);
		child.stdout.destroy();
		child.stderr.destroy();
	}
}
