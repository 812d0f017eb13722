import type {AgentId} from '../domain/agent.ts';
import type {StagedPackage} from '../agent/connection.ts';
import type {RunOutcome} from '../domain/run-event.ts';
import {changesVersion} from '../domain/package-facts.ts';
import {type Failure, failureOf} from '../domain/user-error.ts';
import {couldBeSame, formatVersion} from '../domain/version.ts';
import {runPrerequisitesOnAll} from './prerequisite-stage.ts';
import {checkAgents} from './readiness-stage.ts';
import {RunContext, type RunInput, StopRequested} from './run-context.ts';
import {switchPairs} from './switch-stage.ts';
import {uploadToAll} from './upload-stage.ts';
import {lastGate, upgradeWave} from './wave-stage.ts';

interface Ending {
	readonly outcome: RunOutcome;
	readonly failure?: Failure;
}

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

async function endOf(run: RunContext): Promise<Ending> {
	try {
		return await stages(run);
	} catch (error) {
		if (error instanceof StopRequested) {
			return stopped(run);
		}

		// What a stage did not foresee must not hide what is known of the Agents.
		return {outcome: worstOf(run) ?? 'failed', failure: failureOf(error)};
	}
}

async function stages(run: RunContext): Promise<Ending> {
	await run.record({type: 'phase.started', phase: 'readiness'});
	const notReady = await checkAgents(run);
	if (notReady.length > 0) {
		const away = notReady.filter(id => run.agent(id).statusBefore === undefined);
		return {
			outcome: away.length > 0 ? 'unreachable' : 'blocked',
			failure: {
				code: away.length > 0 ? 'AGENTS_UNREACHABLE' : 'AGENTS_NOT_READY',
				message: `${away.length > 0 ? 'Cannot be reached' : 'Not ready'}: ${names(away.length > 0 ? away : notReady)}. One Agent that is not ready stops the whole upgrade; nothing was changed on any Agent.`,
				nextSteps: ['Do what the readiness checks of these Agents ask for, then start again.'],
			},
		};
	}

	run.stopSignal.throwIfAborted();
	await run.record({type: 'phase.started', phase: 'upload'});
	const staged = await upload(run);
	if (!(staged instanceof Map)) {
		return staged;
	}

	run.stopSignal.throwIfAborted();
	await run.record({type: 'phase.started', phase: 'prerequisites'});
	const failed = await runPrerequisitesOnAll(run);
	if (failed.length > 0) {
		return {
			outcome: 'blocked',
			failure: {
				code: 'PREREQUISITES_FAILED',
				message: `The package's prerequisites failed on ${names(failed)}. Nothing was launched, on any Agent.`,
				nextSteps: ['Do what the prerequisites ask for, then start again; the package is not sent twice.'],
			},
		};
	}

	run.stopSignal.throwIfAborted();
	return run.plan.goal === 'upload' ? {outcome: 'done'} : upgrade(run, staged);
}

async function upload(run: RunContext): Promise<Map<AgentId, StagedPackage> | Ending> {
	try {
		return new Map(await uploadToAll(run));
	} catch (error) {
		run.stopSignal.throwIfAborted();
		const failed = run.plan.agents.filter(id => run.agent(id).outcome === 'failed');
		return {
			outcome: 'failed',
			failure: {
				code: 'UPLOAD_FAILED',
				message: `The package could not be brought to ${names(failed)}: ${failureOf(error).message} Nothing was launched, on any Agent.`,
				nextSteps: ['Start again when the cause is gone; what is already there is not sent twice.'],
			},
		};
	}
}

async function upgrade(run: RunContext, staged: ReadonlyMap<AgentId, StagedPackage>): Promise<Ending> {
	await run.record({type: 'phase.started', phase: 'upgrade'});
	for (const [index, step] of run.plan.steps.entries()) {
		run.stopSignal.throwIfAborted();
		await run.record({type: 'step.started', step: index});
		if (step.kind === 'wave') {
			const refused = await lastGate(run, step.agents);
			run.stopSignal.throwIfAborted();
			if (refused.length > 0) {
				return {outcome: 'failed', failure: lateRefusal(refused)};
			}

			await upgradeWave(run, step.agents, staged);
		} else if (!(await switchPairs(run, step.pairs))) {
			return {outcome: 'failed', failure: run.state.failure ?? switchFailed(run)};
		}

		const worst = worstOf(run);
		if (worst) {
			return {outcome: worst, failure: wentWrong(run)};
		}

		await run.record({type: 'step.finished', step: index});
	}

	return verifyCluster(run);
}

/** Each Agent has been verified by itself, some of them a while ago: all of them once more, side by side. */
async function verifyCluster(run: RunContext): Promise<Ending> {
	await run.record({type: 'phase.started', phase: 'verification'});
	const found = await Promise.all(
		run.plan.agents.map(async id => {
			try {
				return {id, status: await run.connection(id).status()};
			} catch (error) {
				return {id, failure: failureOf(error)};
			}
		}),
	);
	const silent = found.filter(answer => answer.failure);
	if (silent.length > 0) {
		return {
			outcome: 'unknown',
			failure: {
				code: 'NOT_VERIFIED',
				message: `Every Agent was upgraded and verified, but at the end there was no answer from ${names(silent.map(({id}) => id))}.`,
				nextSteps: ['Look at these Agents: do they run, and which version?'],
			},
		};
	}

	const target = run.plan.package.version;
	const odd = found.filter(
		({status}) =>
			status?.state !== 'Running' ||
			(changesVersion(run.plan.package.kind) &&
				target &&
				!(status.version && couldBeSame(status.version, target))),
	);
	return odd.length === 0
		? {outcome: 'done'}
		: {
				outcome: 'failed',
				failure: {
					code: 'NOT_ONE_VERSION',
					message: `The Agents were upgraded, but at the end ${odd.map(({id, status}) => `${id} is ${status?.state ?? 'unknown'} on ${status?.version ? formatVersion(status.version) : 'an unknown version'}`).join(', ')}.`,
					nextSteps: ['Look at these Agents; all Agents of a cluster must run the same version.'],
				},
			};
}

function stopped(run: RunContext): Ending {
	const launched = [...run.state.agents.values()].filter(agent => agent.launchedAt !== undefined);
	return {
		outcome: 'stopped',
		failure: {
			code: 'STOPPED',
			message:
				launched.length === 0
					? 'It was stopped before anything was launched: every Agent is as it was, but for the package that was sent.'
					: `It was stopped. What had been launched was followed to its end: ${names(launched.map(({id}) => id))}. Nothing else was started.`,
			nextSteps:
				launched.length === 0
					? []
					: ['Upgrade the other Agents soon: all Agents of a cluster must run the same version.'],
		},
	};
}

/** Undefined while nothing went wrong on any Agent. */
function worstOf(run: RunContext): 'failed' | 'unknown' | undefined {
	const outcomes = new Set([...run.state.agents.values()].map(agent => agent.outcome));
	return outcomes.has('failed') ? 'failed' : outcomes.has('unknown') ? 'unknown' : undefined;
}

function wentWrong(run: RunContext): Failure {
	const agents = [...run.state.agents.values()];
	const withOutcome = (outcome: string) =>
		agents.filter(agent => agent.outcome === outcome).map(({id}) => id);
	const parts = [
		['failed on', withOutcome('failed')],
		['is of unknown outcome on', withOutcome('unknown')],
		['is done on', withOutcome('done')],
	] as const;
	const told = parts.filter(([, ids]) => ids.length > 0).map(([verb, ids]) => `${verb} ${names(ids)}`);
	const untouched = agents.filter(agent => agent.launchedAt === undefined).map(({id}) => id);
	return {
		code: 'AGENTS_FAILED',
		message: `The upgrade ${told.join(', ')}${untouched.length > 0 ? `; not started: ${names(untouched)}` : ''}.`,
		nextSteps: ['Read what each failed Agent says, and bring all Agents to one version soon.'],
	};
}

function lateRefusal(refused: readonly AgentId[]): Failure {
	return {
		code: 'AGENTS_NOT_READY',
		message: `Not ready any more right before the launch: ${names(refused)}. Nothing of this wave was launched.`,
		nextSteps: ['Find out what changed on these Agents, then start again.'],
	};
}

function switchFailed(run: RunContext): Failure {
	return {
		code: 'SWITCH_FAILED',
		message: run.state.log.at(-1)?.message ?? 'A pair could not be switched over.',
		nextSteps: ['Look at the Failover status of the pair in Cube, then upgrade the remaining Agents.'],
	};
}

function names(ids: readonly AgentId[]): string {
	return ids.join(', ');
}
