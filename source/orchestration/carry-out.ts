import type {StagedPackage} from '../agent/connection.ts';
import type {AgentId} from '../domain/agent.ts';
import type {PlanStep} from '../domain/plan.ts';
import type {RunOutcome} from '../domain/run-event.ts';
import {failureOf} from '../domain/user-error.ts';
import {runPrerequisitesOnAll} from './prerequisite-stage.ts';
import {checkAgents} from './readiness-stage.ts';
import {RunContext, type RunInput, StopRequested} from './run-context.ts';
import {
	type RunEnding,
	notReady,
	notSwitched,
	notUploaded,
	prerequisitesFailed,
	refusedLate,
	stopped,
	wentWrong,
	worstOutcome,
} from './run-endings.ts';
import {switchPairs} from './switch-stage.ts';
import {uploadToAll} from './upload-stage.ts';
import {verifyCluster} from './verify-cluster.ts';
import {lastGate, upgradeWave} from './wave-stage.ts';

/**
 * Carries a plan out: readiness → upload → prerequisites → waves → verification. Nothing is launched on any Agent
 * before every Agent has passed everything that comes before. Every fact is in the journal; the last one says how the
 * run ended, which is also what this resolves to. Rejects only when the journal itself fails.
 */
export async function carryOut(input: RunInput): Promise<RunOutcome> {
	const run = new RunContext(input);
	await run.record({type: 'run.started', run: input.run, plan: input.plan, operator: input.operator});
	const stopListening = input.journal.onRequest(request => {
		run.requestStop(request.operator).catch(() => undefined);
	});
	try {
		const ending = await endOf(run);
		await run.record({type: 'run.finished', ...ending});
		return ending.outcome;
	} finally {
		stopListening();
	}
}

async function endOf(run: RunContext): Promise<RunEnding> {
	try {
		return await stages(run);
	} catch (error) {
		if (error instanceof StopRequested) {
			return stopped(run);
		}

		// What a stage did not foresee must not hide what is known of the Agents.
		return {outcome: worstOutcome(run) ?? 'failed', failure: failureOf(error)};
	}
}

async function stages(run: RunContext): Promise<RunEnding> {
	await run.record({type: 'phase.started', phase: 'readiness'});
	const unready = await checkAgents(run);
	if (unready.length > 0) {
		return notReady(run, unready);
	}

	run.stopSignal.throwIfAborted();
	await run.record({type: 'phase.started', phase: 'upload'});
	let staged: ReadonlyMap<AgentId, StagedPackage>;
	try {
		staged = await uploadToAll(run);
	} catch (error) {
		run.stopSignal.throwIfAborted();
		return notUploaded(run, failureOf(error).message);
	}

	run.stopSignal.throwIfAborted();
	await run.record({type: 'phase.started', phase: 'prerequisites'});
	const failed = await runPrerequisitesOnAll(run);
	if (failed.size > 0) {
		return prerequisitesFailed(failed);
	}

	run.stopSignal.throwIfAborted();
	return run.plan.goal === 'upload' ? {outcome: 'done'} : upgrade(run, staged);
}

async function upgrade(run: RunContext, staged: ReadonlyMap<AgentId, StagedPackage>): Promise<RunEnding> {
	await run.record({type: 'phase.started', phase: 'upgrade'});
	for (const [index, step] of run.plan.steps.entries()) {
		run.stopSignal.throwIfAborted();
		await run.record({type: 'step.started', step: index});
		const ending = await carryOutStep(run, step, staged);
		if (ending) {
			return ending;
		}

		await run.record({type: 'step.finished', step: index});
	}

	return verifyCluster(run);
}

/** Undefined when all went well and the next step may begin. */
async function carryOutStep(
	run: RunContext,
	step: PlanStep,
	staged: ReadonlyMap<AgentId, StagedPackage>,
): Promise<RunEnding | undefined> {
	const refused = await lastGate(run, step);
	run.stopSignal.throwIfAborted();
	if (refused.length > 0) {
		return refusedLate(run, refused);
	}

	if (step.kind !== 'wave') {
		const failures = await switchPairs(run, step.pairs);
		return failures.length > 0 ? notSwitched(failures) : undefined;
	}

	await upgradeWave(run, step.agents, staged);
	const worst = worstOutcome(run);
	return worst && wentWrong(run, worst);
}
