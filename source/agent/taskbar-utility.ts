import {type AgentContext, runOrFail} from './agent-context.ts';
import {AgentError} from './connection.ts';
import {windowsPath} from './windows-path.ts';

/** Where `SLTaskbarUtility.exe` is on this Agent. */
export async function findTaskbarUtility({agent, machine, settings}: AgentContext): Promise<string> {
	for (const folder of settings.taskbarUtilityFolders) {
		const path = windowsPath(folder, 'SLTaskbarUtility.exe');
		if (await machine.stat(path)) {
			return path;
		}
	}

	throw new AgentError(
		agent,
		'TASKBAR_UTILITY_MISSING',
		`SLTaskbarUtility.exe was not found on ${agent}, neither in ${settings.taskbarUtilityFolders.join(' nor in ')}.`,
		['Check that DataMiner is installed there, and that the user of this Agent may read that folder.'],
	);
}

export type LocalCommand = 'start' | 'stop' | 'restart';

/** Starts, stops or restarts DataMiner on this Agent. Source: Taskbar_Utility_command_line_options.md */
export async function runLocalCommand(
	context: AgentContext,
	command: LocalCommand,
	signal?: AbortSignal,
): Promise<void> {
	const program = await findTaskbarUtility(context);
	await runOrFail(
		context,
		{program, args: [`-${command}`]},
		{
			code: `${command.toUpperCase()}_FAILED`,
			what: `${context.agent} did not ${command}`,
			nextSteps: ['Look at Logging\\SLWatchdog2.txt and at the services of DataMiner on this Agent.'],
		},
		{timeoutMs: context.settings.startStopTimeoutMs, ...(signal && {signal})},
	);
}
