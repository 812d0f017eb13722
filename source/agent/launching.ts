import type {LaunchReceipt} from '../domain/run-event.ts';
import type {AgentContext} from './agent-context.ts';
import {argumentString} from './command-line.ts';
import {AgentError, type LaunchOrder} from './connection.ts';
import {decodeText} from './file-text.ts';
import {type LaunchFacts, readReceipt, receiptOf} from './launch-receipt.ts';
import {taskXml, utf16File} from './task-xml.ts';
import {findTaskbarUtility} from './taskbar-utility.ts';
import {upgradeFolders} from './upgrade-folders.ts';
import {upgradeInfoXml} from './upgrade-info.ts';
import {createTask, deleteTask, launchFolder, queryTask, startTask, taskName} from './upgrade-task.ts';
import {windowsPath} from './windows-path.ts';

const receiptFile = 'receipt.json';

/**
 * Starts the upgrade of this one Agent as a scheduled task, since Windows ends the programs of an SSH session with it.
 * A run that was launched on this Agent already is not launched again.
 */
export async function launchUpgrade(
	context: AgentContext,
	order: LaunchOrder,
	signal?: AbortSignal,
): Promise<LaunchReceipt> {
	const name = taskName(order.run);
	const task = await queryTask(context, name, signal);
	// The folders from before are those of the first attempt: an upgrade that it started may have its own by now.
	const earlier = await earlierLaunch(context, order);
	if (task) {
		const facts = earlier ?? receiptGone(context, order);
		if (task.state === 'never run') {
			await startTask(context, name, signal);
		}

		return receiptOf(facts);
	}

	// Task Scheduler can also say nothing of a task that it has: what was begun shows in the folder it made.
	if (earlier && (await hasBegun(context, earlier))) {
		return receiptOf(earlier);
	}

	const utility = await findTaskbarUtility(context);
	const facts = await prepare(context, order, utility, earlier);
	signal?.throwIfAborted();
	await createTask(context, name, windowsPath(launchFolder(context, order.run), 'task.xml'), signal);
	await startTask(context, name, signal);
	return receiptOf(facts);
}

/** Writes what the launch needs; the receipt first, so that no task can exist without one. */
async function prepare(
	context: AgentContext,
	order: LaunchOrder,
	utility: string,
	earlier: LaunchFacts | undefined,
): Promise<LaunchFacts> {
	const {machine} = context;
	const folder = launchFolder(context, order.run);
	const packageName = order.staged.path.slice(order.staged.path.lastIndexOf('\\') + 1);
	const facts: LaunchFacts = earlier ?? {
		run: order.run,
		task: taskName(order.run),
		package: packageName,
		foldersBefore: [...(await upgradeFolders(context, packageName))],
	};
	const upgradeInfo = windowsPath(folder, 'UpgradeInfo.xml');
	await machine.makeFolder(folder);
	await machine.writeFile(windowsPath(folder, receiptFile), JSON.stringify(facts), 'replace');
	await machine.writeFile(
		upgradeInfo,
		upgradeInfoXml({
			agents: ['localhost'],
			isCluster: false,
			options: order.options,
			// The order in a Failover pair is kept by whoever launches, Agent by Agent.
			failoverPolicy: 'Simultaneously',
		}),
		'replace',
	);
	const task = taskXml({
		description: `Upgrade of this DataMiner Agent by dms-upgrade, run ${order.run}`,
		command: utility,
		arguments: argumentString(['-upgrade', order.staged.path, upgradeInfo]),
	});
	await machine.writeFile(windowsPath(folder, 'task.xml'), utf16File(task), 'replace');
	return facts;
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

/** Removes the task and our files of a launch. An upgrade that is going on is not touched by it. */
export async function forgetLaunch(context: AgentContext, receipt: LaunchReceipt): Promise<void> {
	const facts = readReceipt(receipt.reference);
	if (facts) {
		await deleteTask(context, taskName(facts.run));
		await context.machine.remove(launchFolder(context, facts.run));
	}
}
