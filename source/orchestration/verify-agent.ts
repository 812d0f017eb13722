import type {AgentId} from '../domain/agent.ts';
import type {AgentStatus} from '../domain/agent-status.ts';
import {changesVersion} from '../domain/package-facts.ts';
import type {LaunchReceipt} from '../domain/run-event.ts';
import {mayReboot} from '../domain/upgrade-log.ts';
import {type Failure, UserError, failureOf} from '../domain/user-error.ts';
import {couldBeSame, formatVersion} from '../domain/version.ts';
import {LateLines} from './late-lines.ts';
import type {RunContext} from './run-context.ts';

/**
 * Finds out at the Agent's own address whether it is what the log says: it runs, in a new process, the package's
 * version, with a new line in its version history, and it stays so for a while. Writes down what it found, but for what
 * it resolves to: that its log, which is found by the receipt, says meanwhile that the upgrade failed.
 */
export async function verifyAgent(
	run: RunContext,
	agent: AgentId,
	receipt?: LaunchReceipt,
): Promise<string | undefined> {
	if (run.agent(agent).phase !== 'verifying') {
		await run.record({type: 'agent.verifying', agent});
	}

	const late = receipt && new LateLines(run, agent, receipt);
	try {
		return await watch(run, agent, late);
	} finally {
		late?.end();
	}
}

async function watch(
	run: RunContext,
	agent: AgentId,
	late: LateLines | undefined,
): Promise<string | undefined> {
	const {clock, limits} = run;
	let deadline = clock.now() + limits.start;
	let goodSince: number | undefined;
	let lost = run.agent(agent).contact.kind === 'lost';
	for (;;) {
		const found = await lookAt(run, agent);
		if (late?.contradiction !== undefined) {
			return late.contradiction;
		}

		if ('lost' in found) {
			goodSince = undefined;
			if (!lost) {
				lost = true;
				await run.record({
					type: 'contact.lost',
					agent,
					expected: mayReboot(run.plan, run.agent(agent).log),
					reason: found.lost.message,
				});
			}
		} else {
			if (lost) {
				lost = false;
				await run.record({type: 'contact.restored', agent});
			}

			if (found.status.upgradeInProgress !== undefined) {
				// It is not over yet, whatever its log said; what DataMiner does meanwhile is no verdict.
				deadline = clock.now() + limits.start;
			}

			const wrong = whatIsWrong(run, agent, found.status);
			goodSince = wrong ? undefined : (goodSince ?? clock.now());
			if (goodSince !== undefined && clock.now() - goodSince >= limits.watch) {
				const {version} = found.status;
				await run.record({type: 'agent.verified', agent, ...(version && {version})});
				return undefined;
			}

			if (wrong?.final || (wrong && clock.now() > deadline)) {
				await (wrong.unknown
					? run.unknown(agent, wrong)
					: run.record({type: 'agent.failed', agent, failure: wrong}));
				return undefined;
			}
		}

		if (lost && clock.now() > deadline + limits.contact) {
			await run.unknown(agent, {
				code: 'CONTACT_LOST',
				message: 'Its log says that the upgrade ended well, but it has not answered since.',
				nextSteps: ['Look at the server itself: is Windows up, and does DataMiner run?'],
			});
			return undefined;
		}

		await clock.sleep(limits.poll);
	}
}

async function lookAt(run: RunContext, agent: AgentId): Promise<{status: AgentStatus} | {lost: Failure}> {
	try {
		return {status: await run.connection(agent).status()};
	} catch (error) {
		if (error instanceof UserError) {
			return {lost: failureOf(error)};
		}

		throw error;
	}
}

interface Wrong extends Failure {
	/** Waiting will not change it. */
	readonly final?: boolean;
	readonly unknown?: boolean;
}

function whatIsWrong(run: RunContext, agent: AgentId, status: AgentStatus): Wrong | undefined {
	const {plan} = run;
	const {statusBefore} = run.agent(agent);
	if (status.upgradeInProgress !== undefined) {
		return {
			code: 'STILL_UPGRADING',
			message: 'Its log said that the upgrade ended well, and yet it goes on.',
			nextSteps: ['Look at the newest progress.log in Upgrades\\Packages on this Agent.'],
			unknown: true,
		};
	}

	if (
		!plan.options.AutomaticStartServices &&
		plan.package.restarts === 'agent' &&
		status.state === 'Not running'
	) {
		return {
			code: 'NOT_STARTED',
			message:
				'Its log says that the upgrade ended well. As asked, DataMiner was not started; which version it runs is known after its first start.',
			nextSteps: ['Start DataMiner on this Agent, then look at its version.'],
			final: true,
			unknown: true,
		};
	}

	if (status.state !== 'Running') {
		return {
			code: 'NOT_RUNNING',
			message: `The upgrade ended, but DataMiner does not run (state: ${status.state}).`,
			unknown: status.state === 'Unknown',
			nextSteps: ['Start DataMiner on this Agent and look at Logging\\SLErrors.txt.'],
		};
	}

	const {version} = plan.package;
	if (!changesVersion(plan.package.kind) || version === undefined) {
		return undefined;
	}

	if (!status.version) {
		return {
			code: 'VERSION_UNREADABLE',
			message: 'It runs, but Upgrades\\VersionHistory.txt does not tell which version.',
			nextSteps: ['Look at the version in Cube (About) or in Upgrades\\VersionHistory.txt.'],
			unknown: true,
		};
	}

	if (!couldBeSame(status.version, version)) {
		return {
			code: 'WRONG_VERSION',
			message: `It runs ${formatVersion(status.version)} instead of ${formatVersion(version)}.`,
			nextSteps: ['Look at the progress.log of this upgrade on the Agent, then upgrade this Agent again.'],
		};
	}

	if (status.versionStamp === statusBefore?.versionStamp) {
		return {
			code: 'NO_NEW_VERSION_STAMP',
			message:
				'Upgrades\\VersionHistory.txt has no new line, which DataMiner writes at its first start after an upgrade.',
			nextSteps: ['Look at the progress.log of this upgrade on the Agent.'],
		};
	}

	if (statusBefore?.processId !== undefined && status.processId === statusBefore.processId) {
		return {
			code: 'NOT_RESTARTED',
			message: 'DataMiner still runs in the process from before the upgrade.',
			nextSteps: ['Restart DataMiner on this Agent.'],
		};
	}

	return undefined;
}

/** Whether an Agent shows by itself that an upgrade has been carried out, whatever its log says. */
export function showsTarget(run: RunContext, agent: AgentId, status: AgentStatus): boolean {
	return changesVersion(run.plan.package.kind) && whatIsWrong(run, agent, status) === undefined;
}
