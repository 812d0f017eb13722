import {once} from 'node:events';
import type {FastifyReply} from 'fastify';
import {failureToWire} from '../api/failure.ts';
import {everyAnswer} from './every-answer.ts';
import type {RouteParts} from './routes.ts';

/** Source: html.spec.whatwg.org, 9.2 Server-sent events */
export interface ServerEvent {
	/** What a client that comes back names as the last event it has. */
	readonly id?: string;
	readonly event: string;
	readonly data: unknown;
}

/** A client that does not read for this long is taken for gone. */
const readingMs = 60_000;

/** Answers with the events, as they come about, until there are no more or the client has gone. */
export async function sendEvents(
	reply: FastifyReply,
	{stopping, limits}: Pick<RouteParts, 'stopping' | 'limits'>,
	events: (signal: AbortSignal) => AsyncIterable<ServerEvent>,
): Promise<void> {
	reply.hijack();
	const {raw} = reply;
	const gone = new AbortController();
	const signal = AbortSignal.any([gone.signal, stopping]);
	raw.on('close', () => gone.abort());
	raw.on('error', () => gone.abort());
	raw.writeHead(200, {
		'content-type': 'text/event-stream; charset=utf-8',
		...everyAnswer,
		// Some proxies keep what they pass on until they have more of it.
		'x-accel-buffering': 'no',
	});
	raw.flushHeaders();
	const heartbeat = setInterval(() => {
		if (!raw.writableNeedDrain) {
			raw.write(': still here\n\n');
		}
	}, limits.heartbeatMs);
	const send = async (event: ServerEvent) => {
		if (!raw.write(eventText(event))) {
			// A client that does not read holds up nobody but itself, and not for ever.
			const limit = AbortSignal.any([signal, AbortSignal.timeout(readingMs)]);
			await once(raw, 'drain', {signal: limit}).catch(() => gone.abort());
		}
	};
	try {
		for await (const event of events(signal)) {
			await send(event);
			if (signal.aborted) {
				break;
			}
		}
	} catch (error) {
		if (!signal.aborted) {
			reply.log.warn({err: error}, 'an event stream failed');
			await send({event: 'failure', data: failureToWire(error)});
		}
	} finally {
		clearInterval(heartbeat);
		if (raw.writableNeedDrain) {
			raw.destroy();
		} else {
			raw.end();
		}
	}
}

/** JSON has no line breaks of its own, so one `data` line holds it. */
function eventText({id, event, data}: ServerEvent): string {
	return `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
