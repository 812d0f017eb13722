import type {FollowedLine} from '../agent/connection.ts';
import {provesNothingLaunched} from '../agent/connection.ts';
import {ConnectionLostError, UnreachableError} from '../agent/machine-errors.ts';
import type {AgentId} from '../domain/agent.ts';
import type {LaunchReceipt} from '../domain/run-event.ts';
import {type UpgradeEnding, endingOf, mayReboot} from '../domain/upgrade-log.ts';
import {UserError} from '../domain/user-error.ts';
import type {Company} from './company.ts';
import {linesToCome} from './log-lines.ts';
import type {RunContext} from './run-context.ts';
import {showsTarget} from './verify-agent.ts';

/** What is heard of one Agent, across lost connections. */
interface Hearing {
	/** When its log said something last, by our clock. */
	heardAt: number;
	/** When it answered or its log said something last. */
	aliveAt: number;
	/** The log ended well, unless something else follows. */
	endedWell: boolean;
	lost: boolean;
	/** The Agents of the same cluster-wide launch. */
	readonly company: Company | undefined;
}

/**
 * Follows a launched upgrade to its end, through restarts and reboots, from where an earlier runner left off. Resolves
 * to what its log says, or to `unknown` (written down with the reason) when nobody can say.
 *
 * From the launch on, no failure to ask says anything about the upgrade: whatever the Agent or the way to it answers
 * is asked again, within the limits. Only its log, or that it never began, makes it a failure.
 */
export async function followAgent(
	run: RunContext,
	agent: AgentId,
	receipt: LaunchReceipt,
	company?: Company,
): Promise<UpgradeEnding | 'unknown'> {
	const {lastProgress, contact, retrying} = run.agent(agent);
	// It was found to go on in spite of what its log said in an earlier attempt.
	const heardBefore = lastProgress && !retrying ? endingOf(lastProgress) : undefined;
	if (heardBefore?.ended === 'badly') {
		return heardBefore;
	}

	const hearing: Hearing = {
		heardAt: run.clock.now(),
		aliveAt: run.clock.now(),
		endedWell: heardBefore !== undefined,
		lost: contact.kind === 'lost',
		company,
	};
	for (;;) {
		const read = await readOn(run, agent, receipt, hearing);
		if ('ended' in read) {
			return read;
		}

		if (read.interruptedBy !== 'silence') {
			await loseContact(run, agent, hearing, read.reason);
		}

		const ending = await askItself(run, agent, hearing);
		if (ending) {
			return ending;
		}

		await run.clock.sleep(run.limits.poll);
	}
}

async function loseContact(run: RunContext, agent: AgentId, hearing: Hearing, reason: string): Promise<void> {
	if (!hearing.lost) {
		hearing.lost = true;
		const expected = mayReboot(run.plan, run.agent(agent).log);
		await run.record({type: 'contact.lost', agent, expected, reason});
	}
}

/** Why a log is not read any further for now. */
type Interruption =
	{readonly interruptedBy: 'silence'} | {readonly interruptedBy: 'failure'; readonly reason: string};

async function readOn(
	run: RunContext,
	agent: AgentId,
	receipt: LaunchReceipt,
	hearing: Hearing,
): Promise<UpgradeEnding | Interruption> {
	try {
		return await readLog(run, agent, receipt, hearing);
	} catch (error) {
		if (!(error instanceof UserError)) {
			throw error;
		}

		return provesNothingLaunched(error)
			? {ended: 'badly', reason: error.message}
			: {interruptedBy: 'failure', reason: error.message};
	}
}

async function readLog(
	run: RunContext,
	agent: AgentId,
	receipt: LaunchReceipt,
	hearing: Hearing,
): Promise<UpgradeEnding | Interruption> {
	const {clock, limits} = run;
	const reading = new AbortController();
	const lines = linesToCome(run, agent, receipt, reading.signal);
	let next = lines.next();
	try {
		for (;;) {
			const patience = hearing.endedWell ? limits.afterEnding : limits.askAfterSilence;
			const heard = await within(run, next, patience);
			if (heard === 'silence') {
				return hearing.endedWell ? {ended: 'well'} : {interruptedBy: 'silence'};
			}

			if (heard.done === true) {
				return {interruptedBy: 'failure', reason: 'Its log cannot be followed any more.'};
			}

			if (hearing.lost) {
				hearing.lost = false;
				await run.record({type: 'contact.restored', agent});
			}

			const {line, nextOffset} = heard.value;
			hearing.heardAt = clock.now();
			hearing.aliveAt = hearing.heardAt;
			hearing.company?.hear(hearing.heardAt);
			await run.record({type: 'agent.progressed', agent, line, nextOffset});
			const ending = endingOf(line);
			if (ending?.ended === 'badly') {
				return ending;
			}

			hearing.endedWell = ending !== undefined;
			next = lines.next();
		}
	} finally {
		reading.abort();
		// The read that was under way ends with the abort; how it ends is of no interest any more.
		next.catch(() => undefined);
	}
}

async function within(
	run: RunContext,
	next: Promise<IteratorResult<FollowedLine>>,
	milliseconds: number,
): Promise<IteratorResult<FollowedLine> | 'silence'> {
	const timer = new AbortController();
	const silence = run.clock.sleep(milliseconds, timer.signal).then(
		() => 'silence' as const,
		() => 'silence' as const,
	);
	try {
		return await Promise.race([next, silence]);
	} finally {
		timer.abort();
	}
}

/**
 * Its log says nothing, or cannot be had: the Agent itself knows better. Resolves to `unknown` when it has been
 * silent or away for too long, and to undefined while that may still change.
 */
async function askItself(
	run: RunContext,
	agent: AgentId,
	hearing: Hearing,
): Promise<UpgradeEnding | 'unknown' | undefined> {
	const {limits} = run;
	const {company} = hearing;
	const silentFor = run.clock.now() - Math.max(hearing.heardAt, company?.heardAt ?? 0);
	try {
		const status = await run.connection(agent).status();
		hearing.aliveAt = run.clock.now();
		if (hearing.lost) {
			hearing.lost = false;
			await run.record({type: 'contact.restored', agent});
		}

		if (showsTarget(run, agent, status)) {
			return {ended: 'well'};
		}

		const untouched = company && company.leader !== agent && run.agent(agent).progressOffset === 0;
		if (untouched && company.leaderFailed !== undefined && status.upgradeInProgress === undefined) {
			return {
				ended: 'badly',
				reason: `Nothing was begun here: ${company.leader}, which led the upgrade of the cluster, failed. ${company.leaderFailed}`,
			};
		}

		if (silentFor > limits.silence) {
			await run.unknown(
				agent,
				untouched ? notReached(company.leader, limits.silence) : silent(limits.silence),
			);
			return 'unknown';
		}
	} catch (error) {
		if (!(error instanceof UserError)) {
			throw error;
		}

		if (error instanceof ConnectionLostError || error instanceof UnreachableError) {
			await loseContact(run, agent, hearing, error.message);
		}

		if (run.clock.now() - hearing.aliveAt > limits.contact) {
			await run.unknown(agent, gone(limits.contact));
			return 'unknown';
		}
	}

	return undefined;
}

function gone(limit: number) {
	return {
		code: 'CONTACT_LOST',
		message: `It was upgrading when contact was lost, and nothing was heard of it for ${minutes(limit)}.`,
		nextSteps: [
			'Look at the server itself: is Windows up, does DataMiner run, what does the newest progress.log in Upgrades\\Packages say?',
		],
	};
}

function silent(limit: number) {
	return {
		code: 'LOG_SILENT',
		message: `Its progress.log has said nothing for ${minutes(limit)}, and it does not run the new version.`,
		nextSteps: [
			'Look at the server itself; the upgrade may still be going on. Do not start another one before it has ended.',
		],
	};
}

function notReached(leader: AgentId, limit: number) {
	return {
		code: 'NOT_REACHED',
		message: `${leader} was told to upgrade the cluster, and nothing has begun on this Agent; no log of the cluster said anything for ${minutes(limit)}.`,
		nextSteps: [
			`Read the progress.log of ${leader}: it may have left this Agent out.`,
			'Do not leave it beside Agents on the new version: try once more, or upgrade it by itself.',
		],
	};
}

function minutes(milliseconds: number): string {
	return milliseconds < 60_000
		? `${Math.ceil(milliseconds / 1000)} s`
		: `${Math.round(milliseconds / 60_000)} minutes`;
}
