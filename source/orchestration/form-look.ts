import type {AgentConnection} from '../agent/connection.ts';
import type {AgentId} from '../domain/agent.ts';
import type {Clock} from '../domain/clock.ts';
import {type Cluster, failoverPairs} from '../domain/cluster.ts';
import type {OrderingPolicy} from '../domain/failover-policy.ts';
import type {PackageFacts} from '../domain/package-facts.ts';
import {
	type AgentAnswer,
	assessReadiness,
	isStale,
	readinessGoodForMs,
	unreachableBy,
} from '../domain/readiness.ts';
import {type LookView, lookAtAgent} from './readiness-look.ts';

/** Whom to look at, and what for. */
export interface LookWish {
	/** In the order in which they are told. */
	readonly agents: readonly AgentId[];
	readonly package: PackageFacts;
	readonly policy: OrderingPolicy;
}

/** What is known so far, and of what. */
export interface WishedLook extends LookView {
	readonly wish: LookWish;
}

interface FormLookInput {
	readonly cluster: Cluster;
	readonly connections: ReadonlyMap<AgentId, AgentConnection>;
	readonly clock: Clock;
}

interface Answered {
	readonly answer: AgentAnswer;
	/** When it was asked, in milliseconds since 1970-01-01 UTC. */
	readonly at: number;
}

/**
 * A look that follows a form while it is filled in. Each Agent is asked once, however often the wish changes: another
 * package or policy is judged by the answers that are there. Nothing is changed on any Agent.
 */
export class FormLook {
	readonly #input: FormLookInput;
	readonly #answers = new Map<AgentId, Answered>();
	readonly #asking = new Map<AgentId, AbortController>();
	readonly #listeners = new Set<() => void>();
	#wish: LookWish | undefined;
	#since: number;
	#view: WishedLook | undefined;

	constructor(input: FormLookInput) {
		this.#input = input;
		this.#since = input.clock.now();
	}

	/** Judged when it is asked for: many answers may come between two looks of somebody. */
	current(): WishedLook | undefined {
		this.#view ??= this.#wish && this.#judge(this.#wish);
		return this.#view;
	}

	/** Called after each answer and each other wish. */
	subscribe(listener: () => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	/** Asks those that have not answered yet, or too long ago; `anew`: all of them. Those beyond the wish are let go. */
	look(wish: LookWish, {anew = false}: {readonly anew?: boolean} = {}): void {
		const now = this.#input.clock.now();
		this.#wish = wish;
		this.#since = now;
		for (const [id, {at}] of this.#answers) {
			if (anew || isStale({at, goodForMs: readinessGoodForMs}, now)) {
				this.#answers.delete(id);
			}
		}

		const wished = new Set(wish.agents);
		for (const [id, asking] of this.#asking) {
			if (anew || !wished.has(id)) {
				asking.abort();
				this.#asking.delete(id);
			}
		}

		for (const id of wish.agents) {
			if (!this.#answers.has(id) && !this.#asking.has(id)) {
				void this.#ask(id);
			}
		}

		this.#changed();
	}

	/** Asks nobody any more. What was found stays, and is used where it is still good at the next look. */
	rest(): void {
		for (const asking of this.#asking.values()) {
			asking.abort();
		}

		this.#asking.clear();
	}

	/** Never rejects: that an Agent does not answer is an answer too. */
	async #ask(id: AgentId): Promise<void> {
		const asking = new AbortController();
		this.#asking.set(id, asking);
		const at = this.#input.clock.now();
		let answer: AgentAnswer;
		try {
			const connection = this.#input.connections.get(id);
			if (!connection) {
				throw new Error(`no connection was given for Agent ${id}`);
			}

			answer = await lookAtAgent(connection, asking.signal);
		} catch (error) {
			answer = unreachableBy(error);
		}

		if (!asking.signal.aborted) {
			this.#asking.delete(id);
			this.#answers.set(id, {answer, at});
			this.#changed();
		}
	}

	#changed(): void {
		this.#view = undefined;
		for (const listener of this.#listeners) {
			listener();
		}
	}

	#judge(wish: LookWish): WishedLook {
		const {cluster} = this.#input;
		const answered = wish.agents.flatMap(id => {
			const found = this.#answers.get(id);
			return found ? [[id, found] as const] : [];
		});
		const readiness = assessReadiness(new Map(answered.map(([id, {answer}]) => [id, answer])), wish.package, {
			// Everything is as old as its oldest part.
			at: Math.min(this.#since, ...answered.map(([, {at}]) => at)),
			pairs: failoverPairs(cluster),
			nodes: cluster.agents.length,
			policy: wish.policy,
		});
		const known = new Set(answered.map(([id]) => id));
		return {wish, readiness, waitingFor: wish.agents.filter(id => !known.has(id))};
	}
}
