import type {Clock} from '../domain/clock.ts';
import type {FoundClaim} from './lock-files.ts';

interface Seen {
	readonly renewals: string;
	readonly since: number;
}

/**
 * Watches claims of others, to find out whether somebody renews them. The clocks of the Agents and of the holders
 * play no part: what counts is for how long the watcher sees no change.
 */
export class LockWatch {
	readonly #staleMs: number;
	#seen = new Map<string, Seen>();
	#asked = 0;

	constructor(staleMs: number) {
		this.#staleMs = staleMs;
	}

	/**
	 * Takes in a listing that was asked for at `asked` and answered at `answered`, in milliseconds. Returns a claim that
	 * was renewed since the listing before.
	 */
	look(claims: readonly FoundClaim[], asked: number, answered: number): FoundClaim | undefined {
		const before = this.#seen;
		this.#asked = asked;
		this.#seen = new Map();
		let renewed: FoundClaim | undefined;
		for (const claim of claims) {
			const renewals = claim.renewals.join();
			const seen = before.get(claim.id);
			const same = seen?.renewals === renewals;
			renewed ??= seen && !same ? claim : undefined;
			this.#seen.set(claim.id, same ? seen : {renewals, since: answered});
		}

		return renewed;
	}

	/** Whether nobody had renewed a claim for too long at the last look, nor has since. */
	isStale(claim: FoundClaim): boolean {
		const seen = this.#seen.get(claim.id);
		return seen?.renewals === claim.renewals.join() && this.#asked - seen.since >= this.#staleMs;
	}
}

/** Time as it passes: no moment counts for much, so that a clock that is set meanwhile does not make a lock stale. */
export class SteadyTime {
	readonly #clock: Clock;
	readonly #longestMoment: number;
	#last: number;
	#passed = 0;

	constructor(clock: Clock, longestMoment: number) {
		this.#clock = clock;
		this.#longestMoment = longestMoment;
		this.#last = clock.now();
	}

	/** Milliseconds since it began. */
	passed(): number {
		const now = this.#clock.now();
		this.#passed += Math.min(Math.max(0, now - this.#last), this.#longestMoment);
		this.#last = now;
		return this.#passed;
	}

	async sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
		const until = this.passed() + milliseconds;
		await this.#clock.sleep(milliseconds, signal);
		this.#passed = Math.max(this.passed(), until);
	}
}
