import type {AgentId} from '../domain/agent.ts';
import type {ReadinessCheck, ReadinessFinding} from '../domain/readiness.ts';
import type {Operator, Outcome, RunOutcome} from '../domain/run-event.ts';
import type {Failure} from '../domain/user-error.ts';
import type {RunContext} from './run-context.ts';

/** How a run ends, and what the operator is told. */
export interface RunEnding {
	readonly outcome: RunOutcome;
	readonly failure?: Failure;
}

export function notReady(run: RunContext, agents: readonly AgentId[]): RunEnding {
	const away = agents.filter(id => run.agent(id).statusBefore === undefined);
	return away.length > 0
		? {
				outcome: 'unreachable',
				failure: {
					code: 'AGENTS_UNREACHABLE',
					message: `Cannot be reached: ${names(away)}. One Agent that is not ready stops the whole upgrade; nothing was changed on any Agent.`,
					nextSteps: ['Make these Agents reachable, then start again.'],
				},
			}
		: {
				outcome: 'blocked',
				failure: {
					code: 'AGENTS_NOT_READY',
					message: `Not ready: ${names(agents)}. One Agent that is not ready stops the whole upgrade; nothing was changed on any Agent.`,
					nextSteps: ['Do what the readiness checks of these Agents ask for, then start again.'],
				},
			};
}

/** What the versions or the package say is reason enough, whatever the Agents are like. */
export function wayBlocked(checks: readonly ReadinessCheck[]): RunEnding {
	return {
		outcome: 'blocked',
		failure: {
			code: 'UPGRADE_NOT_ALLOWED',
			message: `${checks.map(({title, evidence}) => `${title}: ${evidence}`).join(' ')} Nothing was changed on any Agent.`,
			nextSteps: [...new Set(checks.map(({remedy}) => remedy))],
		},
	};
}

/** Readiness warns of something that nobody had been told of when he began the run. */
export function warningsLeft(run: RunContext, warnings: readonly ReadinessFinding[]): RunEnding {
	const told = warnings.map(
		({check: {title, evidence}, agents}) =>
			`${title}${agents.length > 0 ? ` (${names(agents)})` : ''}: ${evidence}`,
	);
	return {
		outcome: 'blocked',
		failure: {
			code: 'WARNINGS_NOT_ACKNOWLEDGED',
			message: `Nobody took responsibility for: ${told.join(' ')} Nothing was changed on any Agent.`,
			nextSteps: [
				`dms-upgrade retry ${run.input.run} asks whether you do, and goes on; on Progress: r.`,
				'Or do what these checks ask for, then try once more.',
			],
		},
	};
}

/** Another run holds Agents, or held them last. One refusal alone keeps its code, so that it can be answered. */
export function notLocked(refused: ReadonlyMap<AgentId, Failure>): RunEnding {
	const failures = [...refused.values()];
	const [first] = failures;
	const alike = failures.every(({code}) => code === first?.code);
	return {
		outcome: 'blocked',
		failure: {
			code: alike && first ? first.code : 'AGENTS_NOT_LOCKED',
			message: `${[...new Set(failures.map(({message}) => message))].join(' ')} Nothing was changed on any Agent.`,
			nextSteps: [...new Set(failures.flatMap(({nextSteps}) => nextSteps))],
		},
	};
}

/** Another run took an Agent while this one went on. */
export function lockTaken(run: RunContext, failure: Failure): RunEnding {
	const followed = launched(run);
	return {
		outcome: followed.length === 0 ? 'blocked' : (worstOutcome(run) ?? 'failed'),
		failure: {
			...failure,
			message: `${failure.message} ${followed.length === 0 ? 'Nothing was launched, on any Agent.' : `What had been launched was followed to its end: ${names(followed)}. Nothing else was started.`}`,
		},
	};
}

/** The operator does not want to go on with a run whose runner is gone. */
export function givenUp(run: RunContext, {user, host}: Operator): RunEnding {
	const open = launched(run).filter(id => run.agent(id).outcome === undefined);
	return {
		outcome: open.length > 0 ? 'unknown' : (worstOutcome(run) ?? 'stopped'),
		failure: {
			code: 'GIVEN_UP',
			message: `${user} on ${host} gave it up.${open.length > 0 ? ` What became of ${names(open)} was not looked at any more.` : ''}`,
			nextSteps:
				open.length > 0 ? ['Look at these Agents: which version do they run, and do they run at all?'] : [],
		},
	};
}

export function notUploaded(run: RunContext, reason: Failure): RunEnding {
	const failed = run.plan.agents.filter(id => run.agent(id).outcome === 'failed');
	// Without an Agent to blame, it is the package itself that could not be read.
	return failed.length === 0
		? {outcome: 'blocked', failure: reason}
		: {
				outcome: 'failed',
				failure: {
					code: 'UPLOAD_FAILED',
					message: `The package could not be brought to ${names(failed)}: ${reason.message} Nothing was launched, on any Agent.`,
					nextSteps: ['Start again when the cause is gone; what is already there is not sent twice.'],
				},
			};
}

export function prerequisitesFailed(failed: ReadonlyMap<AgentId, 'failed' | 'unreachable'>): RunEnding {
	const agents = [...failed.keys()];
	return [...failed.values()].every(why => why === 'unreachable')
		? {
				outcome: 'unreachable',
				failure: {
					code: 'AGENTS_UNREACHABLE',
					message: `Contact was lost during the prerequisites: ${names(agents)}. Nothing was launched, on any Agent.`,
					nextSteps: ['Make these Agents reachable, then start again; the package is not sent twice.'],
				},
			}
		: {
				outcome: 'blocked',
				failure: {
					code: 'PREREQUISITES_FAILED',
					message: `The package's prerequisites failed on ${names(agents)}. Nothing was launched, on any Agent.`,
					nextSteps: ['Do what the prerequisites ask for, then start again; the package is not sent twice.'],
				},
			};
}

/** The last gate of a step said no. Before anything was launched that is a block; afterwards the run has failed. */
export function refusedLate(run: RunContext, refused: readonly AgentId[]): RunEnding {
	const untouched = launched(run).length === 0;
	return {
		outcome: untouched ? 'blocked' : 'failed',
		failure: {
			code: 'AGENTS_NOT_READY',
			message: `Not as the plan needs it any more: ${names(refused)}. Nothing of this step was begun${untouched ? ', and nothing was launched on any Agent' : ''}.`,
			nextSteps: ['Find out what changed on these Agents, then start again.'],
		},
	};
}

export function notSwitched(failures: readonly Failure[]): RunEnding {
	return {
		outcome: 'failed',
		failure: {
			code: 'SWITCH_FAILED',
			message: failures.map(({message}) => message).join(' '),
			nextSteps: [...new Set(failures.flatMap(({nextSteps}) => nextSteps))],
		},
	};
}

export function stopped(run: RunContext): RunEnding {
	const followed = launched(run);
	const sent = [...run.state.agents.values()].some(({uploadStartedAt}) => uploadStartedAt !== undefined);
	return {
		outcome: 'stopped',
		failure: {
			code: 'STOPPED',
			message:
				followed.length === 0
					? `It was stopped before anything was launched: every Agent is as it was${sent ? ', but for the package that was sent' : ''}.`
					: `It was stopped. What had been launched was followed to its end: ${names(followed)}. Nothing else was started.`,
			nextSteps:
				followed.length === 0
					? []
					: ['Upgrade the other Agents soon: all Agents of a cluster must run the same version.'],
		},
	};
}

/** Undefined while nothing went wrong on any Agent. An Agent that was launched and then lost sight of is unknown. */
export function worstOutcome(run: RunContext): 'failed' | 'unknown' | undefined {
	const agents = [...run.state.agents.values()];
	if (agents.some(({outcome}) => outcome === 'failed')) {
		return 'failed';
	}

	return agents.some(
		({outcome, launchedAt}) => outcome === 'unknown' || (outcome === undefined && launchedAt !== undefined),
	)
		? 'unknown'
		: undefined;
}

export function wentWrong(run: RunContext, outcome: 'failed' | 'unknown'): RunEnding {
	const agents = [...run.state.agents.values()];
	const withOutcome = (wanted: Outcome) => agents.filter(agent => agent.outcome === wanted).map(({id}) => id);
	const parts = [
		['failed on', withOutcome('failed')],
		['is of unknown outcome on', withOutcome('unknown')],
		['is done on', withOutcome('done')],
	] as const;
	const told = parts.filter(([, ids]) => ids.length > 0).map(([verb, ids]) => `${verb} ${names(ids)}`);
	const untouched = agents.filter(agent => agent.launchedAt === undefined).map(({id}) => id);
	return {
		outcome,
		failure: {
			code: outcome === 'failed' ? 'AGENTS_FAILED' : 'OUTCOME_UNKNOWN',
			message: `The upgrade ${told.join(', ')}${untouched.length > 0 ? `; not started: ${names(untouched)}` : ''}.`,
			nextSteps: ['Read what each of these Agents says, and bring all Agents to one version soon.'],
		},
	};
}

function launched(run: RunContext): readonly AgentId[] {
	return [...run.state.agents.values()].filter(agent => agent.launchedAt !== undefined).map(({id}) => id);
}

function names(ids: readonly AgentId[]): string {
	return ids.join(', ');
}
