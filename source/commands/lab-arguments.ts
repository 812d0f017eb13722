import type {ExitCode} from '../domain/user-error.ts';
import {type Arguments, wholeNumber} from './arguments.ts';
import {labCommand} from './lab.ts';
import {labAgentsOf, labHttpOf} from './lab-http.ts';
import {readSoftwareFile} from './software-file.ts';

/** `dms-upgrade lab`, as the command line asks for it. */
export async function runLab(flags: Arguments['flags']): Promise<ExitCode> {
	const number = (flag: 'agents' | 'pairs' | 'port' | 'speed', min: number, max: number) => {
		const value = wholeNumber(flag, flags[flag], {min, max});
		return value === undefined ? {} : {[flag]: value};
	};
	const linger = wholeNumber('linger', flags.linger, {min: 0, max: 86_400});
	// A lab that outlives the process which started it has nobody left to say anything to.
	for (const stream of [process.stdout, process.stderr]) {
		stream.on('error', () => undefined);
	}

	return labCommand({
		...number('agents', 1, 200),
		...number('pairs', 0, 100),
		...number('port', 0, 65_535),
		...number('speed', 1, 10_000),
		faults: flags.fault ?? [],
		...(flags.software !== undefined && {software: await readSoftwareFile(flags.software)}),
		...(flags.http !== undefined && {http: await labHttpOf(flags.http)}),
		...(flags.webApi !== undefined && {webApi: labAgentsOf('--web-api', flags.webApi)}),
		json: flags.json === true,
		untilStdinCloses: flags.untilStdinCloses === true,
		...(linger !== undefined && {linger: {unused: linger * 1000}}),
		write: text => void process.stdout.write(text),
		notice: text => void process.stderr.write(text),
	});
}
