import {describeError} from './commands/describe-error.ts';
import {hasFlag} from './commands/flags.ts';
import {type ExitCode, UserError, exitCodes} from './domain/user-error.ts';
import {removeSplash} from './first-paint.ts';

/** Runs one command and answers its exit code. `splash`: the frame of the dashboard stands on the terminal already. */
export async function main(argv: readonly string[], {splash}: {splash: boolean}): Promise<ExitCode> {
	// A reader that went away (`| head`) must not end a run.
	process.stdout.on('error', () => undefined);
	try {
		return await (splash ? dashboard(argv) : headless(argv));
	} catch (error) {
		process.stderr.write(describeError(error, hasFlag(argv, 'json')));
		return error instanceof UserError ? error.exitCode : exitCodes.wrongUse;
	}
}

async function headless(argv: readonly string[]): Promise<ExitCode> {
	const {runCommand} = await import('./commands/headless.ts');
	return runCommand(argv);
}

async function dashboard(argv: readonly string[]): Promise<ExitCode> {
	const {dashboardCommand} = await import('./commands/dashboard.ts').catch((error: unknown) => {
		// Nobody else is there yet to leave the terminal as it was found.
		removeSplash(process.stdin, process.stdout);
		throw error;
	});
	return dashboardCommand(argv);
}
