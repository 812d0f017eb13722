import {visibleText} from '../domain/text.ts';
import {type AgentContext, runOrFail} from './agent-context.ts';
import {argumentString, powerShellLiteral} from './command-line.ts';
import {AgentError} from './connection.ts';
import {powerShellCall} from './powershell-call.ts';

/**
 * Starts a program beside the SSH session, as a child of Windows' own management service (WMI), since the server ends
 * everything that the session itself starts. It runs as the user who logged in, without a desktop. Resolves when there
 * is such a process; nobody keeps the code with which it will end.
 */
export async function startDetached(
	context: AgentContext,
	program: string,
	args: readonly string[],
	signal?: AbortSignal,
): Promise<void> {
	const line = `"${program}" ${argumentString(args)}`;
	const {stdout} = await runOrFail(
		context,
		powerShellCall(
			`$made = Invoke-CimMethod -ClassName Win32_Process -MethodName Create -Arguments @{CommandLine = ${powerShellLiteral(line)}} -ErrorAction Stop; [string]$made.ReturnValue`,
		),
		{
			code: 'LAUNCH_UNCERTAIN',
			what: 'Windows was asked to start the upgrade, and whether it did is not known',
			nextSteps: ['Look for SLTaskbarUtility.exe among the processes of this Agent.'],
		},
		{timeoutMs: context.settings.queryTimeoutMs, ...(signal && {signal})},
	);
	// Source: "Create method of the Win32_Process class"; 0 is success, 2 access denied, 9 path not found.
	const answer = /^\d{1,10}$/.exec(stdout.trim())?.[0];
	if (answer !== '0') {
		throw new AgentError(
			context.agent,
			answer === undefined ? 'LAUNCH_UNCERTAIN' : 'LAUNCH_FAILED',
			`Windows did not say that it started the upgrade: “${visibleText(stdout.trim(), 200)}”.`,
			['Check that the user of this Agent in the inventory is an administrator there.'],
		);
	}
}

/** Whether a program runs that was started with this text, such as a folder of ours, among its arguments. */
export async function isRunningDetached(
	context: AgentContext,
	text: string,
	signal?: AbortSignal,
): Promise<boolean> {
	const {stdout} = await runOrFail(
		context,
		powerShellCall(
			`[string]@(Get-CimInstance -ClassName Win32_Process -Filter "Name = 'SLTaskbarUtility.exe'" -ErrorAction Stop | Where-Object {([string]$_.CommandLine).ToLowerInvariant().Contains(${powerShellLiteral(text.toLowerCase())})}).Count`,
		),
		{
			code: 'PROCESSES_UNREADABLE',
			what: 'Which processes run could not be found out',
			nextSteps: ['Check that the user of this Agent in the inventory is an administrator there.'],
		},
		{timeoutMs: context.settings.queryTimeoutMs, ...(signal && {signal})},
	);
	const count = /^\d{1,6}$/.exec(stdout.trim())?.[0];
	if (count === undefined) {
		// Taken for missing, it could be started a second time.
		throw new AgentError(
			context.agent,
			'PROCESSES_UNREADABLE',
			`Which processes run cannot be read from “${visibleText(stdout.trim(), 200)}”.`,
			['Look for SLTaskbarUtility.exe among the processes of this Agent.'],
		);
	}

	return Number(count) > 0;
}
