import type {AgentConnection, FollowedLine} from '../agent/connection.ts';
import {AgentError} from '../agent/connection.ts';
import type {AgentId} from '../domain/agent.ts';
import type {LaunchReceipt} from '../domain/run-event.ts';
import {failureOf} from '../domain/user-error.ts';
import {type UpgradeEnding, endingOf, mayReboot} from '../domain/upgrade-log.ts';
import type {RunContext} from './run-context.ts';
import {isLostContact} from './upload-stage.ts';
import {showsTarget} from './verify-agent.ts';

/**
 * Follows a launched upgrade to its end, through restarts and reboots. Resolves to what its log says, or to
 * `unknown` (written down with the reason) when nobody can say.
 */
export async function followAgent(
	run: RunContext,
	agent: AgentId,
	receipt: LaunchReceipt,
): Promise<UpgradeEnding | 'unknown'> {
	for (;;) {
		try {
			return await readLog(run, agent, receipt);
		} catch (error) {
			if (error instanceof AgentError) {
				return {ended: 'badly', reason: error.message};
			}

			if (!isLostContact(error)) {
				throw error;
			}

			if (!(await regainContact(run, agent, error.message))) {
				return 'unknown';
			}
		}
	}
}

/** Reads the log until it says how the upgrade ended; rejects when contact is lost. */
async function readLog(
	run: RunContext,
	agent: AgentId,
	receipt: LaunchReceipt,
): Promise<UpgradeEnding | 'unknown'> {
	const {clock, limits} = run;
	const reading = new AbortController();
	const lines = run
		.connection(agent)
		.followProgress(receipt, {
			offset: run.agent(agent).progressOffset,
			pollMs: limits.poll,
			signal: reading.signal,
		})
		[Symbol.asyncIterator]();
	let heardAt = clock.now();
	let next = lines.next();
	try {
		for (;;) {
			const heard = await within(run, next, limits.askAfterSilence);
			if (heard !== 'silence') {
				if (heard.done === true) {
					return {ended: 'badly', reason: 'The log of the upgrade cannot be followed any more.'};
				}

				const {line, nextOffset} = heard.value;
				heardAt = clock.now();
				await run.record({type: 'agent.progressed', agent, line, nextOffset});
				const ending = endingOf(line);
				if (ending) {
					return ending;
				}

				next = lines.next();
				continue;
			}

			// The log may have broken off: the Agent itself knows better.
			const status = await run.connection(agent).status();
			if (showsTarget(run, agent, status)) {
				return {ended: 'well'};
			}

			if (clock.now() - heardAt > limits.silence) {
				await run.unknown(agent, silent(limits.silence));
				return 'unknown';
			}
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

/** Tries to reach the Agent again until it answers. False when that took too long; its outcome is then unknown. */
async function regainContact(run: RunContext, agent: AgentId, reason: string): Promise<boolean> {
	const {clock, limits} = run;
	const since = clock.now();
	const expected = mayReboot(run.plan, run.agent(agent).log);
	await run.record({type: 'contact.lost', agent, expected, reason});
	for (;;) {
		await clock.sleep(limits.poll);
		if (await answers(run.connection(agent))) {
			await run.record({type: 'contact.restored', agent});
			return true;
		}

		if (clock.now() - since > limits.contact) {
			await run.unknown(agent, {
				code: 'CONTACT_LOST',
				message: `It was upgrading when contact was lost, and has not answered for ${Math.round(limits.contact / 60_000)} minutes.`,
				nextSteps: [
					'Look at the server itself: is Windows up, does DataMiner run, what does the newest progress.log in Upgrades\\Packages say?',
				],
			});
			return false;
		}
	}
}

async function answers(connection: AgentConnection): Promise<boolean> {
	try {
		await connection.status();
		return true;
	} catch (error) {
		// Whatever it is, the Agent did not answer; an error that nobody foresaw must not pass for silence.
		if (failureOf(error).code === 'UNEXPECTED') {
			throw error;
		}

		return false;
	}
}

function silent(limit: number) {
	return {
		code: 'LOG_SILENT',
		message: `Its progress.log has said nothing for ${Math.round(limit / 60_000)} minutes, and it does not run the new version.`,
		nextSteps: [
			'Look at the server itself; the upgrade may still be going on. Do not start another one before it has ended.',
		],
	};
}
