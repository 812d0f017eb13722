import type {AgentId} from '../domain/agent.ts';
import {failoverPairs} from '../domain/cluster.ts';
import {
	type AgentAnswer,
	type Readiness,
	type ReadinessCheck,
	assessReadiness,
	comesAndGoes,
	isBlocked,
	notAcknowledged,
	unreachableBy,
} from '../domain/readiness.ts';
import {warningsLeftIn} from '../domain/run-state.ts';
import {all} from './in-parallel.ts';
import {onceMore} from './once-more.ts';
import type {RunContext} from './run-context.ts';
import {type RunEnding, notReady, warningsLeft, wayBlocked} from './run-endings.ts';

/**
 * Asks all Agents at once and writes down what was found: the same as a look ahead of the run finds. Answers how the
 * run ends where an Agent or the way is blocked, or where there is a warning that nobody took responsibility for.
 */
export async function checkAgents(run: RunContext): Promise<RunEnding | undefined> {
	const at = run.clock.now();
	const found = new Map<AgentId, AgentAnswer>();
	await askAll(run, run.plan.agents, found);
	const doubtful = notAcknowledged(judge(run, found, at), run.state.acknowledged).flatMap(({agent, check}) =>
		agent !== undefined && comesAndGoes(check.id) ? [agent] : [],
	);
	if (doubtful.length > 0) {
		await run.clock.sleep(run.limits.poll, run.stopSignal);
		await askAll(run, [...new Set(doubtful)], found);
	}

	const readiness = judge(run, found, at);
	await writeDown(run, readiness, found);
	const unready = [...readiness.agents].filter(([, checks]) => isBlocked(checks)).map(([id]) => id);
	const blocks = readiness.cluster.filter(({outcome}) => outcome === 'block');
	const warnings = warningsLeftIn(run.state);
	return unready.length > 0
		? notReady(run, unready)
		: blocks.length > 0
			? wayBlocked(blocks)
			: warnings.length > 0
				? warningsLeft(run, warnings)
				: undefined;
}

async function askAll(
	run: RunContext,
	agents: readonly AgentId[],
	found: Map<AgentId, AgentAnswer>,
): Promise<void> {
	await all(agents, async id => {
		try {
			found.set(id, await onceMore(run, id, () => ask(run, id)));
		} catch (error) {
			run.stopSignal.throwIfAborted();
			found.set(id, unreachableBy(error));
		}
	});
}

async function ask(run: RunContext, id: AgentId): Promise<AgentAnswer> {
	const connection = run.connection(id);
	const status = await connection.status(run.stopSignal);
	// A lock alone is judged when it is to be taken; beside an upgrade that goes on, it tells whose that is.
	const [survey, holder] = await Promise.all([
		connection.survey(run.stopSignal),
		status.upgradeInProgress === undefined ? undefined : connection.lockHolder(run.stopSignal),
	]);
	return {status, survey, ...(holder && holder.run !== run.input.run && {lockedBy: holder})};
}

function judge(run: RunContext, found: ReadonlyMap<AgentId, AgentAnswer>, at: number): Readiness {
	const {plan, input} = run;
	// In the order of the plan, whoever answered first.
	const answers = new Map(
		plan.agents.flatMap(id => {
			const answer = found.get(id);
			return answer ? [[id, answer] as const] : [];
		}),
	);
	const {cluster} = input;
	const readiness = assessReadiness(answers, plan.package, {
		at,
		pairs: failoverPairs(cluster),
		nodes: cluster.agents.length,
		policy: plan.policy,
		goal: plan.goal,
	});
	const agents = new Map([...readiness.agents].map(([id, checks]) => [id, checks.filter(wasAsked)]));
	return {...readiness, agents};
}

/** That nobody holds a lock is not known before it is taken. */
function wasAsked({id, outcome}: ReadinessCheck): boolean {
	return id !== 'lock' || outcome !== 'pass';
}

async function writeDown(
	run: RunContext,
	{cluster, agents}: Readiness,
	found: ReadonlyMap<AgentId, AgentAnswer>,
): Promise<void> {
	await run.record({type: 'cluster.checked', checks: cluster});
	for (const [agent, checks] of agents) {
		const answer = found.get(agent);
		await run.record({
			type: 'agent.checked',
			agent,
			checks,
			...(answer && 'status' in answer && {status: answer.status}),
		});
	}
}
