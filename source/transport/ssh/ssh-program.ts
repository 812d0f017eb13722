import type {ClientChannel} from 'ssh2';
import {ConnectionLostError, ProgramTimedOutError} from '../../agent/machine-errors.ts';
import type {ProgramResult} from '../../agent/machine.ts';
import {decodeConsole} from '../../domain/code-page.ts';
import {BoundedOutput} from '../bounded-output.ts';
import type {SshLimits} from './ssh-options.ts';
import type {SshSession} from './ssh-session.ts';

export interface RunLineOptions {
	/** For messages. */
	readonly program: string;
	readonly timeoutMs: number;
	readonly signal?: AbortSignal;
	readonly onOutput?: (text: string) => void;
	/** Asked where the output is more than ASCII: in which code page it was written. */
	readonly codePage?: () => Promise<number | undefined>;
}

/** A program that was ended by a signal has no exit code; Windows knows no such thing. */
const endedBySignal = -1;

/** Runs one line in the server's shell and waits for its end. */
export async function runLine(
	session: SshSession,
	address: string,
	line: string,
	limits: SshLimits,
	options: RunLineOptions,
): Promise<ProgramResult> {
	options.signal?.throwIfAborted();
	const {exitCode, stdout, stderr} = await session.exec(line, channel =>
		untilClosed(channel, address, limits, options),
	);
	const foreign = [stdout, stderr].some(bytes => bytes.some(byte => byte >= 0x80));
	const codePage = foreign ? await options.codePage?.() : undefined;
	return {exitCode, stdout: decodeConsole(stdout, codePage), stderr: decodeConsole(stderr, codePage)};
}

/** What a program left, as bytes. */
interface RawResult {
	readonly exitCode: number;
	readonly stdout: Buffer;
	readonly stderr: Buffer;
}

function untilClosed(
	channel: ClientChannel,
	address: string,
	limits: SshLimits,
	{program, timeoutMs, signal, onOutput}: RunLineOptions,
): Promise<RawResult> {
	return new Promise((resolve, reject) => {
		const stdout = new BoundedOutput(limits.outputBytes, onOutput);
		const stderr = new BoundedOutput(limits.outputBytes, onOutput);
		let exitCode: number | undefined;
		const finish = (outcome: () => void) => {
			clearTimeout(timer);
			signal?.removeEventListener('abort', abort);
			outcome();
		};
		const giveUp = (error: Error) => {
			// Windows ends the program with its session.
			channel.close();
			finish(() => reject(error));
		};
		const abort = () => giveUp(asError(signal?.reason));
		const timer = setTimeout(() => giveUp(new ProgramTimedOutError(address, program, timeoutMs)), timeoutMs);
		signal?.addEventListener('abort', abort, {once: true});
		channel.on('data', (bytes: Buffer) => stdout.push(bytes));
		channel.stderr.on('data', (bytes: Buffer) => stderr.push(bytes));
		channel.on('error', (error: Error) => giveUp(lost(address, program, error)));
		channel.stderr.on('error', () => undefined);
		channel.on('exit', (code: number | null) => (exitCode = code ?? endedBySignal));
		channel.on('close', () => {
			finish(() => {
				if (exitCode === undefined) {
					reject(lost(address, program));
				} else {
					resolve({exitCode, stdout: stdout.end(), stderr: stderr.end()});
				}
			});
		});
		// No program of ours reads its input.
		channel.end();
		if (signal?.aborted) {
			abort();
		}
	});
}

function asError(reason: unknown): Error {
	return reason instanceof Error ? reason : new Error(String(reason));
}

function lost(address: string, program: string, cause?: unknown): ConnectionLostError {
	return new ConnectionLostError(address, `${program} was running`, {cause});
}
