import packageFile from '../package.json' with {type: 'json'};
import {type ExitCode, exitCodes} from './domain/user-error.ts';
import {type Arguments, parseArguments} from './commands/arguments.ts';
import {runAgents} from './commands/agents.ts';
import {runCheck} from './commands/check.ts';
import {inspectCommand} from './commands/inspect.ts';
import {upgradeCommand} from './commands/upgrade.ts';
import {progressLine} from './commands/progress-line.ts';
import {pathCommand} from './commands/path.ts';
import {attachCommand, endCommand, retryCommand, stopCommand} from './commands/run-commands.ts';
import {runnerCommand} from './commands/runner.ts';
import {runsCommand} from './commands/runs.ts';
import {terminalAccess} from './commands/terminal-prompts.ts';
import {tellingErrors} from './commands/telling-errors.ts';
import {UsageError} from './commands/usage-error.ts';
import {usage} from './commands/usage.ts';

/** Runs a command that needs no screen, tells its errors on stderr and answers its exit code. */
export function main(argv: readonly string[]): Promise<ExitCode> {
	return tellingErrors(argv, () => runCommand(argv));
}

async function runCommand(argv: readonly string[]): Promise<ExitCode> {
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
			return inspectCommand(onePackage(command, input), {
				json: flags.json === true,
				verify: flags.verify === true,
				write,
				progress: progressLine.show,
			});
		case 'agents':
			if (input.length > 0) {
				throw new UsageError('dms-upgrade agents takes flags only.');
			}

			return runAgents(flags);
		case 'check':
			return runCheck(onePackage(command, input), flags);
		case 'upgrade':
		case 'upload':
			return upgradeCommand(command, onePackage(command, input), flags);
		case 'runs':
			return runsCommand({json: flags.json === true, write});
		case 'attach':
			return attachCommand(runOptions(command, input, flags));
		case 'stop':
			return stopCommand(runOptions(command, input, flags));
		case 'retry':
			return retryCommand(runOptions(command, input, flags));
		case 'end':
			return endCommand(runOptions(command, input, flags));
		case 'runner':
			return runnerCommand(oneRun(command, input) ?? '', {
				task: flags.begin ? 'begin' : 'take up',
				answersOnStdin: flags.answersOnStdin === true,
			});
		case 'path':
			return pathCommand(...twoVersions(input), {json: flags.json === true, write});
		case 'serve': {
			const {runServe} = await import('./commands/serve.ts');
			return runServe(input, flags);
		}

		case 'lab': {
			const {runLab} = await import('./commands/lab-arguments.ts');
			return runLab(flags);
		}

		default:
			throw new UsageError(`There is no command "${command}".`);
	}
}

function runOptions(command: string, input: readonly string[], flags: Arguments['flags']) {
	return {
		run: oneRun(command, input),
		json: flags.json === true,
		detach: flags.detach === true,
		yes: flags.yes === true,
		access: terminalAccess(flags),
		write: (text: string) => void process.stdout.write(text),
	};
}

function oneRun(command: string, input: readonly string[]): string | undefined {
	if (input.length > 1) {
		throw new UsageError(`dms-upgrade ${command} takes one run, not ${input.length}.`);
	}

	return input[0];
}

function twoVersions(input: readonly string[]): [from: string, to: string] {
	const [from, to] = input;
	if (from === undefined || to === undefined || input.length > 2) {
		throw new UsageError('Which versions? dms-upgrade path FROM TO', [
			'Name the version that runs now and the one to go to; quote those with blanks.',
		]);
	}

	return [from, to];
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
