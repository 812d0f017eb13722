import type {LockHolder} from '../domain/run-event.ts';
import type {AgentContext} from './agent-context.ts';
import type {LockClaim, LockOptions} from './connection.ts';
import {AgentLockedError, LockTooSlowError, StaleLockError} from './lock-errors.ts';
import {
	type FoundClaim,
	claimPath,
	findLockFiles,
	goesBefore,
	keysOf,
	newClaim,
	removeClaim,
	removeStrays,
} from './lock-files.ts';
import {claimText, readHolder} from './lock-holder.ts';
import {LockWatch, SteadyTime} from './lock-watch.ts';

/** A claim that is not through after this part of `staleMs` is made anew: others have been watching the old one. */
const freshPart = 1 / 3;

/** What one moment counts for at most, as a part of `staleMs`. */
const momentPart = 1 / 4;

/** Claims that come and go are watched for this many times `staleMs`; then somebody is there and lives. */
const patience = 4;

/** Takes the lock of an Agent. The contract is that of `AgentConnection.acquireLock`. */
export function acquireLock(
	context: AgentContext,
	claim: LockClaim,
	options: LockOptions,
): Promise<LockHolder | undefined> {
	return new Acquisition(context, claim, options).acquire();
}

class Acquisition {
	readonly #watch: LockWatch;
	readonly #time: SteadyTime;
	/** Whoever stood in the way of the last attempt. */
	#rival: FoundClaim | undefined;
	/** Whether a removal was asked for that nobody confirmed. */
	#removing = false;
	#taken: LockHolder | undefined;

	constructor(
		private readonly context: AgentContext,
		private readonly claim: LockClaim,
		private readonly options: LockOptions,
	) {
		this.#watch = new LockWatch(options.staleMs);
		this.#time = new SteadyTime(context.clock, options.staleMs * momentPart);
	}

	async acquire(): Promise<LockHolder | undefined> {
		const {staleMs, pollMs, takeOver, signal} = this.options;
		const {run} = keysOf(this.claim);
		for (;;) {
			signal?.throwIfAborted();
			const asked = this.#time.passed();
			const {claims, folder} = await findLockFiles(this.context);
			const others = claims.filter(found => found.run !== run);
			const renewed = this.#watch.look(others, asked, this.#time.passed());
			const inTheWay = renewed ?? others[0] ?? this.#rival;
			if (renewed || asked > patience * staleMs) {
				throw inTheWay
					? new AgentLockedError(this.context.agent, await this.#holder(inTheWay))
					: new LockTooSlowError(this.context.agent, staleMs * freshPart);
			}

			if (others.every(found => this.#watch.isStale(found))) {
				if (others[0] && !takeOver) {
					throw new StaleLockError(this.context.agent, await this.#holder(others[0]), staleMs);
				}

				if (!folder) {
					await this.context.machine.makeFolder(this.context.paths.staging);
				}

				if (await this.#makeClaim(newClaim(this.claim, claims))) {
					return this.#taken;
				}
			}

			await this.#time.sleep(Math.min(pollMs, staleMs), signal);
		}
	}

	/** Answers whether the lock is ours. Where it is not, nothing of the claim is left. */
	async #makeClaim(own: FoundClaim & {readonly run: string}): Promise<boolean> {
		const {context, claim} = this;
		const begun = context.clock.now();
		this.#rival = undefined;
		try {
			const created = await context.machine.writeFile(claimPath(context, own), claimText(claim), 'exclusive');
			if (created && (await this.#standAlone(own, begun))) {
				return true;
			}
		} catch (error) {
			// A claim that stays behind is recognized by the next attempt of this run. It has to stay while a removal may
			// still be under way to the Agent: by it alone, the holder whose claim may vanish any moment learns of that.
			if (!this.#removing) {
				// What went wrong first matters more.
				await removeClaim(context, own).catch(() => undefined);
			}

			throw error;
		}

		await removeClaim(context, own);
		return false;
	}

	/** Waits until there is no other claim, after removing those that may be set aside. False where it must give way. */
	async #standAlone(own: FoundClaim & {readonly run: string}, begun: number): Promise<boolean> {
		const {context, options} = this;
		for (;;) {
			options.signal?.throwIfAborted();
			const {claims, strays} = await findLockFiles(context);
			const others = claims.filter(found => found.id !== own.id);
			const late = Math.abs(context.clock.now() - begun) > options.staleMs * freshPart;
			if (late || others.length === claims.length) {
				return false;
			}

			const rivals = others.filter(found => !this.#maySetAside(found, own));
			this.#rival = rivals[0];
			// A claim that was renewed is not made any more: it has the lock.
			if (rivals.some(rival => rival.renewals.length > 0 || goesBefore(rival, own))) {
				return false;
			}

			if (rivals.length > 0) {
				// Whoever else has just come gives way.
				await this.#time.sleep(Math.min(options.pollMs, options.staleMs), options.signal);
			} else if (others.length + strays.length === 0) {
				return true;
			} else {
				await this.#setAside(others);
				await removeStrays(context, strays);
			}
		}
	}

	/** Of a run there is never more than one runner: an earlier one is dead, whatever its claim looks like. */
	#maySetAside(found: FoundClaim, own: FoundClaim): boolean {
		return found.run === own.run ? found.generation < own.generation : this.#watch.isStale(found);
	}

	/** The lower ones first: a claim has to stay for as long as one is there which it sets aside. */
	async #setAside(claims: readonly FoundClaim[]): Promise<void> {
		const {run, token} = keysOf(this.claim);
		const taken = claims.find(found => found.run !== run) ?? claims.find(found => found.token !== token);
		if (taken) {
			this.#taken ??= await this.#holder(taken);
		}

		for (const found of claims.toReversed()) {
			this.#removing = true;
			await removeClaim(this.context, found);
			this.#removing = false;
		}
	}

	#holder(found: FoundClaim): Promise<LockHolder> {
		return readHolder(this.context, found, this.options.signal);
	}
}
