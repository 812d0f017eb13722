import type {RunEvent, RunOutcome} from '../domain/run-event.ts';
import {agentOf, logEntryOf} from '../domain/run-log.ts';
import type {ExitCode} from '../domain/user-error.ts';
import {exitCodes} from '../domain/user-error.ts';
import {visibleText} from '../domain/text.ts';
import {describeFailure} from './describe-error.ts';

/** An event as a line of a log for people; empty where there is nothing to say. */
export function eventText(event: RunEvent): string {
	if (event.type === 'run.finished') {
		const end = outcomeWords[event.outcome];
		return `\n${end}${event.failure ? ` ${describeFailure(event.failure)}` : ''}\n`;
	}

	const entry = logEntryOf(event);
	if (!entry) {
		return '';
	}

	const time = new Date(entry.at).toLocaleTimeString('en-GB');
	return `${time}  ${(agentOf(event) ?? '').padEnd(14)}  ${entry.type.padEnd(11)}  ${visibleText(entry.message)}\n`;
}

const outcomeWords: Readonly<Record<RunOutcome, string>> = {
	done: 'Done.',
	failed: 'Failed.',
	stopped: 'Stopped.',
	unknown: 'Outcome unknown.',
	blocked: 'Blocked.',
	unreachable: 'Not every Agent could be reached.',
};

export function exitCodeOf(outcome: RunOutcome): ExitCode {
	return {
		done: exitCodes.done,
		failed: exitCodes.agentFailed,
		stopped: exitCodes.stopped,
		unknown: exitCodes.unknown,
		blocked: exitCodes.blocked,
		unreachable: exitCodes.unreachable,
	}[outcome];
}
