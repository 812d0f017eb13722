import type {SpawnOptions} from 'node:child_process';
import {lstat, readdir} from 'node:fs/promises';
import path from 'node:path';
import {processStart} from '../../agent/command-line.ts';
import type {ProgramCall} from '../../agent/machine.ts';

/** How Windows paths and program calls look to this computer. */
export interface LocalWire {
	/** Where a Windows path is on this computer; undefined where it leads out of what stands for drive C:. */
	readonly path: (windowsPath: string) => Promise<string | undefined>;
	readonly start: (call: ProgramCall) => LocalStart;
}

/** What `spawn` of Node is told. */
export interface LocalStart {
	readonly file: string;
	readonly args: readonly string[];
	readonly options: Pick<SpawnOptions, 'argv0' | 'cwd' | 'env' | 'windowsVerbatimArguments'>;
}

/** On Windows itself. */
export function windowsWire(environment: Readonly<Record<string, string | undefined>>): LocalWire {
	const system = path.win32.join(environment['SystemRoot'] ?? String.raw`C:\Windows`, 'System32');
	return {
		path: windowsPath => Promise.resolve(windowsPath),
		start: call => {
			const {file, name, arguments: rest} = processStart(call, path.win32.join(system, 'cmd.exe'));
			return {
				file,
				args: rest === '' ? [] : [rest],
				// A program without a path is looked for there first, and nowhere where others may write.
				options: {argv0: name, cwd: system, windowsVerbatimArguments: true},
			};
		},
	};
}

/**
 * For trials on a computer that is no Windows server: `C` in the folder stands for its drive, and `programs` holds
 * what stands for its programs, by their names without a path. Which path one was called by stands in its environment.
 */
export function practiceWire(
	folder: string,
	environment: Readonly<Record<string, string | undefined>>,
): LocalWire {
	const drive = path.join(folder, 'C');
	return {
		path: async windowsPath => {
			const [letter, ...names] = windowsPath.split(/[\\/]/);
			if (letter?.toUpperCase() !== 'C:' || names.some(name => name === '..' || name.includes('\0'))) {
				return undefined;
			}

			let at = drive;
			for (const name of names.filter(each => each !== '' && each !== '.')) {
				at = path.join(at, await spelled(at, name));
			}

			return at;
		},
		start: ({program, args}) => ({
			file: path.join(folder, 'programs', path.win32.basename(program)),
			args,
			options: {cwd: drive, env: {...environment, DMS_UPGRADE_PROGRAM: program}},
		}),
	};
}

/** Windows takes capital and small letters for the same; the name is used as it is where there is no other. */
async function spelled(folder: string, name: string): Promise<string> {
	const there = await lstat(path.join(folder, name)).catch(() => undefined);
	const names = there ? [] : await readdir(folder).catch(() => []);
	return names.find(each => each.toLowerCase() === name.toLowerCase()) ?? name;
}
