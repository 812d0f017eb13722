import {AgentError, type LaunchOrder, provesNothingLaunched} from '../agent/connection.ts';
import type {AgentId} from '../domain/agent.ts';
import {findAgent} from '../domain/cluster.ts';
import {leaderOf} from '../domain/launch.ts';
import type {LaunchReceipt} from '../domain/run-event.ts';
import {UserError, failureOf} from '../domain/user-error.ts';
import {Company} from './company.ts';
import {followAgent} from './follow-agent.ts';
import {all} from './in-parallel.ts';
import type {GateAnswer} from './last-gate.ts';
import {launchFacts} from './led-cluster.ts';
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
	gate: GateAnswer,
): Promise<void> {
	const {launch, follow} = gate;
	const begun = wave.filter(id => isBegun(run, id));
	await forgetEarlierLaunches(run, [...launch.keys()]);
	await run.record(...launchFacts(run, gate));
	const leader = leaderOf(run.plan);
	const company =
		leader !== undefined && wave.some(id => run.agent(id).via === leader)
			? new Company(run, leader)
			: undefined;
	let telling: Promise<LaunchReceipt | undefined> | undefined;
	const tellLeader = (id: AgentId) => (telling ??= leaderTold(run, id, launch.has(id)));
	await all([...launch.keys(), ...follow, ...begun], async agent => {
		const {receipt, verificationStartedAt, via} = run.agent(agent);
		if (via !== undefined && via !== agent && receipt !== undefined && !follow.includes(agent)) {
			await ((await tellLeader(via))
				? followLed(run, agent, via, receipt, company)
				: leaveUntold(run, agent, via));
			return;
		}

		if (receipt === undefined && verificationStartedAt !== undefined) {
			// Telling it again, to learn the receipt, might upgrade it once more.
			await verifyAgent(run, agent);
			return;
		}

		const found =
			receipt ?? (await (via === agent ? tellLeader(agent) : tellToUpgrade(run, agent, launch.has(agent))));
		if (found) {
			await followAndVerify(run, agent, found, company);
			await forgetLaunch(run, agent, found);
		}
	});
	await withdrawUnlaunched(run, wave);
}

/** Undefined where the leader was not told, or where that is not known; what was found out is written down. */
async function leaderTold(
	run: RunContext,
	leader: AgentId,
	fresh: boolean,
): Promise<LaunchReceipt | undefined> {
	const {receipt, outcome} = run.agent(leader);
	return receipt ?? (outcome === undefined ? tellToUpgrade(run, leader, fresh) : undefined);
}

async function followLed(
	run: RunContext,
	agent: AgentId,
	via: AgentId,
	receipt: LaunchReceipt,
	company: Company | undefined,
): Promise<void> {
	if (run.agent(agent).phase === 'launching') {
		await run.record({type: 'launch.finished', agent, receipt, via});
	}

	await followAndVerify(run, agent, receipt, company);
}

/** The leader was to tell it, and was not told itself, or nobody knows whether it was. */
async function leaveUntold(run: RunContext, agent: AgentId, leader: AgentId): Promise<void> {
	const nextSteps = [`See what ${leader} says, then try once more.`];
	await (run.agent(leader).outcome === 'failed'
		? run.fail(
				agent,
				new AgentError(
					agent,
					'NOT_LAUNCHED',
					`${leader} could not be told to upgrade the cluster, so that nothing was begun here.`,
					nextSteps,
				),
			)
		: run.unknown(agent, {
				code: 'LAUNCH_UNCERTAIN',
				message: `Whether ${leader} upgrades the cluster is not known.`,
				nextSteps,
			}));
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
	const {options, policy} = run.plan;
	const order: LaunchOrder = {
		run: launchName(run, agent),
		staged: stagedOn(run, agent),
		options,
		...(run.agent(agent).via === agent && {cluster: {addresses: othersOf(run, agent), policy}}),
	};
	let reason = 'It was stopped before an answer came.';
	for (let told = fresh; !run.stopSignal.aborted || told; told = false) {
		try {
			const receipt = await run.connection(agent).launch(order);
			await run.record({
				type: 'launch.finished',
				agent,
				receipt,
				...(run.agent(agent).via === agent && {via: agent}),
			});
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

function othersOf(run: RunContext, agent: AgentId): readonly string[] {
	return run.plan.agents
		.filter(id => id !== agent)
		.flatMap(id => findAgent(run.input.cluster, id)?.address ?? []);
}

function stagedOn(run: RunContext, agent: AgentId) {
	const {stagedPath} = run.agent(agent);
	if (stagedPath === undefined) {
		throw new Error(`the package was not staged on ${agent}`);
	}

	return {path: stagedPath, alreadyThere: true};
}

async function followAndVerify(
	run: RunContext,
	agent: AgentId,
	receipt: LaunchReceipt,
	company: Company | undefined,
): Promise<void> {
	const verifying = run.agent(agent).verificationStartedAt !== undefined;
	const ending = verifying ? ({ended: 'well'} as const) : await followAgent(run, agent, receipt, company);
	if (ending === 'unknown') {
		return;
	}

	const reason = ending.ended === 'well' ? await verifyAgent(run, agent, receipt) : ending.reason;
	if (reason !== undefined) {
		if (company?.leader === agent) {
			company.failLeader(reason);
		}

		await run.fail(
			agent,
			new AgentError(agent, 'UPGRADE_FAILED', reason, [
				'Read the progress.log of this Agent from its first error on.',
				'Do not leave it beside Agents on the new version: upgrade it again, or stop it.',
			]),
		);
	}
}

/** What became of them was open, so that they were kept; now it is known that nothing of them goes on. */
async function forgetEarlierLaunches(run: RunContext, agents: readonly AgentId[]): Promise<void> {
	await all(agents, async agent => {
		const {receipt} = run.agent(agent);
		if (receipt !== undefined) {
			await forgetLaunch(run, agent, receipt);
		}
	});
}

/** Removes what launching left on an Agent whose part is over. Doing so twice does no harm. */
export async function forgetLaunch(run: RunContext, agent: AgentId, receipt: LaunchReceipt): Promise<void> {
	const {outcome, verificationStartedAt} = run.agent(agent);
	// Whoever wants to know what came of it needs the task.
	if (outcome === 'unknown' && verificationStartedAt === undefined) {
		return;
	}

	try {
		const result = await run.connection(agent).forgetLaunch(receipt);
		if (result !== undefined) {
			await run.record({type: 'launch.ended', agent, result});
		}
	} catch (error) {
		await run.record({
			type: 'note',
			agent,
			text: `What launching left on it could not be removed: ${failureOf(error).message}`,
		});
	}
}
