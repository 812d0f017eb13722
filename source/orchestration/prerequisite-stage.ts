import {AgentError} from '../agent/connection.ts';
import {MachineError} from '../agent/machine-errors.ts';
import type {AgentId} from '../domain/agent.ts';
import {all} from './in-parallel.ts';
import {onceMore} from './once-more.ts';
import type {RunContext} from './run-context.ts';

/**
 * Runs the package's prerequisites on all Agents at once, the offline ones too, and lets each finish so that the
 * operator sees everything that is wrong in one go. Answers the Agents on which one failed, or which could not be
 * asked.
 * Source: Preparing_to_upgrade_a_DataMiner_Agent.md
 */
export async function runPrerequisitesOnAll(
	run: RunContext,
): Promise<ReadonlyMap<AgentId, 'failed' | 'unreachable'>> {
	const failed = new Map<AgentId, 'failed' | 'unreachable'>();
	await all(
		run.unlaunched.filter(id => !isTested(run, id)),
		async agent => {
			try {
				if (!(await runPrerequisitesOn(run, agent))) {
					failed.set(agent, 'failed');
				}
			} catch (error) {
				run.stopSignal.throwIfAborted();
				await run.fail(agent, error);
				failed.set(agent, error instanceof MachineError ? 'unreachable' : 'failed');
			}
		},
	);
	return failed;
}

/** Whether its prerequisites passed under an earlier runner, not too long ago. */
function isTested(run: RunContext, agent: AgentId): boolean {
	const {prerequisitesPassedAt} = run.agent(agent);
	return (
		prerequisitesPassedAt !== undefined &&
		run.clock.now() - prerequisitesPassedAt < run.limits.prerequisitesGoodFor
	);
}

async function runPrerequisitesOn(run: RunContext, agent: AgentId): Promise<boolean> {
	const {prerequisites} = await run.package();
	const results = await onceMore(run, agent, async () => {
		await run.record({type: 'prerequisites.started', agent, checks: prerequisites.checks.length});
		return prerequisites.checks.length === 0
			? []
			: run.connection(agent).runPrerequisites(prerequisites, {
					timeoutMs: run.limits.prerequisite,
					signal: run.stopSignal,
					onResult: result => run.report({type: 'prerequisite.finished', agent, result}),
				});
	});
	const wrong = results.filter(result => result.outcome !== 'passed');
	if (wrong.length === 0) {
		await run.record({type: 'prerequisites.finished', agent});
		return true;
	}

	await run.fail(
		agent,
		new AgentError(
			agent,
			'PREREQUISITE_FAILED',
			wrong.map(({check, outcome, message}) => `Prerequisite ${check} ${outcome}: ${message}`).join(' '),
			['Do what the prerequisite asks for on this Agent, then start again; the package is not sent twice.'],
		),
	);
	return false;
}
