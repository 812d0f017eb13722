import {leaderOf} from '../domain/launch.ts';
import type {PlanStep} from '../domain/plan.ts';
import type {Operator, RunOutcome} from '../domain/run-event.ts';
import {switchKey} from '../domain/run-state.ts';
import {failureOf} from '../domain/user-error.ts';
import {AgentLocks} from './agent-locks.ts';
import {type GateAnswer, lastGate} from './last-gate.ts';
import {checkMembers, isLed, noteRoles} from './led-cluster.ts';
import {runPrerequisitesOnAll} from './prerequisite-stage.ts';
import {checkAgents} from './readiness-stage.ts';
import {LockTaken, type RetryWish, RunContext, type RunInput, StopRequested} from './run-context.ts';
import {
	type RunEnding,
	givenUp,
	lockTaken,
	notLocked,
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
import {forgetLaunch, isBegun, upgradeWave} from './wave-stage.ts';

/**
 * Carries a plan out: readiness → locks → upload → prerequisites → waves → verification. Nothing is launched on any
 * Agent before every Agent has passed everything that comes before. Every fact is in the journal; the last one says how
 * the run ended, which is also what this resolves to. Rejects only when the journal itself fails, and then at once: what
 * cannot be written down must not go on, and another runner takes it up.
 *
 * A run with a history is taken up where it stood: what is written down as done is not done again, what was announced
 * is looked for on the Agents. One that had ended is tried once more, as `wish` says.
 */
export async function carryOut(input: RunInput, wish?: RetryWish): Promise<RunOutcome> {
	const run = new RunContext(input);
	await begin(run, wish);
	const stopListening = input.journal.onRequest(async ({kind, operator}) => {
		if (kind === 'stop') {
			await run.requestStop(operator);
		}
	});
	const locks = new AgentLocks(run);
	try {
		return await Promise.race([toItsEnd(run, locks), run.journalFailure]);
	} finally {
		stopListening();
		locks.abandon();
	}
}

async function toItsEnd(run: RunContext, locks: AgentLocks): Promise<RunOutcome> {
	const ending = await endOf(run, locks);
	await locks.release();
	await run.record({type: 'run.finished', ...ending});
	return ending.outcome;
}

/** Gives a run up as it is: nothing is started or followed any more, and its locks are given back. */
export async function giveUp(input: RunInput, operator: Operator): Promise<void> {
	const run = new RunContext(input);
	if (run.state.sequence === 0) {
		await begin(run, {operator});
	}

	const locks = new AgentLocks(run);
	await locks.release();
	if (run.state.outcome === undefined) {
		await run.record({type: 'run.finished', ...givenUp(run, operator)});
	}

	await run.record({type: 'run.ended', operator});
}

async function begin(run: RunContext, wish: RetryWish | undefined): Promise<void> {
	const {run: id, plan, operator: beganBy, acknowledged: atFirst} = run.input;
	const {operator = beganBy, acknowledged: more = []} = wish ?? {};
	if (run.state.sequence === 0) {
		const acknowledged = [...atFirst, ...more];
		await run.record({
			type: 'run.started',
			run: id,
			plan,
			operator: beganBy,
			...(acknowledged.length > 0 && {acknowledged}),
		});
		return;
	}

	const besides = more.length > 0 && {acknowledged: more};
	if (run.state.outcome === undefined) {
		await run.record({type: 'run.resumed', operator, ...besides});
		return;
	}

	const agents = plan.agents.filter(agent => run.agent(agent).outcome !== 'done');
	await run.record({type: 'run.retried', operator, agents, ...besides});
}

async function endOf(run: RunContext, locks: AgentLocks): Promise<RunEnding> {
	try {
		return await stages(run, locks);
	} catch (error) {
		if (error instanceof StopRequested) {
			return stopped(run);
		}

		if (error instanceof LockTaken) {
			return lockTaken(run, error.failure);
		}

		// What a stage did not foresee must not hide what is known of the Agents.
		return {outcome: worstOutcome(run) ?? 'failed', failure: failureOf(error)};
	}
}

async function stages(run: RunContext, locks: AgentLocks): Promise<RunEnding> {
	const launched = [...run.state.agents.values()].some(({launchedAt}) => launchedAt !== undefined);
	if (launched) {
		await forgetFinishedLaunches(run);
		locks.takeWhenReached(run.plan.agents);
		return upgrade(run, locks);
	}

	const ending = await prepare(run, locks);
	return ending ?? (run.plan.goal === 'upload' ? {outcome: 'done'} : upgrade(run, locks));
}

/** Everything before the first launch. Undefined when all Agents are ready for it. */
async function prepare(run: RunContext, locks: AgentLocks): Promise<RunEnding | undefined> {
	run.stopSignal.throwIfAborted();
	await run.record({type: 'phase.started', phase: 'readiness'});
	const unready = (await checkAgents(run)) ?? (await checkMembers(run));
	if (unready) {
		return unready;
	}

	run.stopSignal.throwIfAborted();
	const locked = await locks.take(run.open);
	if (locked.size > 0) {
		return notLocked(locked);
	}

	run.stopSignal.throwIfAborted();
	await run.record({type: 'phase.started', phase: 'upload'});
	try {
		await uploadToAll(run);
	} catch (error) {
		run.stopSignal.throwIfAborted();
		return notUploaded(run, failureOf(error));
	}

	run.stopSignal.throwIfAborted();
	await run.record({type: 'phase.started', phase: 'prerequisites'});
	const failed = await runPrerequisitesOnAll(run);
	if (failed.size > 0) {
		return prerequisitesFailed(failed);
	}

	run.stopSignal.throwIfAborted();
	return undefined;
}

/** A runner that died right after an Agent's end may have left its scheduled task behind. */
async function forgetFinishedLaunches(run: RunContext): Promise<void> {
	await Promise.all(
		[...run.state.agents.values()].map(async ({id, outcome, receipt}) => {
			if (outcome !== undefined && receipt !== undefined) {
				await forgetLaunch(run, id, receipt);
			}
		}),
	);
}

async function upgrade(run: RunContext, locks: AgentLocks): Promise<RunEnding> {
	await run.record({type: 'phase.started', phase: 'upgrade'});
	for (const [index, step] of run.plan.steps.entries()) {
		if (index < run.state.finishedSteps) {
			continue;
		}

		if (!hasBegun(run, step)) {
			run.stopSignal.throwIfAborted();
		}

		if (run.state.step !== index) {
			await run.record({type: 'step.started', step: index});
		}

		const ending = await carryOutStep(run, step, locks);
		if (ending) {
			return ending;
		}

		await run.record({type: 'step.finished', step: index});
	}

	return verifyCluster(run);
}

/** Whether an earlier runner did something of it that goes on, and has to be followed even when nothing new may start. */
function hasBegun(run: RunContext, step: PlanStep): boolean {
	return step.kind === 'wave'
		? step.agents.some(id => isBegun(run, id))
		: step.pairs.some(pair => run.state.switches.get(switchKey(pair)) === 'started');
}

/** Undefined when all went well and the next step may begin. */
async function carryOutStep(
	run: RunContext,
	step: PlanStep,
	locks: AgentLocks,
): Promise<RunEnding | undefined> {
	const stopping = run.stopSignal.aborted;
	const gate: GateAnswer = stopping
		? {refused: [], launch: new Map(), follow: [], expected: new Map()}
		: await lastGate(run, step, locks);
	if (!stopping && !hasBegun(run, step)) {
		run.stopSignal.throwIfAborted();
	}

	if (gate.refused.length > 0 && !hasBegun(run, step)) {
		return refusedLate(run, gate.refused);
	}

	if (step.kind !== 'wave') {
		const failures = await switchPairs(run, step.pairs);
		return failures.length > 0 ? notSwitched(failures) : undefined;
	}

	const launching = gate.refused.length > 0 ? {...gate, launch: new Map()} : gate;
	if (!(await bringToUntold(run, launching))) {
		return wentWrong(run, 'failed');
	}

	await upgradeWave(run, step.agents, launching);
	const worst = worstOutcome(run);
	if (!worst && leaderOf(run.plan) !== undefined) {
		await noteRoles(run);
	}

	return worst && wentWrong(run, worst);
}

/** What is left of a cluster-wide launch is told one by one, and needs the package that the leader did not hand on. */
async function bringToUntold(run: RunContext, {launch}: GateAnswer): Promise<boolean> {
	const missing = [...launch.keys()].filter(id => run.agent(id).stagedPath === undefined);
	if (missing.length === 0 || isLed(run, launch)) {
		return true;
	}

	try {
		await uploadToAll(run, missing);
		return true;
	} catch (error) {
		run.stopSignal.throwIfAborted();
		if (missing.some(id => run.agent(id).outcome === 'failed')) {
			return false;
		}

		throw error;
	}
}
