import type {LaunchReceipt} from '../domain/run-event.ts';
import {visibleText} from '../domain/text.ts';
import type {AgentContext} from './agent-context.ts';
import {type CarriedLaunch, carriedLaunch} from './carried-launch.ts';
import {AgentError, type FollowProgressOptions, type FollowedLine} from './connection.ts';
import {type LaunchFacts, readReceipt} from './launch-receipt.ts';
import {ownLinesOf} from './own-lines.ts';
import {ProgressLogReader} from './progress-log.ts';
import {progressLogPath, upgradeFolders} from './upgrade-folders.ts';

/** The lines about this Agent in the log that a launched upgrade writes, until aborted. */
export async function* followUpgrade(
	context: AgentContext,
	receipt: LaunchReceipt,
	{offset, pollMs, signal}: FollowProgressOptions,
): AsyncGenerator<FollowedLine, void, undefined> {
	const facts = readReceipt(receipt.reference);
	if (!facts) {
		throw new AgentError(
			context.agent,
			'RECEIPT_UNREADABLE',
			`What was launched on ${context.agent} cannot be found again: “${visibleText(receipt.reference, 80)}” is no launch of this program.`,
			['Look at Upgrades\\Packages on this Agent.'],
		);
	}

	const log = await waitForLog(context, facts, pollMs, signal);
	if (log === undefined) {
		return;
	}

	const own = await ownLinesOf(context);
	let reader = new ProgressLogReader(offset);
	for await (const {bytes, restarted} of context.machine.follow(log, {offset, pollMs, signal})) {
		if (restarted) {
			reader = new ProgressLogReader();
		}

		for (const {line, nextOffset, about} of reader.push(bytes)) {
			if (own.isOwn(about)) {
				yield {line, nextOffset};
			}
		}
	}
}

/** The path of the log; undefined when aborted before there was one. */
async function waitForLog(
	context: AgentContext,
	facts: LaunchFacts,
	pollMs: number,
	signal: AbortSignal,
): Promise<string | undefined> {
	while (!signal.aborted) {
		// Asked before the folders are looked at: a log that was made before the end is then seen.
		const carried = await carriedLaunch(context, facts);
		const log = await findLog(context, facts);
		if (log !== undefined) {
			return log;
		}

		if (carried?.state === 'ended' && carried.result !== 0) {
			throw new AgentError(
				context.agent,
				'LAUNCH_FAILED',
				`SLTaskbarUtility.exe on ${context.agent} ended ${resultText(carried)}before an upgrade began; there is no progress.log.`,
				[
					'Look at Logging\\sltaskbarutility.update.log on this Agent.',
					'Check that the package can be opened there, then launch again.',
				],
			);
		}

		// Ends early only with the signal, which the loop then sees.
		await context.clock.sleep(pollMs, signal).catch(() => undefined);
	}

	return undefined;
}

function resultText({result}: Extract<CarriedLaunch, {state: 'ended'}>): string {
	return result === undefined ? '' : `with ${result} `;
}

/** The log of the one folder that the launch brought about; of several, the one that was made first. */
async function findLog(context: AgentContext, facts: LaunchFacts): Promise<string | undefined> {
	const before = new Set(facts.foldersBefore.map(name => name.toLowerCase()));
	const fresh = (await upgradeFolders(context, facts.package)).filter(
		name => !before.has(name.toLowerCase()),
	);
	const logs = await Promise.all(
		fresh.map(async folder => {
			const path = progressLogPath(context, folder);
			return {path, modifiedAt: (await context.machine.stat(path))?.modifiedAt};
		}),
	);
	return logs
		.filter(({modifiedAt}) => modifiedAt !== undefined)
		.sort((a, b) => (a.modifiedAt ?? 0) - (b.modifiedAt ?? 0))[0]?.path;
}
