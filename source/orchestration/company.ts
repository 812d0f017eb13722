import type {AgentId} from '../domain/agent.ts';
import type {RunContext} from './run-context.ts';

/**
 * What the Agents of one cluster-wide launch know of each other. DataMiner keeps their order, so that some of them are
 * silent for as long as others upgrade: nobody's patience ends while any of them is heard.
 */
export class Company {
	readonly leader: AgentId;
	#heardAt: number;
	#leaderFailed: string | undefined;

	constructor(run: RunContext, leader: AgentId) {
		this.leader = leader;
		this.#heardAt = run.clock.now();
		const {outcome, failure} = run.agent(leader);
		// An earlier runner may have heard it.
		this.#leaderFailed =
			outcome === 'failed' && failure?.code === 'UPGRADE_FAILED' ? failure.message : undefined;
	}

	/** When a log of any of them said something last, by our clock. */
	get heardAt(): number {
		return this.#heardAt;
	}

	/** Why the leader's own upgrade ended badly: what it had not begun by then, it does not begin any more. */
	get leaderFailed(): string | undefined {
		return this.#leaderFailed;
	}

	hear(now: number): void {
		this.#heardAt = now;
	}

	failLeader(reason: string): void {
		this.#leaderFailed = reason;
	}
}
