import {meetLineFaults} from '../line-faults.ts';
import type {ProgramRun} from './program.ts';

const create =
	/Invoke-CimMethod -ClassName Win32_Process -MethodName Create -Arguments @\{CommandLine = '(?<line>(?:[^']|'')*)'\}/i;
const count =
	/Get-CimInstance -ClassName Win32_Process -Filter "Name = '(?<name>[^']+)'".*\.Contains\('(?<text>(?:[^']|'')*)'\)/i;

/** What `Create` of Win32_Process answers. */
const success = '0';
const pathNotFound = '9';

/**
 * Processes by way of Windows' management service (WMI): they are its children, and no SSH session takes them along.
 * False where the script asks for something else.
 */
export async function manageProcesses(run: ProgramRun, script: string): Promise<boolean> {
	const {agent, print} = run;
	const line = plain(create.exec(script)?.groups?.['line']);
	if (line !== undefined) {
		const call = await agent.processes.find(line, false);
		if (call) {
			void agent.processes.run(call, {write: () => undefined, writeError: () => undefined});
		}

		meetLineFaults(agent, 'launch');
		print(call ? success : pathNotFound);
		return true;
	}

	const asked = count.exec(script)?.groups;
	const text = plain(asked?.['text']);
	if (asked?.['name'] !== undefined && text !== undefined) {
		print(String(agent.processes.count(asked['name'], text)));
		return true;
	}

	return false;
}

function plain(literal: string | undefined): string | undefined {
	return literal?.replaceAll("''", "'");
}
