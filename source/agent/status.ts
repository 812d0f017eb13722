import type {AgentState} from '../domain/agent.ts';
import type {AgentStatus} from '../domain/agent-status.ts';
import type {AgentContext} from './agent-context.ts';
import {parseDiskFree} from './disk-free.ts';
import {type FailoverLog, parseFailoverLog} from './failover-log.ts';
import {decodeText} from './file-text.ts';
import {FileOperationError} from './machine-errors.ts';
import {readTail} from './read-tail.ts';
import {type ServiceFacts, type ServiceState, noSuchService, parseServiceQuery} from './service-query.ts';
import {upgradeInLogs} from './upgrade-folders.ts';
import {runningLaunch} from './upgrade-task.ts';
import {newestVersionStamp} from './version-history.ts';
import {driveOf} from './windows-path.ts';

const historyBytes = 64 * 1024;
const failoverLogBytes = 128 * 1024;

/** What the Agent is and does now, in one pass. */
export async function statusOf(context: AgentContext, signal?: AbortSignal): Promise<AgentStatus> {
	const {machine, settings, paths} = context;
	const [services, history, failover, freeBytes, upgradeInProgress] = await Promise.all([
		Promise.all(settings.services.map(name => queryService(context, name, signal))),
		orUnknown(readTail(machine, paths.versionHistory, historyBytes, signal)),
		settings.failover ? orUnknown(readTail(machine, paths.failoverLog, failoverLogBytes, signal)) : undefined,
		queryFreeBytes(context, signal),
		upgradeOf(context, signal),
	]);
	const role = settings.failover ? parseFailoverLog(failover ? decodeText(failover) : '') : undefined;
	const stamp = history && newestVersionStamp(decodeText(history));
	const processId = services[0]?.processId;
	return {
		state: stateOf(
			services.map(service => service?.state),
			role,
		),
		...(stamp && {versionStamp: stamp.stamp}),
		...(stamp?.version && {version: stamp.version}),
		...(role && {role: role.role}),
		...(freeBytes !== undefined && {freeBytes}),
		...(processId !== undefined && {processId}),
		...(upgradeInProgress !== undefined && {upgradeInProgress}),
	};
}

/** A file that cannot be read now leaves open what it would say; DataMiner may be writing it. */
async function orUnknown(file: Promise<Buffer | undefined>): Promise<Buffer | undefined> {
	return file.catch((error: unknown) => {
		if (error instanceof FileOperationError) {
			return undefined;
		}

		throw error;
	});
}

/** The state of an Agent by its services, undefined where one could not be asked, and by its Failover log. */
export function stateOf(
	services: readonly (ServiceState | undefined)[],
	failover: FailoverLog | undefined,
): AgentState {
	if (services.includes(undefined)) {
		return 'Unknown';
	}

	if (services.includes('stopping')) {
		return 'Stopping';
	}

	if (services.includes('starting')) {
		return 'Starting';
	}

	if (services.some(state => state !== 'running')) {
		return 'Not running';
	}

	return failover?.switching ? 'Switching' : 'Running';
}

async function queryService(
	{machine, settings}: AgentContext,
	service: string,
	signal?: AbortSignal,
): Promise<ServiceFacts | undefined> {
	const {exitCode, stdout} = await machine.run(
		{program: 'sc.exe', args: ['queryex', service]},
		{timeoutMs: settings.queryTimeoutMs, ...(signal && {signal})},
	);
	// While an upgrade registers the services anew, they do not exist.
	return exitCode === noSuchService
		? {state: 'stopped'}
		: exitCode === 0
			? parseServiceQuery(stdout)
			: undefined;
}

/** The free space of the drive of the installation; undefined where it cannot be told. */
export async function queryFreeBytes(
	{machine, settings}: AgentContext,
	signal?: AbortSignal,
): Promise<number | undefined> {
	const drive = driveOf(settings.installFolder);
	if (drive === undefined) {
		return undefined;
	}

	const {exitCode, stdout} = await machine.run(
		{program: 'fsutil.exe', args: ['volume', 'diskfree', drive]},
		{timeoutMs: settings.queryTimeoutMs, ...(signal && {signal})},
	);
	return exitCode === 0 ? parseDiskFree(stdout) : undefined;
}

async function upgradeOf(context: AgentContext, signal?: AbortSignal): Promise<string | undefined> {
	return (await upgradeInLogs(context, signal)) ?? (await runningLaunch(context, signal));
}
