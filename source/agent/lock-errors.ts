import type {AgentId} from '../domain/agent.ts';
import type {LockHolder} from '../domain/run-event.ts';
import {UserError, exitCodes} from '../domain/user-error.ts';
import {isUnknown} from './lock-holder.ts';

/** Another run holds the Agent's lock, and lives. Nothing was changed. */
export class AgentLockedError extends UserError {
	readonly code = 'AGENT_LOCKED';
	override readonly exitCode = exitCodes.blocked;
	constructor(
		readonly agent: AgentId,
		readonly holder: LockHolder,
	) {
		super(`${agent} is locked: ${heldBy(holder)}.`);
	}

	get nextSteps() {
		const {run, operator} = this.holder;
		return isUnknown(this.holder)
			? ['Wait until the other run has ended, then start again.']
			: [`Wait until run ${run} has ended, then start again.`, `Or ask ${operator.user} about it.`];
	}
}

/** Another run holds the Agent's lock, and seems to be dead. Nothing was changed. */
export class StaleLockError extends UserError {
	readonly code = 'LOCK_STALE';
	override readonly exitCode = exitCodes.blocked;
	constructor(
		readonly agent: AgentId,
		readonly holder: LockHolder,
		readonly staleMs: number,
	) {
		super(
			`${agent} is locked: ${heldBy(holder)}. Nobody has renewed the lock for ${Math.round(staleMs / 1000)} s.`,
		);
	}

	get nextSteps() {
		const {run, operator} = this.holder;
		return [
			isUnknown(this.holder)
				? `Make sure that no run goes on on ${this.agent}.`
				: `Make sure that run ${run} is dead: look for it on ${operator.host}, or ask ${operator.user}.`,
			'If so, start again with --take-over-lock.',
		];
	}
}

/** The Agent answers, but so slowly that a lock on it would be stale before it is known to be held. */
export class LockTooSlowError extends UserError {
	readonly code = 'LOCK_TOO_SLOW';
	override readonly exitCode = exitCodes.unreachable;
	constructor(
		readonly agent: AgentId,
		limitMs: number,
	) {
		super(`${agent} answers too slowly to be locked: that took more than ${Math.round(limitMs / 1000)} s.`);
	}

	get nextSteps() {
		return [`Check the line to ${this.agent}, then start again.`];
	}
}

/** The lock that a run held is not its own any more. */
export class LockLostError extends UserError {
	readonly code = 'LOCK_LOST';
	override readonly exitCode = exitCodes.agentFailed;
	constructor(
		readonly agent: AgentId,
		/** Who has it now; undefined where nobody does. */
		readonly holder: LockHolder | undefined,
	) {
		super(
			`This run has lost its lock on ${agent}: ${holder ? heldBy(holder) : 'somebody removed it, and nobody holds it now'}.`,
		);
	}

	get nextSteps() {
		const other = this.holder && !isUnknown(this.holder) ? `run ${this.holder.run}` : 'the other run';
		return this.holder
			? [`Find out what ${other} does on ${this.agent} before anything else is started there.`]
			: [`Find out who removed the lock on ${this.agent}, then go on with this run.`];
	}
}

/** The moment is by the holder's clock, which may be wrong. */
function heldBy(holder: LockHolder): string {
	const {run, operator, since} = holder;
	return isUnknown(holder)
		? 'there is a lock that does not say whose it is'
		: `${operator.user} on ${operator.host} holds it for run ${run} since ${new Date(since).toISOString()}`;
}
