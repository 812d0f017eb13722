import type {RunId} from '../domain/run-event.ts';
import {visibleText} from '../domain/text.ts';
import {type AgentContext, runOrFail, saidBy} from './agent-context.ts';
import {AgentError} from './connection.ts';
import {isRunningDetached} from './direct-launch.ts';
import {type TaskState, parseTaskQuery} from './scheduled-task.ts';
import {checkedFileName, windowsPath} from './windows-path.ts';

/** The folder of one launch in our staging folder. */
export function launchFolder({paths}: AgentContext, run: RunId): string {
	return windowsPath(paths.launches, checkedFileName(run));
}

/** Begins the name of every task of this program. */
export const taskPrefix = 'dms-upgrade ';

/** The name of the task that carries a launch in Windows Task Scheduler. */
export function taskName(run: RunId): string {
	return `${taskPrefix}${checkedFileName(run)}`;
}

/** Undefined where there is no such task. */
export async function queryTask(
	{agent, machine, settings}: AgentContext,
	name: string,
	signal?: AbortSignal,
): Promise<TaskState | undefined> {
	const result = await machine.run(
		{program: 'schtasks.exe', args: ['/query', '/tn', name, '/fo', 'CSV', '/nh', '/v']},
		{timeoutMs: settings.queryTimeoutMs, ...(signal && {signal})},
	);
	if (result.exitCode !== 0) {
		return undefined;
	}

	const state = parseTaskQuery(result.stdout);
	if (state === undefined) {
		// Taken for missing, a task could be started a second time.
		throw new AgentError(
			agent,
			'TASK_UNREADABLE',
			`The task “${name}” is there, but whether it runs cannot be read from “${visibleText(result.stdout.trim(), 200)}”.`,
			['Look at the task in Task Scheduler on this Agent.'],
		);
	}

	return state;
}

export async function createTask(
	context: AgentContext,
	name: string,
	xmlPath: string,
	signal?: AbortSignal,
): Promise<void> {
	await runOrFail(
		context,
		{program: 'schtasks.exe', args: ['/create', '/tn', name, '/xml', xmlPath, '/f']},
		{
			code: 'LAUNCH_FAILED',
			what: 'Windows Task Scheduler refused the upgrade task',
			nextSteps: ['Check that the user of this Agent in the inventory is an administrator there.'],
		},
		{timeoutMs: context.settings.queryTimeoutMs, ...(signal && {signal})},
	);
}

export async function startTask(context: AgentContext, name: string, signal?: AbortSignal): Promise<void> {
	await runOrFail(
		context,
		{program: 'schtasks.exe', args: ['/run', '/tn', name]},
		{
			code: 'LAUNCH_FAILED',
			what: 'Windows Task Scheduler did not start the upgrade',
			nextSteps: ['Look at the task in Task Scheduler on this Agent, then launch again.'],
		},
		{timeoutMs: context.settings.queryTimeoutMs, ...(signal && {signal})},
	);
}

/** Content with its being gone already. */
export async function deleteTask(context: AgentContext, name: string): Promise<void> {
	const call = {program: 'schtasks.exe', args: ['/delete', '/tn', name, '/f']};
	const result = await context.machine.run(call, {timeoutMs: context.settings.queryTimeoutMs});
	if (result.exitCode !== 0 && (await queryTask(context, name)) !== undefined) {
		throw new AgentError(
			context.agent,
			'TASK_NOT_DELETED',
			`The task “${name}” could not be deleted: ${saidBy(call, result)}.`,
			['Delete it in Task Scheduler on this Agent once its upgrade is over.'],
		);
	}
}

/** More launches than these at once are the remains of something; the others are not looked at. */
const mostLaunches = 20;

/** The name of a launch that is running now, whoever launched it. */
export async function runningLaunch(
	context: AgentContext,
	signal?: AbortSignal,
): Promise<string | undefined> {
	const runs = (await context.machine.list(context.paths.launches)) ?? [];
	for (const run of [...runs].sort().slice(-mostLaunches)) {
		const name = `dms-upgrade ${run}`;
		if ((await queryTask(context, name, signal))?.state === 'running') {
			return name;
		}
	}

	return runs.length > 0 &&
		context.settings.launch === 'direct' &&
		(await isRunningDetached(context, `${context.paths.launches}\\`, signal))
		? 'dms-upgrade'
		: undefined;
}
