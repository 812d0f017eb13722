import type {FollowedLine} from '../agent/connection.ts';
import type {AgentId} from '../domain/agent.ts';
import type {ProgressLine} from '../domain/agent-status.ts';
import type {LaunchReceipt} from '../domain/run-event.ts';
import type {RunContext} from './run-context.ts';

/**
 * The lines of an Agent's log that were not heard yet, until aborted. The line that was heard last is read once more,
 * before those after it: where another one stands in its place, the log was replaced while nobody read it, and all of
 * the one that is there now is new, however long it is.
 */
export async function* linesToCome(
	run: RunContext,
	agent: AgentId,
	receipt: LaunchReceipt,
	signal: AbortSignal,
): AsyncGenerator<FollowedLine, void, undefined> {
	const {lastProgress, lastProgressFrom} = run.agent(agent);
	const follow = (offset: number) =>
		run.connection(agent).followProgress(receipt, {offset, pollMs: run.limits.poll, signal});
	if (lastProgress === undefined) {
		yield* follow(0);
		return;
	}

	let known = false;
	for await (const heard of follow(lastProgressFrom)) {
		if (known) {
			yield heard;
		} else if (isSame(heard.line, lastProgress)) {
			known = true;
		} else {
			yield* follow(0);
			return;
		}
	}
}

function isSame(a: ProgressLine, b: ProgressLine): boolean {
	return a.time === b.time && a.type === b.type && a.message === b.message;
}
