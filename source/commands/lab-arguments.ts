import type {ExitCode} from '../domain/user-error.ts';
import {type Arguments, wholeNumber} from './arguments.ts';
import {labCommand} from './lab.ts';

/** `dms-upgrade lab`, as the command line asks for it. */
export function runLab(flags: Arguments['flags']): Promise<ExitCode> {
	const number = (flag: 'agents' | 'pairs' | 'port' | 'speed', min: number, max: number) => {
		const value = wholeNumber(flag, flags[flag], {min, max});
		return value === undefined ? {} : {[flag]: value};
	};
	return labCommand({
		...number('agents', 1, 200),
		...number('pairs', 0, 100),
		...number('port', 0, 65_535),
		...number('speed', 1, 10_000),
		faults: flags.fault ?? [],
		json: flags.json === true,
		untilStdinCloses: flags.untilStdinCloses === true,
		write: text => void process.stdout.write(text),
		notice: text => void process.stderr.write(text),
	});
}
