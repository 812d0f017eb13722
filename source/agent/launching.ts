import type {LaunchReceipt, RunId} from '../domain/run-event.ts';
import {failureOf} from '../domain/user-error.ts';
import type {AgentContext} from './agent-context.ts';
import {argumentString} from './command-line.ts';
import {carriedLaunch} from './carried-launch.ts';
import {AgentError, type LaunchOrder, provesNothingLaunched} from './connection.ts';
import {isRunningDetached, startDetached} from './direct-launch.ts';
import {parseDmsXml} from './dms-xml.ts';
import {decodeText} from './file-text.ts';
import {type LaunchFacts, readReceipt, receiptOf} from './launch-receipt.ts';
import {taskXml, utf16File} from './task-xml.ts';
import {findTaskbarUtility} from './taskbar-utility.ts';
import {upgradeFolders} from './upgrade-folders.ts';
import {type UpgradeInfo, upgradeInfoXml} from './upgrade-info.ts';
import {createTask, deleteTask, launchFolder, queryTask, startTask, taskName} from './upgrade-task.ts';
import {windowsPath} from './windows-path.ts';

const receiptFile = 'receipt.json';

/**
 * Starts the upgrade of this one Agent, or of the cluster, in a way that does not end with the SSH session, as Windows
 * ends its programs. A run that was launched on this Agent already is not launched again.
 */
export async function launchUpgrade(
	context: AgentContext,
	order: LaunchOrder,
	signal?: AbortSignal,
): Promise<LaunchReceipt> {
	// The folders from before are those of the first attempt: an upgrade that it started may have its own by now.
	const earlier = await earlierLaunch(context, order);
	// What an earlier attempt used counts, whatever the setting says by now.
	const byTask = earlier ? earlier.task !== undefined : context.settings.launch === 'task';
	return byTask
		? launchByTask(context, order, earlier, signal)
		: launchDirectly(context, order, earlier, signal);
}

async function launchByTask(
	context: AgentContext,
	order: LaunchOrder,
	earlier: LaunchFacts | undefined,
	signal: AbortSignal | undefined,
): Promise<LaunchReceipt> {
	const name = taskName(order.run);
	const task = await queryTask(context, name, signal);
	if (task) {
		const facts = earlier ?? receiptGone(context, order);
		if (task.state === 'never run') {
			await orLeaveNothing(context, order, startTask(context, name, signal));
		}

		return receiptOf(facts);
	}

	// Task Scheduler can also say nothing of a task that it has: what was begun shows in the folder it made.
	if (earlier && (await hasBegun(context, earlier))) {
		return receiptOf(earlier);
	}

	const utility = await findTaskbarUtility(context);
	const facts = await prepare(context, order, earlier, {task: name});
	const xml = taskXml({
		description: `Upgrade of this DataMiner ${order.cluster ? 'System' : 'Agent'} by dms-upgrade, run ${order.run}`,
		command: utility,
		arguments: argumentString(upgradeArguments(context, order)),
	});
	const file = windowsPath(launchFolder(context, order.run), 'task.xml');
	await context.machine.writeFile(file, utf16File(xml), 'replace');
	signal?.throwIfAborted();
	const begin = async () => {
		await createTask(context, name, file, signal);
		await startTask(context, name, signal);
	};
	await orLeaveNothing(context, order, begin());
	return receiptOf(facts);
}

/** What was prepared goes again where Windows refused: nothing was started, and nobody will ask for its result. */
async function orLeaveNothing(
	context: AgentContext,
	order: LaunchOrder,
	beginning: Promise<void>,
): Promise<void> {
	try {
		await beginning;
	} catch (error) {
		if (!(error instanceof AgentError && provesNothingLaunched(error))) {
			throw error;
		}

		try {
			await removeLaunch(context, order.run, true);
		} catch (left) {
			const {message, nextSteps} = failureOf(left);
			throw new AgentError(
				context.agent,
				error.code,
				`${error.message} What was prepared for it is still there: ${message}`,
				[...error.nextSteps, ...nextSteps],
				{cause: left},
			);
		}

		throw error;
	}
}

async function launchDirectly(
	context: AgentContext,
	order: LaunchOrder,
	earlier: LaunchFacts | undefined,
	signal: AbortSignal | undefined,
): Promise<LaunchReceipt> {
	// Asked in this order: what the process made before its end is then seen.
	if (
		earlier &&
		((await isRunningDetached(context, launchFolder(context, order.run), signal)) ||
			(await hasBegun(context, earlier)))
	) {
		return receiptOf(earlier);
	}

	const utility = await findTaskbarUtility(context);
	const facts = await prepare(context, order, earlier, {});
	signal?.throwIfAborted();
	await startDetached(context, utility, upgradeArguments(context, order), signal);
	return receiptOf(facts);
}

function upgradeArguments(context: AgentContext, order: LaunchOrder): readonly string[] {
	return ['-upgrade', order.staged.path, upgradeInfoPath(context, order)];
}

function upgradeInfoPath(context: AgentContext, order: LaunchOrder): string {
	return windowsPath(launchFolder(context, order.run), 'UpgradeInfo.xml');
}

/** Writes what the launch needs; the receipt first, so that nothing can be started without one. */
async function prepare(
	context: AgentContext,
	order: LaunchOrder,
	earlier: LaunchFacts | undefined,
	carrier: Pick<LaunchFacts, 'task'>,
): Promise<LaunchFacts> {
	const {machine} = context;
	const facts: LaunchFacts = earlier ?? {
		run: order.run,
		...carrier,
		...(await foldersBefore(context, order.staged.path.slice(order.staged.path.lastIndexOf('\\') + 1))),
	};
	await machine.makeFolder(launchFolder(context, order.run));
	await machine.writeFile(receiptPath(context, order), JSON.stringify(facts), 'replace');
	const info = upgradeInfoXml(await upgradeInfo(context, order));
	await machine.writeFile(upgradeInfoPath(context, order), info, 'replace');
	return facts;
}

async function upgradeInfo(context: AgentContext, {cluster, options}: LaunchOrder): Promise<UpgradeInfo> {
	return cluster
		? {
				agents: ['localhost', ...((await otherMembers(context)) ?? cluster.addresses)],
				isCluster: true,
				options,
				failoverPolicy: cluster.policy,
			}
		: {
				agents: ['localhost'],
				isCluster: false,
				options,
				// The order in a Failover pair is kept by whoever launches, Agent by Agent.
				failoverPolicy: 'Simultaneously',
			};
}

/** The other Agents by the addresses that DataMiner itself knows them by; undefined where it does not tell. */
async function otherMembers({machine, paths}: AgentContext): Promise<readonly string[] | undefined> {
	const content = await machine.readFile(paths.dmsXml);
	const {members = [], ownAddress} = (content && parseDmsXml(decodeText(content))) ?? {};
	return ownAddress === undefined || members.length < 2
		? undefined
		: members.filter(member => member !== ownAddress);
}

async function foldersBefore(
	context: AgentContext,
	packageName: string,
): Promise<Pick<LaunchFacts, 'package' | 'foldersBefore'>> {
	return {package: packageName, foldersBefore: [...(await upgradeFolders(context, packageName))]};
}

/** How an upgrade will be found that another Agent is going to be told to start here. Changes nothing. */
export async function expectUpgrade(context: AgentContext, packageName: string): Promise<LaunchReceipt> {
	return receiptOf({run: 'expected', expected: true, ...(await foldersBefore(context, packageName))});
}

/** What an earlier attempt of this run wrote down here; undefined where there was none. */
async function earlierLaunch(context: AgentContext, order: LaunchOrder): Promise<LaunchFacts | undefined> {
	const content = await context.machine.readFile(receiptPath(context, order));
	return content && readReceipt(decodeText(content));
}

function receiptPath(context: AgentContext, order: LaunchOrder): string {
	return windowsPath(launchFolder(context, order.run), receiptFile);
}

function receiptGone(context: AgentContext, order: LaunchOrder): never {
	throw new AgentError(
		context.agent,
		'LAUNCH_UNCLEAR',
		`This run was launched on ${context.agent} already, but ${receiptPath(context, order)}, which says what it started, is gone.`,
		['Look at Upgrades\\Packages on this Agent, and start a new run once nothing is going on there.'],
	);
}

async function hasBegun(context: AgentContext, facts: LaunchFacts): Promise<boolean> {
	const before = new Set(facts.foldersBefore.map(name => name.toLowerCase()));
	return (await upgradeFolders(context, facts.package)).some(name => !before.has(name.toLowerCase()));
}

/**
 * Removes the task and our files of a launch. An upgrade that is going on is not touched by it. Resolves to the code
 * that the program left which carried the launch, where Windows kept it.
 */
export async function forgetLaunch(
	context: AgentContext,
	receipt: LaunchReceipt,
): Promise<number | undefined> {
	const facts = readReceipt(receipt.reference);
	if (!facts || facts.expected) {
		return undefined;
	}

	const carried = facts.task === undefined ? undefined : await carriedLaunch(context, facts);
	await removeLaunch(context, facts.run, facts.task !== undefined);
	return carried?.state === 'ended' ? carried.result : undefined;
}

async function removeLaunch(context: AgentContext, run: RunId, byTask: boolean): Promise<void> {
	if (byTask) {
		// By its own name, whatever a receipt from the Agent calls it.
		await deleteTask(context, taskName(run));
	}

	await context.machine.remove(launchFolder(context, run));
}
