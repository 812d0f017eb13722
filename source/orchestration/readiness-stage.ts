import type {AgentId} from '../domain/agent.ts';
import {type AgentAnswer, checkReadiness, isBlocked} from '../domain/readiness.ts';
import {failureOf} from '../domain/user-error.ts';
import {all} from './in-parallel.ts';
import {onceMore} from './once-more.ts';
import type {RunContext} from './run-context.ts';

/** Asks all Agents at once and writes down what was found. Answers which Agents are not ready. */
export async function checkAgents(run: RunContext): Promise<readonly AgentId[]> {
	const found = new Map<AgentId, AgentAnswer>();
	await all(run.plan.agents, async id => {
		try {
			found.set(id, await onceMore(run, id, () => ask(run, id)));
		} catch (error) {
			run.stopSignal.throwIfAborted();
			found.set(id, {unreachable: failureOf(error).message});
		}
	});

	// In the order of the plan, whoever answered first.
	const answers = new Map(
		run.plan.agents.flatMap(id => {
			const answer = found.get(id);
			return answer ? [[id, answer] as const] : [];
		}),
	);
	const checked = checkReadiness(answers, run.plan.package);
	for (const [agent, checks] of checked) {
		const answer = answers.get(agent);
		await run.record({
			type: 'agent.checked',
			agent,
			checks,
			...(answer && 'status' in answer && {status: answer.status}),
		});
	}

	return [...checked].filter(([, checks]) => isBlocked(checks)).map(([id]) => id);
}

async function ask(run: RunContext, id: AgentId): Promise<AgentAnswer> {
	const connection = run.connection(id);
	const status = await connection.status(run.stopSignal);
	if (status.upgradeInProgress === undefined) {
		return {status};
	}

	// A lock alone is judged when it is to be taken; beside an upgrade that goes on, it tells whose that is.
	const holder = await connection.lockHolder(run.stopSignal);
	return {status, ...(holder && holder.run !== run.input.run && {lockedBy: holder})};
}
