import {spawn} from 'node:child_process';
import {closeSync, openSync} from 'node:fs';
import {readFile, rm} from 'node:fs/promises';
import path from 'node:path';
import type {RunId} from '../domain/run-event.ts';
import {visibleText} from '../domain/text.ts';
import {UserError, exitCodes} from '../domain/user-error.ts';
import {newestSequence} from '../journal/journal.ts';
import type {RunJournal} from '../journal/run-journal.ts';
import type {Handover} from './answer-book.ts';
import {ownStateFolder} from './open-journal.ts';
import {systemClock} from './system-clock.ts';

const startLimit = 20_000;

/**
 * Starts the process that carries a run out, apart from this one and from the terminal, and waits until it has written
 * something down. A run that has begun is taken up as the last request in its journal says. Rejects with
 * `RunnerFailedError` when it could not begin.
 */
export async function spawnRunner(
	journal: RunJournal,
	run: RunId,
	{task, handover}: {readonly task: 'begin' | 'take up'; readonly handover?: Handover | undefined},
): Promise<void> {
	const before = newestSequence(journal.reader(run));
	const log = path.join(ownStateFolder(), `runner-${run}.log`);
	const output = openSync(log, 'w', 0o600);
	const exited = new AbortController();
	try {
		const child = spawn(
			process.execPath,
			[
				...process.execArgv,
				ownProgram(),
				'runner',
				run,
				...(task === 'begin' ? ['--begin'] : []),
				...(handover ? ['--answers-on-stdin'] : []),
			],
			{
				// Its own session and none of our streams: neither a closed terminal nor our end reaches it.
				detached: true,
				stdio: [handover ? 'pipe' : 'ignore', output, output],
				windowsHide: true,
				cwd: ownStateFolder(),
			},
		);
		child.once('error', () => exited.abort());
		child.once('exit', () => exited.abort());
		child.unref();
		// Through a pipe: neither arguments, nor the environment, nor any file ever has secrets in it.
		child.stdin?.on('error', () => undefined);
		child.stdin?.end(JSON.stringify(handover));
	} finally {
		closeSync(output);
	}

	const begun = await hasBegun(journal, run, before, exited.signal);
	if (!begun) {
		throw new RunnerFailedError(run, await complaintIn(log));
	}
}

async function hasBegun(
	journal: RunJournal,
	run: RunId,
	before: number,
	exited: AbortSignal,
): Promise<boolean> {
	const written = new AbortController();
	const reader = journal.reader(run);
	const unsubscribe = reader.subscribe(() => {
		if (reader.read(before).length > 0) {
			written.abort();
		}
	});
	try {
		await systemClock.sleep(startLimit, AbortSignal.any([written.signal, exited])).catch(() => undefined);
		// One that ended at once may have done all there was to do.
		return reader.read(before).length > 0;
	} finally {
		unsubscribe();
	}
}

function ownProgram(): string {
	const program = process.argv[1];
	if (program === undefined) {
		throw new Error('this process does not know its own program file');
	}

	return program;
}

async function complaintIn(log: string): Promise<string> {
	const text = await readFile(log, 'utf8').catch(() => '');
	return visibleText(
		text
			.trim()
			.split('\n')[0]
			?.replace(/^dms-upgrade: /, '') ?? '',
		500,
	);
}

/** What a runner that ended well had to say is nothing; its file goes. */
export async function forgetRunnerLog(run: RunId): Promise<void> {
	const log = path.join(ownStateFolder(), `runner-${run}.log`);
	const text = await readFile(log, 'utf8').catch(() => undefined);
	if (text === '') {
		await rm(log, {force: true});
	}
}

/** The process that was to carry a run out ended, or did nothing. */
export class RunnerFailedError extends UserError {
	readonly code = 'RUNNER_FAILED';
	override readonly exitCode = exitCodes.wrongUse;
	readonly nextSteps: readonly string[];
	constructor(run: RunId, complaint: string) {
		super(`The runner of run ${run} could not begin.${complaint === '' ? '' : ` It said: ${complaint}`}`);
		this.nextSteps = [
			`dms-upgrade retry ${run} tries it once more.`,
			`dms-upgrade end ${run} gives the run up; nothing was begun by this runner.`,
		];
	}
}
