import {setTimeout as sleep} from 'node:timers/promises';
import {ConnectionLostError, UnreachableError} from '../../../agent/machine-errors.ts';
import type {Prompts} from '../../../agent/prompts.ts';
import type {Clock} from '../../../domain/clock.ts';
import {SecretStore} from '../secret-store.ts';
import {Slots} from '../../slots.ts';
import type {SshLimits} from '../ssh-options.ts';
import type {SshSession} from '../ssh-session.ts';
import {Backoff, type BackoffLimits} from './backoff.ts';
import type {Hop} from './hop.ts';
import {JumpHostError, JumpHosts} from './jump-hosts.ts';
import {
	type Attempt,
	ClosedWhileAskingError,
	DroppedEarly,
	type LoginMemory,
	openSession,
} from './open-session.ts';
import {Person} from './person.ts';
import {Questions, TurnNeeded} from './questions.ts';

export interface SshNetworkOptions {
	/** Who is asked about unknown host keys and for passwords; nobody by default. */
	readonly prompts?: Prompts;
	/** Whether unknown host keys are accepted and written down without asking. */
	readonly acceptNewHostKeys?: boolean;
	/** Before a connection is made again that failed or was lost; at once by default. */
	readonly reconnect?: BackoffLimits;
	readonly clock?: Clock;
	/** Gives numbers from 0 up to and without 1. */
	readonly random?: () => number;
}

/** Logins under way at once in the whole process: more make the screen stutter and servers refuse some. */
const loginsOfProcess = new Slots(8);

/** Logins under way at once through one jump host. */
const loginsThroughJump = 4;

/** For a server that hangs up at once since too many log in (MaxStartups). */
const droppedBackoff: BackoffLimits = {firstMs: 100, mostMs: 3000};

/** Logins that are begun anew since the server did not wait for the answer of a person. */
const mostLoginsWhileAsking = 3;

const atOnce: BackoffLimits = {firstMs: 0, mostMs: 0};

const systemTime: Clock = {
	now: () => Date.now(),
	sleep: (milliseconds, signal) => sleep(milliseconds, undefined, signal ? {signal} : {}),
};

/** What all connections of a process share: who is asked, what was answered, jump hosts, and how many log in at once. */
export class SshNetwork {
	readonly clock: Clock;
	readonly #random: () => number;
	readonly #reconnect: BackoffLimits;
	readonly #memory: LoginMemory;
	readonly #questions: Questions;
	readonly #jumps = new JumpHosts();
	readonly #jumpBackoffs = new Map<string, Backoff>();
	readonly #throughJump = new WeakMap<SshSession, Slots>();

	constructor(options: SshNetworkOptions = {}) {
		const {prompts, acceptNewHostKeys = false, reconnect = atOnce} = options;
		this.clock = options.clock ?? systemTime;
		this.#random = options.random ?? Math.random;
		this.#reconnect = reconnect;
		this.#memory = {secrets: new SecretStore(), accepted: new Set(), acceptNewHostKeys};
		this.#questions = new Questions(prompts);
	}

	/** Asks again what somebody did not want to answer; until then it counts as answered with no. */
	askAgain(): void {
		this.#questions.forgetDeclined();
	}

	/** Forgets all passwords and unlocked keys. */
	forgetSecrets(): void {
		this.#memory.secrets.clear();
	}

	newBackoff(): Backoff {
		return new Backoff(this.#reconnect, this.#random);
	}

	/** Connects to the last of the hosts, through all before it. The session ends what it needed when it ends. */
	async open(hops: readonly Hop[], limits: SshLimits, signal: AbortSignal): Promise<SshSession> {
		const hop = hops.at(-1);
		if (!hop) {
			throw new RangeError('A way to nowhere.');
		}

		const before = hops.slice(0, -1);
		const jump = before.at(-1);
		if (!jump) {
			return this.#logIn({hop, limits, signal, paced: logIn => loginsOfProcess.use(logIn)});
		}

		const way = JSON.stringify(before.map(({settings}) => ({...settings, notices: undefined})));
		const lease = this.#jumps.lease(way, stop => this.#openJump(way, before, limits, stop));
		try {
			const session = await this.#behind(hop, jump, () => unlessAborted(lease.session, signal));
			const via = {session, name: jump.address};
			const through = this.#slotsThrough(session);
			const paced: Attempt['paced'] = logIn => through.use(() => loginsOfProcess.use(logIn));
			const opened = await this.#logIn({hop, limits, signal, via, paced});
			opened.onEnd(() => lease.release());
			return opened;
		} catch (error) {
			lease.release();
			throw error;
		}
	}

	async #openJump(
		way: string,
		hops: readonly Hop[],
		limits: SshLimits,
		signal: AbortSignal,
	): Promise<SshSession> {
		const backoff = this.#jumpBackoffs.get(way) ?? this.newBackoff();
		this.#jumpBackoffs.set(way, backoff);
		const waitMs = backoff.waitMs(this.clock.now());
		if (waitMs > 0) {
			await this.clock.sleep(waitMs, signal);
		}

		try {
			const session = await this.open(hops, limits, signal);
			const startedAt = this.clock.now();
			session.onEnd(() => backoff.ended(startedAt, this.clock.now()));
			return session;
		} catch (error) {
			backoff.failed(this.clock.now());
			throw error;
		}
	}

	async #behind<Value>(hop: Hop, jump: Hop, open: () => Promise<Value>): Promise<Value> {
		try {
			return await open();
		} catch (error) {
			throw error instanceof UnreachableError || error instanceof ConnectionLostError
				? new JumpHostError(hop.address, jump.address, error)
				: error;
		}
	}

	#slotsThrough(jump: SshSession): Slots {
		const slots = this.#throughJump.get(jump) ?? new Slots(loginsThroughJump);
		this.#throughJump.set(jump, slots);
		return slots;
	}

	/** Logs in, on the turn to ask people where that is needed. */
	async #logIn(attempt: Omit<Attempt, 'person' | 'memory'>): Promise<SshSession> {
		try {
			return await this.#patiently(attempt, false);
		} catch (error) {
			if (!(error instanceof TurnNeeded)) {
				throw error;
			}
		}

		return this.#questions.onTurn(async () => {
			for (let tries = 1; ; tries++) {
				try {
					return await this.#patiently(attempt, true);
				} catch (error) {
					if (!(error instanceof ClosedWhileAskingError) || tries >= mostLoginsWhileAsking) {
						throw error;
					}
				}
			}
		});
	}

	/** Logs in, again where the server drops the connection before it says anything. */
	async #patiently(attempt: Omit<Attempt, 'person' | 'memory'>, onTurn: boolean): Promise<SshSession> {
		const {limits, signal} = attempt;
		const backoff = new Backoff(droppedBackoff, this.#random);
		for (let tries = 0; ; tries++) {
			signal.throwIfAborted();
			const person = new Person(this.#questions, {onTurn, signal});
			try {
				return await openSession({...attempt, memory: this.#memory, person});
			} catch (error) {
				if (!(error instanceof DroppedEarly)) {
					throw error;
				}

				if (tries >= limits.retriesWhenDropped) {
					throw error.error;
				}
			}

			backoff.failed(this.clock.now());
			await this.clock.sleep(backoff.waitMs(this.clock.now()), signal);
		}
	}
}

/** For connections that are given none. */
export const ownNetwork = new SshNetwork();

/** Resolves as the promise does, and rejects as soon as the signal is aborted. */
export async function unlessAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
	signal.throwIfAborted();
	let giveUp: () => void = () => undefined;
	try {
		return await Promise.race([
			promise,
			new Promise<never>((_, reject) => {
				giveUp = () => reject(signal.reason as Error);
				signal.addEventListener('abort', giveUp, {once: true});
			}),
		]);
	} finally {
		signal.removeEventListener('abort', giveUp);
	}
}
