import {AgentError, type StagedPackage, provesNothingLaunched} from '../agent/connection.ts';
import type {AgentId, FailoverRole} from '../domain/agent.ts';
import type {AgentStatus} from '../domain/agent-status.ts';
import {type PlanStep, rolesNeeded} from '../domain/plan.ts';
import type {LaunchReceipt} from '../domain/run-event.ts';
import {UserError, failureOf} from '../domain/user-error.ts';
import {followAgent} from './follow-agent.ts';
import {all} from './in-parallel.ts';
import type {RunContext} from './run-context.ts';
import {verifyAgent} from './verify-agent.ts';

/**
 * Every Agent that a step touches answers once more before anything is done to any of them: it runs, nothing is
 * carried out on it, and it has the role that the plan was made for. Answers those that may not be touched.
 */
export async function lastGate(run: RunContext, step: PlanStep): Promise<readonly AgentId[]> {
	const needed = rolesNeeded(run.plan, step);
	const agents = step.kind === 'wave' ? step.agents : [...needed.keys()];
	const refused: AgentId[] = [];
	await all(agents, async agent => {
		try {
			const status = await run.connection(agent).status(run.stopSignal);
			const reason = whyNotNow(status, needed.get(agent));
			if (reason) {
				throw new AgentError(
					agent,
					'NOT_READY_ANY_MORE',
					`It was ready, but now ${reason}. Nothing of this step was begun.`,
					['Find out what changed on this Agent, then start again.'],
				);
			}
		} catch (error) {
			run.stopSignal.throwIfAborted();
			// One that was upgraded already stays what it is.
			await (run.agent(agent).outcome === undefined
				? run.fail(agent, error)
				: run.record({type: 'note', agent, text: failureOf(error).message}));
			refused.push(agent);
		}
	});
	return refused;
}

function whyNotNow(
	{state, role, upgradeInProgress}: AgentStatus,
	needed: FailoverRole | undefined,
): string | undefined {
	if (state !== 'Running') {
		return `its state is ${state}`;
	}

	if (upgradeInProgress !== undefined) {
		return `${upgradeInProgress} is being carried out on it`;
	}

	return needed !== undefined && role !== needed
		? `it is ${role ?? 'in no Failover pair'} and no longer ${needed}, as the plan needs it`
		: undefined;
}

/** Launches all Agents of a wave together, follows each to its end and verifies it. Every fact goes to the journal. */
export async function upgradeWave(
	run: RunContext,
	wave: readonly AgentId[],
	staged: ReadonlyMap<AgentId, StagedPackage>,
): Promise<void> {
	await run.record(...wave.map(agent => ({type: 'launch.started', agent}) as const));
	await all(wave, async agent => {
		const file = staged.get(agent);
		if (!file) {
			throw new Error(`the package was not staged on ${agent}`);
		}

		const receipt = await launch(run, agent, file);
		if (receipt) {
			await followAndVerify(run, agent, receipt);
		}
	});
	await stopUnlaunched(run, wave);
}

/**
 * Tells an Agent to upgrade. Where that fails in a way that leaves open whether it does, it is told again, which
 * never makes it upgrade twice in one run; a stop ends the telling, and then nobody knows.
 */
async function launch(
	run: RunContext,
	agent: AgentId,
	staged: StagedPackage,
): Promise<LaunchReceipt | undefined> {
	const deadline = run.clock.now() + run.limits.launch;
	for (;;) {
		try {
			const receipt = await run
				.connection(agent)
				.launch({run: run.input.run, staged, options: run.plan.options});
			await run.record({type: 'launch.finished', agent, receipt});
			return receipt;
		} catch (error) {
			if (!(error instanceof UserError)) {
				throw error;
			}

			if (provesNothingLaunched(error)) {
				await run.fail(agent, error);
				return undefined;
			}

			if (run.stopSignal.aborted || run.clock.now() > deadline) {
				await run.unknown(agent, {
					code: 'LAUNCH_UNCERTAIN',
					message: `It was told to upgrade, and whether it does is not known. ${error.message}`,
					nextSteps: [
						'Look at Upgrades\\Packages on this Agent: a new folder with a progress.log means that it upgrades.',
					],
				});
				return undefined;
			}

			await run.clock.sleep(run.limits.poll);
		}
	}
}

async function followAndVerify(run: RunContext, agent: AgentId, receipt: LaunchReceipt): Promise<void> {
	const ending = await followAgent(run, agent, receipt);
	if (ending === 'unknown') {
		return;
	}

	if (ending.ended === 'badly') {
		await run.fail(
			agent,
			new AgentError(agent, 'UPGRADE_FAILED', ending.reason, [
				'Read the progress.log of this Agent from its first error on.',
				'Do not leave it beside Agents on the new version: upgrade it again, or stop it.',
			]),
		);
	} else {
		await verifyAgent(run, agent);
	}

	try {
		await run.connection(agent).forgetLaunch(receipt);
	} catch (error) {
		await run.record({
			type: 'note',
			agent,
			text: `Its scheduled task could not be removed: ${failureOf(error).message}`,
		});
	}
}

/** An Agent that could not be launched must not run on beside upgraded ones: one cluster, one version. */
async function stopUnlaunched(run: RunContext, wave: readonly AgentId[]): Promise<void> {
	if (run.plan.package.restarts !== 'agent') {
		return;
	}

	const agents = wave.map(id => run.agent(id));
	if (!agents.some(agent => agent.outcome === 'done')) {
		return;
	}

	for (const {id, receipt, outcome} of agents) {
		if (outcome === 'failed' && receipt === undefined) {
			await stopAgent(run, id);
		}
	}
}

async function stopAgent(run: RunContext, id: AgentId): Promise<void> {
	try {
		const {upgradeInProgress, versionStamp} = await run.connection(id).status();
		if (upgradeInProgress !== undefined || versionStamp !== run.agent(id).statusBefore?.versionStamp) {
			await run.record({
				type: 'note',
				agent: id,
				text: 'It could not be launched, and yet something is or was carried out on it: it is left as it is. Look at it yourself.',
			});
			return;
		}

		await run.record({
			type: 'note',
			agent: id,
			text: 'It could not be launched while others were upgraded: DataMiner is stopped on it, since it must not run beside a newer version.',
		});
		await run.connection(id).stop();
	} catch (error) {
		if (!(error instanceof UserError)) {
			throw error;
		}

		await run.record({
			type: 'note',
			agent: id,
			text: `It could not be launched, and could not be stopped either: ${error.message} Stop it by hand: it must not run beside a newer version.`,
		});
	}
}
