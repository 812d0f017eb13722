import {randomUUID} from 'node:crypto';
import {setTimeout as sleep} from 'node:timers/promises';
import {UserError} from '../../../domain/user-error.ts';
import {type WireFailure, failureToWire} from '../api/failure.ts';
import type {OperationKind, WireOperation} from '../api/operation.ts';
import type {ServerEvent} from './event-stream.ts';

/** What an operation does. `report` tells whoever follows it of something that has come about meanwhile. */
export type Work = (signal: AbortSignal, report: (event: string, data: unknown) => void) => Promise<unknown>;

/** One long operation: its state, and the events that led there. */
export class Operation {
	readonly id = randomUUID();
	state: 'running' | 'done' | 'failed' = 'running';
	/** By the clock that nobody sets. */
	endedAt: number | undefined;
	#result: unknown;
	#failure: WireFailure | undefined;
	readonly #events: ServerEvent[] = [];
	readonly #stop = new AbortController();
	#followers = 0;
	#lastFollowedAt = performance.now();
	#changed = Promise.withResolvers<undefined>();
	readonly #ended = Promise.withResolvers<undefined>();

	readonly kind: OperationKind;
	/** Whose it is. */
	readonly client: string;
	readonly asked: string;

	constructor({kind, client, asked}: Pick<Operation, 'kind' | 'client' | 'asked'>) {
		this.kind = kind;
		this.client = client;
		this.asked = asked;
	}

	async carryOut(work: Work, onFailure: (error: unknown) => void): Promise<void> {
		try {
			this.#stop.signal.throwIfAborted();
			this.#result = await work(this.#stop.signal, (event, data) => this.#tell(event, data));
			this.state = 'done';
		} catch (error) {
			this.#failure = failureToWire(this.#stop.signal.aborted ? new CancelledError() : error);
			this.state = 'failed';
			if (!(error instanceof UserError) && !this.#stop.signal.aborted) {
				onFailure(error);
			}
		}

		this.endedAt = performance.now();
		this.#tell('ended', this.toWire());
		this.#ended.resolve(undefined);
	}

	/** Asks for its end, and waits for it so long; what cannot be given up any more ends as it does. */
	async cancel(limitMs: number): Promise<void> {
		this.#stop.abort(new CancelledError());
		const waited = new AbortController();
		const limit = sleep(limitMs, undefined, {signal: waited.signal}).catch(() => undefined);
		await Promise.race([this.#ended.promise, limit]);
		waited.abort();
	}

	/** The events after the one with number `after`, up to the last one; numbers begin with 1. */
	async *follow(after: number, signal: AbortSignal): AsyncGenerator<ServerEvent, void, undefined> {
		const aborted = new Promise<undefined>(resolve => {
			signal.addEventListener('abort', () => resolve(undefined), {once: true});
		});
		this.#followers += 1;
		try {
			for (let next = after; !signal.aborted;) {
				const event = this.#events[next];
				if (event) {
					next += 1;
					yield event;
				} else if (this.state === 'running') {
					await Promise.race([this.#changed.promise, aborted]);
				} else {
					return;
				}
			}
		} finally {
			this.#followers -= 1;
			this.#lastFollowedAt = performance.now();
		}
	}

	/** Gives it up once nobody has followed it for so long. */
	endUnfollowed(limitMs: number): void {
		const timer = setInterval(() => {
			if (this.state !== 'running') {
				clearInterval(timer);
			} else if (this.#followers === 0 && performance.now() - this.#lastFollowedAt >= limitMs) {
				this.#stop.abort(new CancelledError());
			}
		}, limitMs / 4);
		timer.unref();
	}

	toWire(): WireOperation {
		return {
			id: this.id,
			kind: this.kind,
			state: this.state,
			...(this.state === 'done' && {result: this.#result as NonNullable<WireOperation['result']>}),
			...(this.#failure && {failure: this.#failure}),
		};
	}

	#tell(event: string, data: unknown): void {
		this.#events.push({id: String(this.#events.length + 1), event, data});
		const {resolve} = this.#changed;
		this.#changed = Promise.withResolvers();
		resolve(undefined);
	}
}

/** Somebody gave an operation up, or the service stopped. */
export class CancelledError extends UserError {
	readonly code = 'CANCELLED';
	readonly nextSteps = ['Ask for it again if it is still wanted.'];
	constructor() {
		super('The operation was given up.');
	}
}
