import {createParser} from 'eventsource-parser';
import type * as z from 'zod';
import {ConnectionLostError} from '../../../agent/machine-errors.ts';
import {failureFromWire, failureSchema} from '../api/failure.ts';
import {NotOurServiceError} from './service-errors.ts';
import type {ServiceClient, ServiceRequest} from './service-client.ts';

export interface ReceivedEvent {
	readonly id: string | undefined;
	readonly event: string;
	/** Parsed, and not checked yet. */
	readonly data: unknown;
}

export interface EventsRequest extends Pick<ServiceRequest, 'path' | 'during'> {
	/** The last event that was received; those behind it are wanted. */
	readonly after?: string;
	readonly signal?: AbortSignal;
}

const mostEventCharacters = 1024 * 1024;

/**
 * The events of a stream, to its end. Rejects with `ConnectionLostError` where the line breaks, and with what the
 * service tells as the failure of the stream. Source: html.spec.whatwg.org, 9.2 Server-sent events
 */
export async function* serverEvents(
	client: ServiceClient,
	{path, during, after, signal}: EventsRequest,
): AsyncGenerator<ReceivedEvent, void, undefined> {
	const response = await client.open({
		method: 'GET',
		path,
		during,
		headers: {accept: 'text/event-stream', ...(after !== undefined && {'last-event-id': after})},
		idempotent: true,
		...(signal && {signal}),
	});
	if (!response.headers['content-type']?.startsWith('text/event-stream')) {
		response.destroy();
		throw new NotOurServiceError(client.address, `${path.split('?')[0]} gives no events`);
	}

	let received: ReceivedEvent[] = [];
	const parser = createParser({
		onEvent: ({id, event, data}) =>
			received.push({id, event: event ?? 'message', data: parsed(client, data)}),
		maxBufferSize: mostEventCharacters,
	});
	response.setEncoding('utf8');
	try {
		for await (const text of response as AsyncIterable<string>) {
			parser.feed(text);
			const events = received;
			received = [];
			for (const event of events) {
				if (event.event === 'failure') {
					throw failureFromWire(client.agent, client.address, failureSchema.parse(event.data));
				}

				yield event;
			}
		}
	} catch (error) {
		signal?.throwIfAborted();
		throw isBrokenLine(error) ? new ConnectionLostError(client.address, during, {cause: error}) : error;
	} finally {
		response.destroy();
	}
}

function parsed({address}: ServiceClient, data: string): unknown {
	try {
		return JSON.parse(data);
	} catch (error) {
		throw new NotOurServiceError(address, 'an event of it cannot be read', {cause: error});
	}
}

function isBrokenLine(error: unknown): boolean {
	return (
		error instanceof Error &&
		typeof (error as NodeJS.ErrnoException).code === 'string' &&
		/^E[A-Z_]+$/.test((error as NodeJS.ErrnoException).code ?? '')
	);
}

/** Data of an event, which have to fit. */
export function eventData<Data>({address}: ServiceClient, data: unknown, schema: z.ZodType<Data>): Data {
	const result = schema.safeParse(data);
	if (!result.success) {
		throw new NotOurServiceError(address, 'an event of it has another shape', {cause: result.error});
	}

	return result.data;
}
