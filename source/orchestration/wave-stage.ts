import {AgentError, provesNothingLaunched} from '../agent/connection.ts';
import type {AgentId} from '../domain/agent.ts';
import type {LaunchReceipt} from '../domain/run-event.ts';
import {UserError, failureOf} from '../domain/user-error.ts';
import {followAgent} from './follow-agent.ts';
import {all} from './in-parallel.ts';
import type {GateAnswer} from './last-gate.ts';
import type {RunContext} from './run-context.ts';
import {verifyAgent} from './verify-agent.ts';
import {withdrawUnlaunched} from './withdrawal.ts';

/**
 * Launches Agents of a wave together, follows each one of the wave to its end and verifies it. What an earlier runner
 * launched is followed from where it stood. Every fact goes to the journal.
 */
export async function upgradeWave(
	run: RunContext,
	wave: readonly AgentId[],
	{launch, follow}: GateAnswer,
): Promise<void> {
	const begun = wave.filter(id => isBegun(run, id));
	await run.record(
		...[...launch].map(([agent, status]) => ({type: 'launch.started', agent, status}) as const),
	);
	await all([...launch.keys(), ...follow, ...begun], async agent => {
		const {receipt, verificationStartedAt} = run.agent(agent);
		if (receipt === undefined && verificationStartedAt !== undefined) {
			// Telling it again, to learn the receipt, might upgrade it once more.
			await verifyAgent(run, agent);
			return;
		}

		const found = receipt ?? (await tellToUpgrade(run, agent, launch.has(agent)));
		if (found) {
			await followAndVerify(run, agent, found);
			await forgetLaunch(run, agent, found);
		}
	});
	await withdrawUnlaunched(run, wave);
}

/** Whether an earlier runner told it to upgrade, and did not live to see the end. */
export function isBegun(run: RunContext, id: AgentId): boolean {
	const {outcome, launchedAt, retrying} = run.agent(id);
	return outcome === undefined && launchedAt !== undefined && !retrying;
}

/** Names a launch on the Agent, which keeps it from being carried out twice however often it is told. */
function launchName(run: RunContext, agent: AgentId): string {
	const {launches} = run.agent(agent);
	return launches > 1 ? `${run.input.run}-${launches}` : run.input.run;
}

/**
 * Tells an Agent to upgrade. Where that fails in a way that leaves open whether it does, it is told again, which
 * never makes it upgrade twice; a stop ends the telling, and then nobody knows. `fresh`: nobody told it before.
 */
async function tellToUpgrade(
	run: RunContext,
	agent: AgentId,
	fresh: boolean,
): Promise<LaunchReceipt | undefined> {
	const deadline = run.clock.now() + run.limits.launch;
	const order = {run: launchName(run, agent), staged: stagedOn(run, agent), options: run.plan.options};
	let reason = 'It was stopped before an answer came.';
	for (let told = fresh; !run.stopSignal.aborted || told; told = false) {
		try {
			const receipt = await run.connection(agent).launch(order);
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

			reason = error.message;
			if (run.clock.now() > deadline) {
				break;
			}

			await run.clock.sleep(run.limits.poll);
		}
	}

	await run.unknown(agent, {
		code: 'LAUNCH_UNCERTAIN',
		message: `It was told to upgrade, and whether it does is not known. ${reason}`,
		nextSteps: [
			'Look at Upgrades\\Packages on this Agent: a new folder with a progress.log means that it upgrades.',
		],
	});
	return undefined;
}

function stagedOn(run: RunContext, agent: AgentId) {
	const {stagedPath} = run.agent(agent);
	if (stagedPath === undefined) {
		throw new Error(`the package was not staged on ${agent}`);
	}

	return {path: stagedPath, alreadyThere: true};
}

async function followAndVerify(run: RunContext, agent: AgentId, receipt: LaunchReceipt): Promise<void> {
	const verifying = run.agent(agent).verificationStartedAt !== undefined;
	const ending = verifying ? ({ended: 'well'} as const) : await followAgent(run, agent, receipt);
	if (ending === 'unknown') {
		return;
	}

	const reason = ending.ended === 'well' ? await verifyAgent(run, agent, receipt) : ending.reason;
	if (reason !== undefined) {
		await run.fail(
			agent,
			new AgentError(agent, 'UPGRADE_FAILED', reason, [
				'Read the progress.log of this Agent from its first error on.',
				'Do not leave it beside Agents on the new version: upgrade it again, or stop it.',
			]),
		);
	}
}

/** Removes what launching left on an Agent whose part is over. Doing so twice does no harm. */
export async function forgetLaunch(run: RunContext, agent: AgentId, receipt: LaunchReceipt): Promise<void> {
	const {outcome, verificationStartedAt} = run.agent(agent);
	// Whoever wants to know what came of it needs the task.
	if (outcome === 'unknown' && verificationStartedAt === undefined) {
		return;
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
