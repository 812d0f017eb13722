import {type Failure, UserError, failureOf} from '../domain/user-error.ts';
import {visibleText} from '../domain/text.ts';

/** *What, why, what to do*, as it stands on a terminal. */
export function describeFailure({message, nextSteps}: Failure): string {
	return [visibleText(message), ...nextSteps.map(step => `  → ${visibleText(step)}`)].join('\n');
}

/** For stderr: lines for people, one JSON object for programs. A stack trace only for what nobody foresaw. */
export function describeError(error: unknown, json: boolean): string {
	const failure = failureOf(error);
	if (json) {
		return `${JSON.stringify({code: failure.code, message: failure.message, nextSteps: failure.nextSteps})}\n`;
	}

	const trace = error instanceof UserError || !(error instanceof Error) ? '' : `\n${error.stack ?? ''}`;
	return `dms-upgrade: ${describeFailure(failure)}${trace}\n`;
}
