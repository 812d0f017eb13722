import type {RunId, RunOutcome} from '../domain/run-event.ts';
import {type RunState, emptyRunState, foldRun} from '../domain/run-state.ts';
import {type ExitCode, exitCodes} from '../domain/user-error.ts';
import type {RunJournal} from '../journal/run-journal.ts';
import {describeFailure} from './describe-error.ts';
import {exitCodeOf, eventText} from './run-output.ts';

/** How following a run ended. *left*: whoever followed went away, and the run goes on. */
export type FollowEnding =
	| {readonly kind: 'over'; readonly outcome: RunOutcome}
	| {readonly kind: 'runner gone'}
	| {readonly kind: 'left'; readonly state: RunState};

export interface FollowOptions {
	readonly json: boolean;
	readonly write: (text: string) => void;
	/** Events up to this sequence number were told before. */
	readonly after?: number;
	readonly signal?: AbortSignal;
}

/** Writes every event of a run as it comes, until it is over, its runner is gone, or the signal is aborted. */
export async function followRun(
	journal: RunJournal,
	run: RunId,
	{json, write, after = 0, signal}: FollowOptions,
): Promise<FollowEnding> {
	const reader = journal.reader(run);
	let state = emptyRunState;
	const {promise, resolve, reject} = Promise.withResolvers<FollowEnding>();
	const look = () => {
		try {
			for (
				let events = reader.read(state.sequence);
				events.length > 0;
				events = reader.read(state.sequence)
			) {
				for (const event of events) {
					if (event.sequence > after) {
						write(json ? `${JSON.stringify(event)}\n` : eventText(event));
					}
				}

				state = foldRun(state, events);
			}

			const ending = endingOf(state, journal, run, after);
			if (ending) {
				resolve(ending);
			}
		} catch (error) {
			reject(error instanceof Error ? error : new Error(String(error)));
		}
	};
	const stops = [reader.subscribe(look), journal.subscribe(look)];
	const leave = () => resolve({kind: 'left', state});
	signal?.addEventListener('abort', leave);
	if (signal?.aborted) {
		leave();
	}

	look();
	try {
		return await promise;
	} finally {
		for (const stop of stops) {
			stop();
		}

		signal?.removeEventListener('abort', leave);
	}
}

function endingOf(state: RunState, journal: RunJournal, run: RunId, after: number): FollowEnding | undefined {
	if (state.outcome !== undefined && state.sequence > after) {
		return {kind: 'over', outcome: state.outcome};
	}

	return journal.summary(run).standing === 'interrupted' ? {kind: 'runner gone'} : undefined;
}

/**
 * Follows a run for somebody at a terminal or a script, and answers the exit code. The first ctrl-c leaves: the run
 * goes on in its own process, and how to come back is told.
 */
export async function followToExit(
	journal: RunJournal,
	run: RunId,
	options: Pick<FollowOptions, 'json' | 'after'>,
): Promise<ExitCode> {
	const left = new AbortController();
	const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
	const leave = () => left.abort();
	for (const signal of signals) {
		process.on(signal, leave);
	}

	try {
		const ending = await followRun(journal, run, {
			...options,
			write: text => void process.stdout.write(text),
			signal: left.signal,
		});
		if (ending.kind === 'over') {
			if (!options.json && journal.summary(run).standing === 'paused') {
				process.stderr.write(`${describeFailure(pausedHint(run))}\n`);
			}

			return exitCodeOf(ending.outcome);
		}

		const failure = ending.kind === 'left' ? goesOn(run, ending.state) : runnerGone(run);
		process.stderr.write(options.json ? `${JSON.stringify(failure)}\n` : `\n${describeFailure(failure)}\n`);
		return exitCodes.unknown;
	} finally {
		for (const signal of signals) {
			process.off(signal, leave);
		}
	}
}

/** What goes on after whoever followed went away. */
export function goesOn(run: RunId, {agents}: RunState) {
	const launched = [...agents.values()].filter(
		({launchedAt, outcome}) => launchedAt !== undefined && outcome === undefined,
	);
	return {
		code: 'RUN_GOES_ON',
		message: `Run ${run} goes on in its own process.${launched.length > 0 ? ` Upgrading: ${launched.map(({id}) => id).join(', ')}.` : ' No Agent that was launched is still upgrading.'}`,
		nextSteps: [
			`dms-upgrade attach ${run} comes back to it.`,
			`dms-upgrade stop ${run} asks it to start nothing new.`,
		],
	};
}

export function runnerGone(run: RunId) {
	return {
		code: 'RUNNER_GONE',
		message: `The runner of run ${run} is gone, and nobody carries the run out. An upgrade that was launched goes on on its Agent.`,
		nextSteps: [
			`dms-upgrade retry ${run} goes on where it stood; what is done is not done twice.`,
			`dms-upgrade end ${run} gives it up as it is.`,
		],
	};
}

function pausedHint(run: RunId) {
	return {
		message: 'The run waits for you.',
		code: 'RUN_PAUSED',
		nextSteps: [
			`dms-upgrade retry ${run} tries once more what is not done.`,
			`dms-upgrade end ${run} gives it up as it is.`,
		],
	};
}
