import packageFile from '../../package.json' with {type: 'json'};
import {type ExitCode, exitCodes} from '../domain/user-error.ts';
import {parseArguments} from './arguments.ts';
import {inspectCommand} from './inspect.ts';
import {upgradeCommand} from './upgrade.ts';
import {UsageError} from './usage-error.ts';
import {usage} from './usage.ts';

/** Runs a command that needs no screen and answers its exit code. Rejects with a `UserError`. */
export async function runCommand(argv: readonly string[]): Promise<ExitCode> {
	const {command, input, flags} = parseArguments(argv);
	const write = (text: string) => void process.stdout.write(text);
	if (flags.version) {
		write(`${packageFile.version}\n`);
		return exitCodes.done;
	}

	if (flags.help || command === 'help') {
		write(usage);
		return exitCodes.done;
	}

	switch (command) {
		case undefined:
			throw new UsageError('The dashboard needs a terminal, and this is none.', [
				'Without a terminal, use dms-upgrade upgrade, upload or inspect; --help shows how.',
			]);
		case 'inspect':
			return inspectCommand(onePackage(command, input), {json: flags.json === true, write});
		case 'upgrade':
		case 'upload':
			return upgradeCommand(command, onePackage(command, input), flags);
		case 'lab': {
			const {runLab} = await import('./lab-arguments.ts');
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
