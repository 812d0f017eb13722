import {randomUUID} from 'node:crypto';
import * as z from 'zod';
import {ConnectionLostError, UnreachableError} from '../../../agent/machine-errors.ts';
import type {Clock} from '../../../domain/clock.ts';
import {failureFromWire} from '../api/failure.ts';
import {type WireOperation, operationSchema} from '../api/operation.ts';
import {root} from '../api/paths.ts';
import {eventData, serverEvents} from './server-events.ts';
import {ServiceError} from '../api/failure.ts';
import type {ServiceClient} from './service-client.ts';

export interface OperationOrder<Result> {
	/** Where it is asked for, such as `launches`. */
	readonly path: string;
	readonly body?: unknown;
	/** For the error, when the connection is lost for good meanwhile. */
	readonly during: string;
	readonly result: z.ZodType<Result>;
	/** Hears of what comes about meanwhile: the name of the event, and its data. */
	readonly onEvent?: (event: string, data: unknown) => void;
	readonly signal?: AbortSignal;
}

const giveUpLimitMs = 5000;

/** Before a lost connection is tried again; when all of them are used up, it is told. */
const patienceMs = [200, 1000, 3000] as const;

/**
 * Has the service carry something out, and waits for how it ends. A lost answer is asked for again, with the same key,
 * so that nothing is begun twice, and events that were missed come later. With the signal it is given up there, too.
 */
export async function carryOut<Result>(
	client: ServiceClient,
	clock: Clock,
	order: OperationOrder<Result>,
): Promise<Result> {
	const {path, body, during, signal, result} = order;
	const key = randomUUID();
	try {
		const begun = await patiently(clock, signal, () =>
			client.ask(
				{
					method: 'POST',
					path: `${root}/${path}`,
					during,
					headers: {'idempotency-key': key},
					...(body !== undefined && {body: {json: body}}),
					idempotent: true,
					...(signal && {signal}),
				},
				operationSchema,
			),
		);
		const ended = await untilEnded(client, clock, begun, order);
		if (ended.failure) {
			throw failureFromWire(client.agent, client.address, ended.failure);
		}

		return eventData(client, ended.result ?? null, result);
	} catch (error) {
		if (signal?.aborted) {
			await giveUp(client, key);
		}

		throw error;
	}
}

async function untilEnded<Result>(
	client: ServiceClient,
	clock: Clock,
	begun: WireOperation,
	{during, onEvent, signal}: OperationOrder<Result>,
): Promise<WireOperation> {
	let after: string | undefined;
	const path = `${root}/operations/${begun.id}/events`;
	return patiently(clock, signal, async heard => {
		try {
			const events = serverEvents(client, {
				path,
				during,
				...(after !== undefined && {after}),
				...(signal && {signal}),
			});
			for await (const {id, event, data} of events) {
				after = id ?? after;
				heard();
				if (event === 'ended') {
					return eventData(client, data, operationSchema);
				}

				onEvent?.(event, data);
			}
		} catch (error) {
			// Whoever serves there now knows nothing of it: how it ended is not known.
			throw error instanceof ServiceError && error.code === 'NOT_FOUND'
				? new ForgottenOperationError(client.address, during, {cause: error})
				: error;
		}

		throw new ConnectionLostError(client.address, during);
	});
}

/**
 * Tries again where the connection was lost, and then also where none can be made, as while the service or what stands
 * before it is started anew; begins to count anew when something was heard. Rejects with the loss that began it.
 */
async function patiently<Value>(
	clock: Clock,
	signal: AbortSignal | undefined,
	act: (heard: () => void) => Promise<Value>,
): Promise<Value> {
	let broken: ConnectionLostError | undefined;
	for (let lost = 0; ; lost++) {
		try {
			return await act(() => {
				lost = 0;
			});
		} catch (error) {
			if (error instanceof ConnectionLostError && !(error instanceof ForgottenOperationError)) {
				broken = error;
			} else if (!broken || !(error instanceof UnreachableError)) {
				throw error;
			}

			const wait = patienceMs[lost];
			if (wait === undefined) {
				throw broken;
			}

			await clock.sleep(wait, signal);
		}
	}
}

/** Tells the service that nobody waits any more; whether it hears of it or not, nobody does. */
async function giveUp(client: ServiceClient, key: string): Promise<void> {
	await client
		.ask(
			{
				method: 'DELETE',
				path: `${root}/operations`,
				during: 'an operation was given up',
				headers: {'idempotency-key': key},
				idempotent: true,
				signal: AbortSignal.timeout(giveUpLimitMs),
			},
			z.null(),
		)
		.catch(() => undefined);
}

/** The service was started anew meanwhile. */
class ForgottenOperationError extends ConnectionLostError {}
