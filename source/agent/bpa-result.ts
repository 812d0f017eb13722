import * as z from 'zod';
import type {PrerequisiteOutcome, PrerequisiteResult} from '../domain/agent-status.ts';
import {visibleText} from '../domain/text.ts';
import {decodeText} from './file-text.ts';
import type {ProgramResult} from './machine.ts';

/** What one test says; the message may be empty. */
interface BpaVerdict {
	readonly outcome: PrerequisiteOutcome;
	readonly message: string;
}

// The format of the result file is undocumented. This is all that we rely on, in the spellings that were seen.
const bpaEntry = z.object({
	Outcome: z.union([z.string(), z.number()]),
	ResultMessage: z.string().optional(),
	Message: z.string().optional(),
});
const bpaFile = z.union([z.array(bpaEntry).min(1).max(100), bpaEntry.transform(entry => [entry])]);

const outcomes: Readonly<Record<string, PrerequisiteOutcome>> = {
	noissues: 'passed',
	issuesdetected: 'failed',
};

/** Reads a result file of StandaloneBpaExecutor; undefined where it is not one that we understand. */
export function parseBpaResult(bytes: Uint8Array): BpaVerdict | undefined {
	let content: unknown;
	try {
		content = JSON.parse(decodeText(bytes));
	} catch {
		return undefined;
	}

	const parsed = bpaFile.safeParse(content);
	if (!parsed.success) {
		return undefined;
	}

	const verdicts = parsed.data.map(({Outcome, ResultMessage, Message}): BpaVerdict => {
		const outcome = outcomes[String(Outcome).toLowerCase()] ?? 'could not run';
		return {outcome, message: ResultMessage ?? Message ?? (outcome === 'passed' ? '' : String(Outcome))};
	});
	const worst = verdicts.find(verdict => verdict.outcome === 'failed') ??
		verdicts.find(verdict => verdict.outcome === 'could not run') ?? {
			outcome: 'passed' as const,
			message: '',
		};
	const messages = verdicts
		.filter(verdict => verdict.outcome === worst.outcome)
		.map(verdict => verdict.message);
	return {outcome: worst.outcome, message: messages.filter(message => message !== '').join(' ')};
}

/** The exit code of StandaloneBpaExecutor for issues, from 10.6.7/10.7.0 on. Source: Standalone_BPA_Executor.md */
const issuesExitCode = 2;

const longestMessage = 1000;

/**
 * The result of one test. The file is believed first; an exit code says something only from 10.6.7/10.7.0 on, so
 * without a file a 0 does not mean that the test was passed.
 */
export function prerequisiteResult(
	check: string,
	file: Uint8Array | undefined,
	program: ProgramResult,
): PrerequisiteResult {
	const verdict = (file && parseBpaResult(file)) ?? {
		outcome: program.exitCode === issuesExitCode ? ('failed' as const) : ('could not run' as const),
		message: '',
	};
	const printed = `${program.stderr.trim()} ${program.stdout.trim()}`.trim();
	const message = verdict.message || (verdict.outcome === 'passed' ? 'No issues detected.' : printed);
	return {
		check,
		outcome: verdict.outcome,
		message: visibleText(
			message || `The test left no result that can be read (exit code ${program.exitCode}).`,
			longestMessage,
		),
	};
}
