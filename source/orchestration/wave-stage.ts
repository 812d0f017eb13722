import {AgentError, type StagedPackage} from '../agent/connection.ts';
import type {AgentId} from '../domain/agent.ts';
import type {LaunchReceipt} from '../domain/run-event.ts';
import {failureOf} from '../domain/user-error.ts';
import {followAgent} from './follow-agent.ts';
import {all} from './in-parallel.ts';
import type {RunContext} from './run-context.ts';
import {isLostContact} from './upload-stage.ts';
import {verifyAgent} from './verify-agent.ts';

/** Every Agent of a wave answers once more before any of them is launched. Answers those that may not be. */
export async function lastGate(run: RunContext, wave: readonly AgentId[]): Promise<readonly AgentId[]> {
	const refused: AgentId[] = [];
	await all(wave, async agent => {
		try {
			const status = await run.connection(agent).status(run.stopSignal);
			const reason =
				status.state === 'Running'
					? status.upgradeInProgress && `${status.upgradeInProgress} is being carried out on it`
					: `its state is ${status.state}`;
			if (reason) {
				throw new AgentError(
					agent,
					'NOT_READY_ANY_MORE',
					`It was ready, but now ${reason}. Nothing was launched.`,
					['Find out what changed on this Agent, then start again.'],
				);
			}
		} catch (error) {
			run.stopSignal.throwIfAborted();
			await run.fail(agent, error);
			refused.push(agent);
		}
	});
	return refused;
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

/** Tells an Agent to upgrade, again after a lost connection: a launch of the same run is never carried out twice. */
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
			if (!isLostContact(error)) {
				await run.fail(agent, error);
				return undefined;
			}

			if (run.clock.now() > deadline) {
				await run.unknown(agent, {
					code: 'LAUNCH_UNCERTAIN',
					message: `Contact was lost while it was told to upgrade, and whether it does is not known. ${error.message}`,
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
			try {
				await run.connection(id).stop();
				await run.record({
					type: 'note',
					agent: id,
					text: 'It could not be launched while others were upgraded, so DataMiner was stopped on it: it must not run beside a newer version.',
				});
			} catch (error) {
				await run.record({
					type: 'note',
					agent: id,
					text: `It could not be launched, and could not be stopped either: ${failureOf(error).message} Stop it by hand: it must not run beside a newer version.`,
				});
			}
		}
	}
}
