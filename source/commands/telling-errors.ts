import {type ExitCode, UserError, exitCodes} from '../domain/user-error.ts';
import {describeError} from './describe-error.ts';
import {hasFlag} from './flags.ts';

/** Does a command's work. What it rejects with is told on stderr and becomes its exit code. */
export async function tellingErrors(
	argv: readonly string[],
	work: () => Promise<ExitCode>,
): Promise<ExitCode> {
	// A reader that went away (`| head`) must not end a run.
	process.stdout.on('error', () => undefined);
	// Nor must a terminal that went away.
	process.stderr.on('error', () => undefined);
	try {
		return await work();
	} catch (error) {
		process.stderr.write(describeError(error, hasFlag(argv, 'json')));
		return error instanceof UserError ? error.exitCode : exitCodes.wrongUse;
	}
}
