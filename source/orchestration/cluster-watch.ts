import type {AgentConnection} from '../agent/connection.ts';
import type {AgentId} from '../domain/agent.ts';
import type {AgentStatus} from '../domain/agent-status.ts';
import type {Clock} from '../domain/clock.ts';
import type {Cluster} from '../domain/cluster.ts';
import {type Failure, failureOf} from '../domain/user-error.ts';

/** What is known of the cluster, asked again and again. */
export interface ClusterView {
	readonly cluster: Cluster;
	/** Holds every Agent of the cluster that answered, or failed to, at least once. */
	readonly agents: ReadonlyMap<AgentId, AgentView>;
}

export interface AgentView {
	readonly status?: AgentStatus;
	/** Why the last question was not answered; `status` is then the last that was known. */
	readonly failure?: Failure;
	/** When `status` was true, in milliseconds since 1970-01-01 UTC. */
	readonly asOf?: number;
	readonly dataMinerId?: number;
}

interface WatchInput {
	readonly cluster: Cluster;
	readonly connections: ReadonlyMap<AgentId, AgentConnection>;
	readonly clock: Clock;
	/** Milliseconds between two questions to one Agent. */
	readonly interval: number;
}

/** Asks every Agent of a cluster for its status, again and again, until closed. */
export class ClusterWatch {
	readonly #input: WatchInput;
	readonly #listeners = new Set<() => void>();
	readonly #closed = new AbortController();
	#wake = new AbortController();
	#view: ClusterView;

	constructor(input: WatchInput) {
		this.#input = input;
		this.#view = {cluster: input.cluster, agents: new Map()};
		for (const [id, connection] of input.connections) {
			void this.#watch(id, connection);
		}
	}

	current(): ClusterView {
		return this.#view;
	}

	subscribe(listener: () => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	/** Asks all Agents now. */
	refresh(): void {
		this.#wake.abort();
		this.#wake = new AbortController();
	}

	close(): void {
		this.#closed.abort();
	}

	async #watch(id: AgentId, connection: AgentConnection): Promise<void> {
		const {clock, interval} = this.#input;
		const closed = this.#closed.signal;
		for (;;) {
			const view = await this.#ask(id, connection);
			if (closed.aborted) {
				return;
			}

			this.#view = {...this.#view, agents: new Map(this.#view.agents).set(id, view)};
			for (const listener of this.#listeners) {
				listener();
			}

			await clock.sleep(interval, AbortSignal.any([closed, this.#wake.signal])).catch(() => undefined);
		}
	}

	async #ask(id: AgentId, connection: AgentConnection): Promise<AgentView> {
		const before = this.#view.agents.get(id);
		try {
			const status = await connection.status(this.#closed.signal);
			const dataMinerId = before?.dataMinerId ?? (await connection.identify(this.#closed.signal)).dataMinerId;
			return {status, asOf: this.#input.clock.now(), ...(dataMinerId !== undefined && {dataMinerId})};
		} catch (error) {
			return {...before, failure: failureOf(error)};
		}
	}
}
