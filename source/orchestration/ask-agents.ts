import type {AgentConnection} from '../agent/connection.ts';
import type {AgentId} from '../domain/agent.ts';
import type {AgentIdentity, AgentStatus} from '../domain/agent-status.ts';
import type {Clock} from '../domain/clock.ts';
import {type Failure, UserError, exitCodes, failureOf} from '../domain/user-error.ts';

/** What one Agent said when it was asked once, or why it did not. */
export type AgentReply =
	{readonly identity: AgentIdentity; readonly status: AgentStatus} | {readonly failure: Failure};

export interface AskingOptions {
	readonly connections: ReadonlyMap<AgentId, AgentConnection>;
	readonly clock: Clock;
	readonly signal?: AbortSignal;
	/** For each Agent, in milliseconds. Default a minute. */
	readonly limit?: number;
	/** How many are asked at the same time. */
	readonly atOnce?: number;
	/** Told after each answer. */
	readonly onReply?: (answered: number) => void;
}

const defaultLimit = 60_000;
const defaultAtOnce = 32;

/** Asks every Agent once who it is and how it does. Rejects with what nobody foresaw, and when it is aborted. */
export async function askAgents(options: AskingOptions): Promise<ReadonlyMap<AgentId, AgentReply>> {
	const {connections, atOnce = defaultAtOnce, signal, onReply} = options;
	const replies = new Map<AgentId, AgentReply>();
	const waiting = [...connections];
	const worker = async () => {
		for (let next = waiting.shift(); next; next = waiting.shift()) {
			signal?.throwIfAborted();
			const [id, connection] = next;
			replies.set(id, await ask(connection, options));
			onReply?.(replies.size);
		}
	};
	await Promise.all(Array.from({length: Math.min(atOnce, waiting.length)}, worker));
	// In the order of the cluster, whoever was first.
	return new Map(
		[...connections.keys()].flatMap((id): [AgentId, AgentReply][] => {
			const reply = replies.get(id);
			return reply ? [[id, reply]] : [];
		}),
	);
}

async function ask(
	connection: AgentConnection,
	{clock, limit = defaultLimit, signal}: AskingOptions,
): Promise<AgentReply> {
	const settled = new AbortController();
	const asking = signal ? AbortSignal.any([signal, settled.signal]) : settled.signal;
	try {
		return await Promise.race([
			Promise.all([connection.identify(asking), connection.status(asking)]).then(([identity, status]) => ({
				identity,
				status,
			})),
			clock.sleep(limit, asking).then((): never => {
				throw new NoAnswerError(connection.agent, limit);
			}),
		]);
	} catch (error) {
		signal?.throwIfAborted();
		if (!(error instanceof UserError)) {
			throw error;
		}

		return {failure: failureOf(error)};
	} finally {
		settled.abort();
	}
}

/** It was reached, perhaps, and said nothing in time. */
class NoAnswerError extends UserError {
	readonly code = 'NO_ANSWER';
	override readonly exitCode = exitCodes.unreachable;
	readonly nextSteps = ['Log in there and look whether Windows is busy or hangs; then ask again.'];
	constructor(agent: AgentId, limit: number) {
		super(`${agent} did not answer within ${Math.round(limit / 1000)} s.`);
	}
}
