import type {AgentConnection, LocalPackage, PrerequisiteFiles} from '../agent/connection.ts';
import type {AgentId} from '../domain/agent.ts';
import type {Clock} from '../domain/clock.ts';
import type {Cluster} from '../domain/cluster.ts';
import type {UpgradePlan} from '../domain/plan.ts';
import type {Acknowledgement} from '../domain/readiness.ts';
import type {Operator, RunEvent, RunFact, RunId} from '../domain/run-event.ts';
import {type AgentRun} from '../domain/agent-run.ts';
import {type RunState, emptyRunState, foldRun} from '../domain/run-state.ts';
import {type Failure, failureOf} from '../domain/user-error.ts';
import type {JournalWriter} from '../journal/journal.ts';
import type {RunLimits} from './run-limits.ts';

/** What a run sends to Agents. */
export interface RunPackage {
	readonly file: LocalPackage;
	readonly prerequisites: PrerequisiteFiles;
}

/** What a run needs from outside. */
export interface RunInput {
	readonly run: RunId;
	readonly plan: UpgradePlan;
	/** All Agents of the cluster, those included that the plan leaves out. */
	readonly cluster: Cluster;
	/** What earlier runners of this run wrote down; empty for a new run. */
	readonly history: readonly RunEvent[];
	/** Makes the package ready to be sent. Called once at most, and not where nothing is to be sent any more. */
	readonly openPackage: () => Promise<RunPackage>;
	/** Holds a connection for every Agent of the plan; it is not closed by the run. */
	readonly connections: ReadonlyMap<AgentId, AgentConnection>;
	readonly operator: Operator;
	readonly journal: JournalWriter;
	readonly clock: Clock;
	readonly limits: RunLimits;
	/** Tells this runner's locks from those of an earlier one. */
	readonly lockToken: string;
	/** The operator decided that locks of other runs that nobody renews may be taken over. */
	readonly takeOverLocks: boolean;
	/** The warnings that the operator took responsibility for when he began the run. */
	readonly acknowledged: readonly Acknowledgement[];
}

/** What an operator wants of a run that has begun. */
export interface RetryWish {
	readonly operator: Operator;
	/** The warnings that he takes responsibility for, besides what was acknowledged before. */
	readonly acknowledged?: readonly Acknowledgement[];
}

/** The operator asked to stop. */
export class StopRequested extends Error {}

/** Somebody else holds the lock of an Agent of this run. */
export class LockTaken extends Error {
	constructor(readonly failure: Failure) {
		super(failure.message);
	}
}

/** What the stages of one run share: its input, its journal and the fold of what was written there. */
export class RunContext {
	readonly #input: RunInput;
	readonly #stop = new AbortController();
	#state: RunState;
	#appended: Promise<void> = Promise.resolve();
	#package: Promise<RunPackage> | undefined;
	readonly #journalFailure = Promise.withResolvers<never>();

	constructor(input: RunInput) {
		this.#input = input;
		this.#state = foldRun(emptyRunState, input.history);
		this.#journalFailure.promise.catch(() => undefined);
		if (this.#state.stopRequestedBy && this.#state.outcome === undefined) {
			this.#stop.abort(new StopRequested());
		}
	}

	get input(): RunInput {
		return this.#input;
	}

	get plan(): UpgradePlan {
		return this.#input.plan;
	}

	get clock(): Clock {
		return this.#input.clock;
	}

	get limits(): RunLimits {
		return this.#input.limits;
	}

	get state(): RunState {
		return this.#state;
	}

	/** Aborted when nothing new may be started: the operator asked for it, or an Agent was lost to another run. */
	get stopSignal(): AbortSignal {
		return this.#stop.signal;
	}

	/** Rejects when the journal fails, with what it said. */
	get journalFailure(): Promise<never> {
		return this.#journalFailure.promise;
	}

	package(): Promise<RunPackage> {
		this.#package ??= this.#input.openPackage();
		return this.#package;
	}

	/** The Agents that still have something before them. */
	get open(): readonly AgentId[] {
		return this.plan.agents.filter(id => this.#state.agents.get(id)?.outcome === undefined);
	}

	/** Those of them that were not told to upgrade yet. */
	get unlaunched(): readonly AgentId[] {
		return this.open.filter(id => this.#state.agents.get(id)?.launchedAt === undefined);
	}

	agent(id: AgentId): AgentRun {
		const agent = this.#state.agents.get(id);
		if (!agent) {
			throw new Error(`Agent ${id} is no part of this run`);
		}

		return agent;
	}

	connection(id: AgentId): AgentConnection {
		const connection = this.#input.connections.get(id);
		if (!connection) {
			throw new Error(`no connection was given for Agent ${id}`);
		}

		return connection;
	}

	/**
	 * Writes facts down; they are kept, in order, when this resolves. Once the journal has failed every later call
	 * fails with it: a run that cannot be written down must not go on.
	 */
	record(...facts: readonly RunFact[]): Promise<void> {
		this.#appended = this.#appended.then(async () => {
			const events = await this.#input.journal.append(...facts);
			this.#state = foldRun(this.#state, events);
		});
		this.#appended.catch(this.#journalFailure.reject);
		return this.#appended;
	}

	/** Writes down progress, which nothing waits for. If that fails, the next `record` says so. */
	report(fact: RunFact): void {
		this.record(fact).catch(() => undefined);
	}

	/** Stop means that nothing new starts; it is written down once. */
	async requestStop(operator: Operator): Promise<void> {
		if (!this.#stop.signal.aborted) {
			this.#stop.abort(new StopRequested());
			const goOn = this.open.filter(id => this.agent(id).launchedAt !== undefined);
			await this.record({type: 'stop.requested', operator, goOn});
		}
	}

	/** Somebody else took an Agent: what was launched is followed, and nothing new is started beside him. */
	async loseLock(agent: AgentId, failure: Failure): Promise<void> {
		this.#stop.abort(new LockTaken(failure));
		await this.record({type: 'lock.lost', agent, failure});
	}

	fail(agent: AgentId, error: unknown): Promise<void> {
		return this.record({type: 'agent.failed', agent, failure: failureOf(error)});
	}

	unknown(agent: AgentId, failure: Failure): Promise<void> {
		return this.record({type: 'agent.unknown', agent, failure});
	}
}
