import {createHash} from 'node:crypto';
import {setTimeout as sleep} from 'node:timers/promises';
import type {AgentStatus} from '../../../domain/agent-status.ts';
import type {ServerEvent} from './event-stream.ts';

export interface StateEventsOptions {
	/** What the client was told last, by its id. */
	readonly told?: string;
	/** Between two looks, in milliseconds. */
	readonly pollMs: number;
	readonly signal: AbortSignal;
}

/**
 * The state of an Agent as it is, and again whenever it has become another one. The id says which state it is, so that
 * a client that comes back is told what it has not heard, and nothing that it has. Rejects with what `look` meets.
 */
export async function* stateEvents(
	look: () => Promise<AgentStatus>,
	{told, pollMs, signal}: StateEventsOptions,
): AsyncGenerator<ServerEvent, void, undefined> {
	for (let last = told; !signal.aborted;) {
		const status = await look();
		const id = idOf(status);
		if (id !== last) {
			last = id;
			yield {id, event: 'state', data: status};
		}

		await sleep(pollMs, undefined, {signal}).catch(() => undefined);
	}
}

/** Free space changes all the time; alone it makes no other state. */
function idOf(status: AgentStatus): string {
	const facts = Object.entries(status)
		.filter(([name]) => name !== 'freeBytes')
		.sort(([a], [b]) => (a < b ? -1 : 1));
	return createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 16);
}
