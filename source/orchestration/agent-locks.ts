import {AgentLockedError, LockLostError, StaleLockError} from '../agent/lock-errors.ts';
import type {LockClaim} from '../agent/connection.ts';
import type {AgentId} from '../domain/agent.ts';
import {type Failure, UserError, failureOf} from '../domain/user-error.ts';
import {all} from './in-parallel.ts';
import {onceMore} from './once-more.ts';
import type {RunContext} from './run-context.ts';

/**
 * The locks of a run on its Agents: taken before anything is changed there, renewed while the run goes on, given back
 * at its end. They keep a second run away, from whatever computer it is started.
 */
export class AgentLocks {
	readonly #run: RunContext;
	readonly #claim: LockClaim;
	readonly #held = new Set<AgentId>();
	readonly #kept = new Set<AgentId>();
	readonly #ended = new AbortController();
	readonly #keeping: Promise<void>[] = [];
	#defect: Error | undefined;

	constructor(run: RunContext) {
		this.#run = run;
		this.#claim = {
			run: run.input.run,
			operator: run.input.operator,
			since: run.clock.now(),
			token: run.input.lockToken,
		};
	}

	/**
	 * Takes the locks of these Agents. One that is held is renewed, to know that it still is: this computer may have
	 * slept since the last time. Answers what stands in the way.
	 */
	async take(agents: readonly AgentId[]): Promise<ReadonlyMap<AgentId, Failure>> {
		const refused = new Map<AgentId, Failure>();
		const signal = AbortSignal.any([this.#run.stopSignal, this.#ended.signal]);
		await all(agents, async id => {
			try {
				await onceMore(this.#run, id, () =>
					this.#held.has(id)
						? this.#run.connection(id).renewLock(this.#claim, signal)
						: this.#acquire(id, signal),
				);
				this.#keep(id);
			} catch (error) {
				this.#run.stopSignal.throwIfAborted();
				if (!(error instanceof UserError)) {
					throw error;
				}

				if (error instanceof LockLostError) {
					this.#held.delete(id);
					await this.#run.loseLock(id, failureOf(error));
				}

				refused.set(id, failureOf(error));
			}
		});
		return refused;
	}

	/** Takes them as soon as each Agent answers: one that restarts in an upgrade cannot be asked now. */
	takeWhenReached(agents: readonly AgentId[]): void {
		for (const id of agents) {
			this.#keep(id);
		}
	}

	/**
	 * Gives all locks back, those of an earlier runner of this run too. An Agent that cannot be asked keeps a lock that
	 * counts as left behind soon.
	 */
	async release(): Promise<void> {
		this.#ended.abort();
		await Promise.all(this.#keeping);
		if (this.#defect) {
			throw this.#defect;
		}

		const {plan} = this.#run;
		await all(
			plan.agents.filter(id => this.#held.has(id) || this.#run.agent(id).locked),
			id => this.#release(id),
		);
		this.#held.clear();
	}

	/** Renews none any more; they count as left behind soon, but for this run. */
	abandon(): void {
		this.#ended.abort();
	}

	async #release(id: AgentId): Promise<void> {
		try {
			if (!this.#held.has(id)) {
				await this.#acquire(id);
			}

			await this.#run.connection(id).releaseLock(this.#claim);
			await this.#run.record({type: 'agent.unlocked', agent: id});
		} catch (error) {
			if (!(error instanceof UserError)) {
				throw error;
			}

			await this.#run.record({
				type: 'note',
				agent: id,
				text: `Its lock could not be given back; it counts as left behind soon. ${error.message}`,
			});
		}
	}

	async #acquire(id: AgentId, signal?: AbortSignal): Promise<void> {
		const {limits, input} = this.#run;
		const takenOverFrom = await this.#run.connection(id).acquireLock(this.#claim, {
			staleMs: limits.lockStale,
			pollMs: limits.lockPoll,
			takeOver: input.takeOverLocks,
			...(signal && {signal}),
		});
		this.#held.add(id);
		// From an earlier runner of this very run it was taken back, which is nobody's loss.
		const other = takenOverFrom && takenOverFrom.run !== input.run ? takenOverFrom : undefined;
		await this.#run.record({type: 'agent.locked', agent: id, ...(other && {takenOverFrom: other})});
	}

	#keep(id: AgentId): void {
		if (!this.#kept.has(id)) {
			this.#kept.add(id);
			this.#keeping.push(
				this.#renewUntilEnded(id).catch((error: unknown) => {
					this.#defect ??= error instanceof Error ? error : new Error(String(error));
				}),
			);
		}
	}

	async #renewUntilEnded(id: AgentId): Promise<void> {
		const {signal} = this.#ended;
		for (;;) {
			try {
				await this.#run.clock.sleep(
					this.#held.has(id) ? this.#run.limits.lockRenewal : this.#run.limits.poll,
					signal,
				);
			} catch {
				return;
			}

			try {
				await (this.#held.has(id)
					? this.#run.connection(id).renewLock(this.#claim, signal)
					: this.#acquire(id, signal));
			} catch (error) {
				if (
					error instanceof LockLostError ||
					error instanceof AgentLockedError ||
					error instanceof StaleLockError
				) {
					this.#held.delete(id);
					await this.#run.loseLock(id, failureOf(error));
					return;
				}

				// An Agent that restarts cannot be asked, and its lock is not looked after meanwhile.
				if (!(error instanceof UserError) && !signal.aborted) {
					throw error;
				}
			}
		}
	}
}
