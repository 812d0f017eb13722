import type {AgentConnection, LocalPackage, PrerequisiteFiles} from '../agent/connection.ts';
import type {AgentId} from '../domain/agent.ts';
import type {Clock} from '../domain/clock.ts';
import type {UpgradePlan} from '../domain/plan.ts';
import type {Operator, RunFact, RunId} from '../domain/run-event.ts';
import {type AgentRun} from '../domain/agent-run.ts';
import {type RunState, emptyRunState, foldRun} from '../domain/run-state.ts';
import {type Failure, failureOf} from '../domain/user-error.ts';
import type {JournalWriter} from '../journal/journal.ts';
import type {RunLimits} from './run-limits.ts';

/** What a run needs from outside. */
export interface RunInput {
	readonly run: RunId;
	readonly plan: UpgradePlan;
	readonly file: LocalPackage;
	readonly prerequisites: PrerequisiteFiles;
	/** Holds a connection for every Agent of the plan; it is not closed by the run. */
	readonly connections: ReadonlyMap<AgentId, AgentConnection>;
	readonly operator: Operator;
	readonly journal: JournalWriter;
	readonly clock: Clock;
	readonly limits: RunLimits;
}

/** The operator asked to stop. */
export class StopRequested extends Error {}

/** What the stages of one run share: its input, its journal and the fold of what was written there. */
export class RunContext {
	readonly #input: RunInput;
	readonly #stop = new AbortController();
	#state: RunState = emptyRunState;
	#appended: Promise<void> = Promise.resolve();

	constructor(input: RunInput) {
		this.#input = input;
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

	/** Aborted when the operator asks to stop. */
	get stopSignal(): AbortSignal {
		return this.#stop.signal;
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
			await this.record({type: 'stop.requested', operator});
		}
	}

	fail(agent: AgentId, error: unknown): Promise<void> {
		return this.record({type: 'agent.failed', agent, failure: failureOf(error)});
	}

	unknown(agent: AgentId, failure: Failure): Promise<void> {
		return this.record({type: 'agent.unknown', agent, failure});
	}
}
