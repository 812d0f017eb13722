import type {AgentConnection, PrerequisiteFiles} from '../agent/connection.ts';
import type {AgentId} from '../domain/agent.ts';
import type {Clock} from '../domain/clock.ts';
import {type Cluster, failoverPairs} from '../domain/cluster.ts';
import type {OrderingPolicy} from '../domain/failover-policy.ts';
import type {PackageFacts} from '../domain/package-facts.ts';
import type {UpgradePlan} from '../domain/plan.ts';
import {type AgentAnswer, type Readiness, assessReadiness, unreachableBy} from '../domain/readiness.ts';
import {failureOf} from '../domain/user-error.ts';
import {all} from './in-parallel.ts';

export interface LookInput {
	readonly cluster: Cluster;
	/** The Agents to look at, in the order in which they are told. Default: all. */
	readonly agents?: readonly AgentId[];
	readonly connections: ReadonlyMap<AgentId, AgentConnection>;
	readonly package: PackageFacts;
	/** In which order pairs will be upgraded, where that is chosen. */
	readonly policy?: OrderingPolicy;
	/** What is planned, where that is known. */
	readonly goal?: UpgradePlan['goal'];
	/** The prerequisites of the package, where they are to be run ahead. */
	readonly ahead?: AheadOfRun;
	readonly clock: Clock;
}

/** Runs the prerequisites before anything is uploaded; nothing of them is left on any Agent. */
export interface AheadOfRun {
	readonly tests: PrerequisiteFiles;
	/** For one test. */
	readonly timeoutMs: number;
	/** The name of a folder on the Agents that nobody else uses. */
	readonly temporaryFolder: string;
}

/** What is known so far. */
export interface LookView {
	readonly readiness: Readiness;
	/** The Agents that have not answered yet. */
	readonly waitingFor: readonly AgentId[];
}

/** Looks at one Agent. Changes nothing there; rejects where it cannot be reached. */
export async function lookAtAgent(
	connection: AgentConnection,
	signal?: AbortSignal,
): Promise<Extract<AgentAnswer, {status: unknown}>> {
	const status = await connection.status(signal);
	const [lockedBy, survey] = await Promise.all([connection.lockHolder(signal), connection.survey(signal)]);
	return {status, survey, ...(lockedBy && {lockedBy})};
}

/** One look at all Agents at once, whose result grows with each answer. Nothing is changed on any of them. */
export class ReadinessLook {
	readonly #input: LookInput;
	readonly #agents: readonly AgentId[];
	readonly #answers = new Map<AgentId, AgentAnswer>();
	readonly #listeners = new Set<() => void>();
	readonly #at: number;
	#view: LookView | undefined;

	constructor(input: LookInput) {
		this.#input = input;
		this.#agents = input.agents ?? input.cluster.agents.map(({id}) => id);
		this.#at = input.clock.now();
	}

	/** Judged when it is asked for: many answers may come between two looks of somebody. */
	current(): LookView {
		this.#view ??= this.#judge();
		return this.#view;
	}

	/** Called after each answer. */
	subscribe(listener: () => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	/** Asks all Agents; to be called once. Resolves when each has answered or failed to; rejects when aborted. */
	async run(signal?: AbortSignal): Promise<Readiness> {
		await all(this.#agents, async id => {
			let answer: AgentAnswer;
			try {
				answer = await this.#ask(id, signal);
			} catch (error) {
				signal?.throwIfAborted();
				answer = unreachableBy(error);
			}

			this.#answers.set(id, answer);
			this.#view = undefined;
			for (const listener of this.#listeners) {
				listener();
			}
		});
		return this.current().readiness;
	}

	async #ask(id: AgentId, signal?: AbortSignal): Promise<AgentAnswer> {
		const connection = this.#input.connections.get(id);
		if (!connection) {
			throw new Error(`no connection was given for Agent ${id}`);
		}

		const answer = await lookAtAgent(connection, signal);
		const tested = await this.#test(connection, signal);
		return {...answer, ...(tested && {tested})};
	}

	async #test(
		connection: AgentConnection,
		signal: AbortSignal | undefined,
	): Promise<Extract<AgentAnswer, {status: unknown}>['tested']> {
		const {ahead} = this.#input;
		if (!ahead || ahead.tests.checks.length === 0) {
			return undefined;
		}

		const {tests, timeoutMs, temporaryFolder} = ahead;
		try {
			return await connection.runPrerequisites(tests, {
				timeoutMs,
				temporaryFolder,
				...(signal && {signal}),
			});
		} catch (error) {
			signal?.throwIfAborted();
			return {notRun: failureOf(error).message};
		}
	}

	#judge(): LookView {
		const {cluster, package: facts, policy, goal} = this.#input;
		const answers = new Map(
			this.#agents.flatMap(id => {
				const answer = this.#answers.get(id);
				return answer ? [[id, answer] as const] : [];
			}),
		);
		return {
			readiness: assessReadiness(answers, facts, {
				at: this.#at,
				pairs: failoverPairs(cluster),
				nodes: cluster.agents.length,
				...(policy && {policy}),
				...(goal && {goal}),
			}),
			waitingFor: this.#agents.filter(id => !answers.has(id)),
		};
	}
}
