import {AgentError} from '../agent/connection.ts';
import type {AgentId, FailoverRole} from '../domain/agent.ts';
import type {AgentStatus} from '../domain/agent-status.ts';
import {findAgent} from '../domain/cluster.ts';
import {leaderOf} from '../domain/launch.ts';
import {opensWindowWhileStopped} from '../domain/launch-trap.ts';
import {type PlanStep, rolesNeeded} from '../domain/plan.ts';
import type {LaunchReceipt} from '../domain/run-event.ts';
import {switchKey} from '../domain/run-state.ts';
import {type Failure, failureOf} from '../domain/user-error.ts';
import type {AgentLocks} from './agent-locks.ts';
import {all} from './in-parallel.ts';
import {whyNotAlone} from './led-cluster.ts';
import type {RunContext} from './run-context.ts';
import {showsTarget} from './verify-agent.ts';

/** What every Agent that a step touches answered just before it. */
export interface GateAnswer {
	readonly refused: readonly AgentId[];
	/** Those that are to be told to upgrade, with what they were then. */
	readonly launch: ReadonlyMap<AgentId, AgentStatus>;
	/** Those whose earlier launch has its effect after all: they are not told again. */
	readonly follow: readonly AgentId[];
	/** Where one Agent is told to upgrade the whole cluster: how the upgrades of the others will be found. */
	readonly expected: ReadonlyMap<AgentId, LaunchReceipt>;
}

/**
 * Every Agent that a step is about to touch answers once more before anything is done to any of them: this run holds
 * its lock, it runs, nothing is carried out on it, and it has the role that the plan was made for. Agents whose part
 * of the step has begun already are not asked.
 */
export async function lastGate(run: RunContext, step: PlanStep, locks: AgentLocks): Promise<GateAnswer> {
	const roles = rolesNeeded(run.plan, step);
	const agents = step.kind === 'wave' ? beforeLaunch(run, step.agents) : beforeSwitch(run, step.pairs);
	const refused: AgentId[] = [];
	const launch = new Map<AgentId, AgentStatus>();
	const follow: AgentId[] = [];
	const going: AgentId[] = [];
	const expected = new Map<AgentId, LaunchReceipt>();
	const leader = leaderOf(run.plan);
	const unlocked = await locks.take(agents);
	await all(agents, async agent => {
		const lock = unlocked.get(agent);
		try {
			if (lock) {
				throw new AgentError(agent, lock.code, lock.message, lock.nextSteps);
			}

			const status = await run.connection(agent).status(run.stopSignal);
			const needed = roles.get(agent) ?? (agent === leader ? roleToLead(run, agent) : undefined);
			const reason = whyNotNow(run, agent, status, needed);
			if (reason !== undefined) {
				throw notReadyAnyMore(agent, reason);
			}

			if (status.upgradeInProgress !== undefined) {
				going.push(agent);
			}

			if (step.kind === 'wave' && hasEffect(run, agent, status)) {
				await takeAsBegun(run, agent, status, follow);
			} else if (step.kind === 'wave') {
				if (leader !== undefined && leader !== agent) {
					expected.set(agent, await run.connection(agent).expectUpgrade(run.plan.package.file));
				}

				launch.set(agent, status);
			}
		} catch (error) {
			run.stopSignal.throwIfAborted();
			await refuse(run, agent, failureOf(error));
			refused.push(agent);
		}
	});
	const alone = refused.length === 0 ? whyNotAlone(run, launch, going) : new Map<AgentId, string>();
	for (const [agent, reason] of alone) {
		await refuse(run, agent, failureOf(notReadyAnyMore(agent, reason)));
		refused.push(agent);
	}

	return {refused, launch, follow, expected};
}

/** Of a pair, only the Agent that is online leads. */
function roleToLead(run: RunContext, agent: AgentId): FailoverRole | undefined {
	const paired = findAgent(run.input.cluster, agent)?.partner !== undefined;
	return paired && !run.agent(agent).retrying ? 'online' : undefined;
}

function notReadyAnyMore(agent: AgentId, reason: string): AgentError {
	return new AgentError(
		agent,
		'NOT_READY_ANY_MORE',
		`It was ready, but now ${reason}. Nothing of this step was begun.`,
		['Find out what changed on this Agent, then start again.'],
	);
}

function beforeLaunch(run: RunContext, agents: readonly AgentId[]): readonly AgentId[] {
	return agents.filter(id => {
		const {outcome, launchedAt, retrying} = run.agent(id);
		return outcome === undefined && (launchedAt === undefined || retrying);
	});
}

function beforeSwitch(
	run: RunContext,
	pairs: readonly {readonly from: AgentId; readonly to: AgentId}[],
): readonly AgentId[] {
	return pairs.filter(pair => !run.state.switches.has(switchKey(pair))).flatMap(({from, to}) => [from, to]);
}

/**
 * What its earlier launch came to, where the run is tried once more: an upgrade that goes on after all is followed,
 * one that ended well meanwhile is verified, and neither is launched again.
 */
function hasEffect(run: RunContext, agent: AgentId, status: AgentStatus): boolean {
	const {retrying, verificationStartedAt} = run.agent(agent);
	return (
		retrying &&
		(status.upgradeInProgress !== undefined ||
			showsTarget(run, agent, status) ||
			// As asked, it was not started; nobody can say more before it is.
			(verificationStartedAt !== undefined &&
				status.state === 'Not running' &&
				!run.plan.options.AutomaticStartServices))
	);
}

async function refuse(run: RunContext, agent: AgentId, failure: Failure): Promise<void> {
	const {outcome, retrying} = run.agent(agent);
	if (outcome !== undefined) {
		// One that was upgraded already stays what it is.
		await run.record({type: 'note', agent, text: failure.message});
		return;
	}

	// What came of its earlier launch cannot be told now.
	await (retrying ? run.unknown(agent, failure) : run.record({type: 'agent.failed', agent, failure}));
}

async function takeAsBegun(
	run: RunContext,
	agent: AgentId,
	{upgradeInProgress}: AgentStatus,
	follow: AgentId[],
): Promise<void> {
	follow.push(agent);
	if (upgradeInProgress === undefined) {
		await run.record({type: 'agent.verifying', agent});
	}
}

function whyNotNow(
	run: RunContext,
	agent: AgentId,
	{state, role, version, upgradeInProgress}: AgentStatus,
	needed: FailoverRole | undefined,
): string | undefined {
	const {retrying, withdrawn, receipt} = run.agent(agent);
	// What failed in the middle, or was stopped by this run, does not run, and is to be upgraded for that very reason.
	const mayStand = (retrying || withdrawn) && state === 'Not running';
	const ownUpgrade = retrying && receipt !== undefined;
	if (state !== 'Running' && !mayStand && !(ownUpgrade && upgradeInProgress !== undefined)) {
		return `its state is ${state}`;
	}

	if (mayStand && upgradeInProgress === undefined && version && opensWindowWhileStopped(version)) {
		return 'it does not run, and launched while it does not, its version opens a window that nobody sees and waits there: start DataMiner on it first';
	}

	if (upgradeInProgress !== undefined && !ownUpgrade) {
		return `${upgradeInProgress} is being carried out on it`;
	}

	return needed !== undefined && role !== needed && state === 'Running'
		? `it is ${role ?? 'in no Failover pair'} and no longer ${needed}, as the plan needs it`
		: undefined;
}
