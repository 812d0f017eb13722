import type {AgentId} from '../domain/agent.ts';
import type {AgentStatus} from '../domain/agent-status.ts';
import {changesVersion} from '../domain/package-facts.ts';
import {UserError} from '../domain/user-error.ts';
import {couldBeSame, formatVersion} from '../domain/version.ts';
import type {RunContext} from './run-context.ts';
import type {RunEnding} from './run-endings.ts';

/**
 * Each Agent has been verified by itself, some of them a while ago: all of them once more, side by side. What is not
 * right yet, such as an Agent that just gave its role back, is given the time that a start takes.
 */
export async function verifyCluster(run: RunContext): Promise<RunEnding> {
	await run.record({type: 'phase.started', phase: 'verification'});
	const deadline = run.clock.now() + run.limits.start;
	for (;;) {
		const found = new Map(
			await Promise.all(run.plan.agents.map(async id => [id, await ask(run, id)] as const)),
		);
		const wrong = [...found].filter(([, status]) => status === undefined || !isRight(run, status));
		if (wrong.length === 0) {
			return {outcome: 'done'};
		}

		if (run.clock.now() > deadline) {
			return notOneVersion(wrong);
		}

		await run.clock.sleep(run.limits.poll);
	}
}

/** Undefined when it did not answer. */
async function ask(run: RunContext, id: AgentId): Promise<AgentStatus | undefined> {
	try {
		return await run.connection(id).status();
	} catch (error) {
		if (error instanceof UserError) {
			return undefined;
		}

		throw error;
	}
}

function isRight(run: RunContext, {state, version}: AgentStatus): boolean {
	const {kind, version: target} = run.plan.package;
	const versionFits =
		!changesVersion(kind) || target === undefined || (version !== undefined && couldBeSame(version, target));
	return state === 'Running' && versionFits;
}

function notOneVersion(wrong: readonly (readonly [AgentId, AgentStatus | undefined])[]): RunEnding {
	const known = wrong.every(([, status]) => status?.version !== undefined && status.state !== 'Unknown');
	const told = wrong.map(([id, status]) =>
		status
			? `${id} is ${status.state} on ${status.version ? formatVersion(status.version) : 'an unknown version'}`
			: `${id} does not answer`,
	);
	return {
		outcome: known ? 'failed' : 'unknown',
		failure: {
			code: known ? 'NOT_ONE_VERSION' : 'NOT_VERIFIED',
			message: `Every Agent was upgraded and verified, but at the end ${told.join(', ')}.`,
			nextSteps: ['Look at these Agents; all Agents of a cluster must run the same version.'],
		},
	};
}
