import {visibleText} from '../domain/text.ts';
import {type ExitCode, UserError, exitCodes} from '../domain/user-error.ts';
import {type RunState, emptyRunState, foldRun, warningsLeftIn} from '../domain/run-state.ts';
import {type JournalReader, newestSequence} from '../journal/journal.ts';
import type {RunJournal, RunSummary} from '../journal/run-journal.ts';
import {answersForRunner} from './answers-for-runner.ts';
import {isAgreed, isAnybodyThere} from './asking.ts';
import {RunOpenError, runsOnCluster} from './cluster-history.ts';
import {findRun} from './find-run.ts';
import {askToAcknowledge} from './look-first.ts';
import {followToExit, runnerGone} from './follow-run.ts';
import {inventorySchema} from '../config/inventory.ts';
import {openJournal, tellOnStderr} from './open-journal.ts';
import {RunOverError} from './runner.ts';
import type {SshAccess} from './ssh-access.ts';
import {stopRun, takeUpRun} from './start-run.ts';
import {describeFailure} from './describe-error.ts';

interface RunCommandOptions {
	/** The run's id, or the beginning of it; undefined: the newest that is not over. */
	readonly run: string | undefined;
	readonly json: boolean;
	/** Does not follow. */
	readonly detach: boolean;
	/** Of `retry`: takes responsibility for warnings without being asked. */
	readonly yes: boolean;
	readonly access: SshAccess;
	readonly write: (text: string) => void;
}

/** `attach`: what happened so far and what happens now, until the run is over. */
export async function attachCommand(options: RunCommandOptions): Promise<ExitCode> {
	return withRun(options, async (journal, run) => {
		// Where nobody can be asked, it is told at the end of what there is to show.
		if (run.standing === 'interrupted' && !options.json && isAnybodyThere()) {
			process.stderr.write(`${describeFailure(runnerGone(run.run))}\n`);
			if (await isAgreed('Go on with it now?')) {
				const handover = await answersForRunner(journal, run.run, options.access);
				await takeUpRun(journal, run.run, 'retry', {handover});
			}
		}

		return followToExit(journal, run.run, options);
	});
}

/** `stop`: asks a run to start nothing new. */
export async function stopCommand(options: RunCommandOptions): Promise<ExitCode> {
	return withRun(options, async (journal, run) => {
		if (run.standing !== 'going on') {
			throw new NothingToStopError(run);
		}

		await stopRun(journal, run.run);
		if (!options.json) {
			options.write(
				`Run ${run.run} was asked to stop: nothing new is started, and what was launched is followed to its end.\n  → dms-upgrade attach ${run.run} shows what becomes of it.\n`,
			);
		}

		return exitCodes.done;
	});
}

/** `retry`: goes on with an interrupted run, or tries once more what is not done, and follows it. */
export async function retryCommand(options: RunCommandOptions): Promise<ExitCode> {
	return withRun(options, async (journal, run) => {
		refuseRetry(journal, run);
		const state = stateOf(journal.reader(run.run));
		const all = run.agents.length;
		const acknowledged =
			state.outcome === 'blocked' ? await askToAcknowledge(warningsLeftIn(state), all, options) : [];
		if (!acknowledged) {
			process.stderr.write('Nothing was done.\n');
			return exitCodes.stopped;
		}

		const before = newestSequence(journal.reader(run.run));
		const handover = await answersForRunner(journal, run.run, options.access);
		await takeUpRun(journal, run.run, 'retry', {acknowledged, handover});
		if (options.detach) {
			return exitCodes.done;
		}

		return followToExit(journal, run.run, {json: options.json, after: before});
	});
}

/** `end`: gives a run up that was interrupted or went wrong, so that another one can be begun. */
export async function endCommand(options: RunCommandOptions): Promise<ExitCode> {
	return withRun(options, async (journal, run) => {
		if (run.standing === 'going on') {
			throw new RunOpenError(run);
		}

		if (run.standing === 'over') {
			throw new RunOverError(run.run);
		}

		const before = newestSequence(journal.reader(run.run));
		const handover = await answersForRunner(journal, run.run, options.access);
		await takeUpRun(journal, run.run, 'end', {handover});
		await followToExit(journal, run.run, {json: options.json, after: before});
		return exitCodes.done;
	});
}

function stateOf(reader: JournalReader): RunState {
	let state = emptyRunState;
	for (let events = reader.read(0); events.length > 0; events = reader.read(state.sequence)) {
		state = foldRun(state, events);
	}

	return state;
}

async function withRun(
	{run, json}: RunCommandOptions,
	act: (journal: RunJournal, run: RunSummary) => Promise<ExitCode>,
): Promise<ExitCode> {
	const journal = await openJournal(tellOnStderr(json));
	try {
		return await act(journal, findRun(journal, run));
	} finally {
		journal.close();
	}
}

/** Throws a `UserError` where a run cannot be gone on with, or tried once more. */
export function refuseRetry(journal: RunJournal, run: RunSummary): void {
	if (run.standing === 'going on') {
		throw new RunOpenError(run);
	}

	if (run.standing === 'over' && !run.canRetry) {
		throw new RunOverError(run.run);
	}

	const inventory = inventorySchema.safeParse(journal.setup(run.run).inventory).data;
	const later = inventory && runsOnCluster(journal, inventory).find(other => other.startedAt > run.startedAt);
	if (later) {
		throw new LaterRunError(run, later);
	}
}

/** The cluster has moved on since. */
class LaterRunError extends UserError {
	readonly code = 'LATER_RUN';
	override readonly exitCode = exitCodes.blocked;
	readonly nextSteps: readonly string[];
	constructor(run: RunSummary, later: RunSummary) {
		super(
			`Run ${run.run} cannot be taken up any more: run ${later.run} with ${visibleText(later.package.file, 120)} was begun on this cluster after it.`,
		);
		this.nextSteps = [`dms-upgrade attach ${later.run} shows that one.`, 'Begin a new run.'];
	}
}

class NothingToStopError extends UserError {
	readonly code = 'NOTHING_TO_STOP';
	readonly nextSteps: readonly string[];
	constructor({run, standing}: RunSummary) {
		super(
			`Nothing of run ${run} is going on: ${standing === 'interrupted' ? 'its runner is gone' : 'it has ended'}.`,
		);
		this.nextSteps =
			standing === 'over'
				? [`dms-upgrade attach ${run} shows it.`]
				: [`dms-upgrade end ${run} gives it up as it is.`];
	}
}
