import packageFile from '../package.json' with {type: 'json'};
import type {Arguments} from './commands/arguments.ts';
import {describeError} from './commands/describe-error.ts';
import {UsageError} from './commands/usage-error.ts';
import {type ExitCode, UserError, exitCodes} from './domain/user-error.ts';
import {removeSplash} from './first-paint.ts';

/** Runs one command and answers its exit code. `splash`: the frame of the dashboard stands on the terminal already. */
export async function main(argv: readonly string[], {splash}: {splash: boolean}): Promise<ExitCode> {
	let json = false;
	// A reader that went away (`| head`) must not end a run.
	process.stdout.on('error', () => undefined);
	const screen = {splash};
	try {
		// The dashboard's own modules are read while the arguments are.
		const dashboard = splash ? import('./commands/dashboard.ts') : undefined;
		dashboard?.catch(() => undefined);
		const {parseArguments} = await import('./commands/arguments.ts');
		const parsed = parseArguments(argv);
		json = parsed.flags.json === true;
		return await run(parsed, screen);
	} catch (error) {
		if (screen.splash) {
			removeSplash(process.stdin, process.stdout);
		}

		process.stderr.write(describeError(error, json));
		return error instanceof UserError ? error.exitCode : exitCodes.wrongUse;
	}
}

async function run({command, input, flags}: Arguments, screen: {splash: boolean}): Promise<ExitCode> {
	if (flags.version) {
		process.stdout.write(`${packageFile.version}\n`);
		return exitCodes.done;
	}

	if (flags.help || command === 'help') {
		const {usage} = await import('./commands/usage.ts');
		process.stdout.write(usage);
		return exitCodes.done;
	}

	const write = (text: string) => void process.stdout.write(text);
	switch (command) {
		case undefined: {
			const {dashboardCommand} = await import('./commands/dashboard.ts');
			return dashboardCommand(flags, screen);
		}

		case 'inspect': {
			const {inspectCommand} = await import('./commands/inspect.ts');
			return inspectCommand(onePackage(command, input), {json: flags.json === true, write});
		}

		case 'upgrade':
		case 'upload': {
			const {upgradeCommand} = await import('./commands/upgrade.ts');
			return upgradeCommand(command, onePackage(command, input), flags);
		}

		case 'lab': {
			const {runLab} = await import('./commands/lab-arguments.ts');
			return runLab(flags);
		}

		default:
			throw new UsageError(`There is no command "${command}".`);
	}
}

function onePackage(command: string, input: readonly string[]): string {
	const [path] = input;
	if (path === undefined || input.length > 1) {
		throw new UsageError(
			path === undefined
				? `Which package? dms-upgrade ${command} PACKAGE`
				: `dms-upgrade ${command} takes one package, not ${input.length}.`,
		);
	}

	return path;
}
