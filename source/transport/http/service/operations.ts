import {createHash} from 'node:crypto';
import {UserError} from '../../../domain/user-error.ts';
import type {OperationKind} from '../api/operation.ts';
import {CancelledError, Operation, type Work} from './operation.ts';

export interface OperationRequest {
	readonly kind: OperationKind;
	/** Of the client, and unique among its requests. */
	readonly key: string;
	/** Whose request it is: a key means nothing to anybody else. */
	readonly client: string;
	/** What was asked, to tell the same request from another one with the same key. */
	readonly body: unknown;
	readonly work: Work;
}

/** Operations that are over stay for so long, for whoever lost the answer. */
const keptMs = 60 * 60_000;
/** Of one client, also counting those under way: no other one can push them out. */
const mostKept = 200;
/** Of those, so many at once may be under way. */
const mostRunning = 20;

/** Whose client is gone, ends: nobody would renew the lock that it takes. Others are worth something without anybody. */
const endsUnfollowed: ReadonlySet<OperationKind> = new Set(['lock']);

/** Each of these looks first at what the one before it did. */
const oneAtATime: ReadonlySet<OperationKind> = new Set(['launch', 'package']);

/** What one client asked for, by its keys; the oldest first. */
class ClientOperations {
	readonly begun = new Map<string, Operation>();
	/** Given up before they came, and when. */
	readonly unwanted = new Map<string, number>();
}

/** The long operations of a service, each with an id and, for its client, a key. */
export class Operations {
	readonly #byId = new Map<string, Operation>();
	readonly #byClient = new Map<string, ClientOperations>();
	readonly #onFailure: (error: unknown) => void;
	readonly #unfollowedMs: number;
	readonly #lastOf = new Map<OperationKind, Promise<unknown>>();
	#closed = false;

	/**
	 * `onFailure` hears of failures that nobody foresaw. `unfollowedMs`: so long a client has to come back that lost its
	 * connection, before what it waits for is given up.
	 */
	constructor(onFailure: (error: unknown) => void, unfollowedMs: number) {
		this.#onFailure = onFailure;
		this.#unfollowedMs = unfollowedMs;
	}

	/** Begins what is asked, or answers what the same request began before. */
	begin({kind, key, client, body, work}: OperationRequest): Operation {
		const {begun, unwanted} = this.#of(client);
		const asked = createHash('sha256')
			.update(`${kind} ${JSON.stringify(body)}`)
			.digest('hex');
		const earlier = begun.get(key);
		if (earlier) {
			if (earlier.asked !== asked) {
				throw new KeyUsedError();
			}

			return earlier;
		}

		forgetOld(unwanted, since => since);
		if (unwanted.has(key)) {
			throw new CancelledError();
		}

		if (this.#closed || [...begun.values()].filter(isRunning).length >= mostRunning) {
			throw new ServiceBusyError(this.#closed);
		}

		const operation = new Operation({kind, client, asked});
		this.#byId.set(operation.id, operation);
		begun.set(key, operation);
		this.#forgetEnded(begun);
		const before = oneAtATime.has(kind) ? this.#lastOf.get(kind) : undefined;
		const carriedOut = Promise.resolve(before).then(() => operation.carryOut(work, this.#onFailure));
		this.#lastOf.set(kind, carriedOut);
		if (endsUnfollowed.has(kind)) {
			operation.endUnfollowed(this.#unfollowedMs);
		}

		return operation;
	}

	/** Gives up what a request with this key began, or will begin: it may still be on its way. */
	async giveUp(client: string, key: string, limitMs: number): Promise<void> {
		const {begun, unwanted} = this.#of(client);
		const operation = begun.get(key);
		if (operation) {
			await operation.cancel(limitMs);
		} else {
			unwanted.set(key, performance.now());
			forgetOld(unwanted, since => since);
		}
	}

	/** Throws a `UserError` where there is none. */
	get(id: string): Operation {
		const operation = this.#byId.get(id);
		if (!operation) {
			throw new UnknownOperationError();
		}

		return operation;
	}

	/** Begins nothing new, gives up what can be given up, and waits so long for the end of everything. */
	async close(limitMs: number): Promise<void> {
		this.#closed = true;
		const running = [...this.#byId.values()].filter(isRunning);
		await Promise.all(running.map(operation => operation.cancel(limitMs)));
	}

	#of(client: string): ClientOperations {
		const own = this.#byClient.get(client) ?? new ClientOperations();
		this.#byClient.set(client, own);
		return own;
	}

	#forgetEnded(begun: Map<string, Operation>): void {
		for (const operation of forgetOld(begun, ({endedAt}) => endedAt)) {
			this.#byId.delete(operation.id);
		}
	}
}

function isRunning({state}: Operation): boolean {
	return state === 'running';
}

/**
 * Removes what is over for too long or too much, the oldest first; answers what went. `over`: since when, in
 * milliseconds of the clock that nobody sets, or undefined for what has to stay.
 */
function forgetOld<Kept>(kept: Map<string, Kept>, over: (each: Kept) => number | undefined): Kept[] {
	const oldest = performance.now() - keptMs;
	const gone: Kept[] = [];
	for (const [key, each] of kept) {
		const since = over(each);
		if (since !== undefined && (since < oldest || kept.size > mostKept)) {
			kept.delete(key);
			gone.push(each);
		}
	}

	return gone;
}

/** It never was, or is long over, or an earlier service had it. */
class UnknownOperationError extends UserError {
	readonly code = 'NOT_FOUND';
	readonly nextSteps = ['Ask the Agent how it is, then ask for the operation anew if it is still wanted.'];
	constructor() {
		super('there is no such operation.');
	}
}

/** The same key came with two different requests. */
class KeyUsedError extends UserError {
	readonly code = 'REQUEST_REFUSED';
	readonly nextSteps = ['Give every new request an Idempotency-Key of its own.'];
	constructor() {
		super('another request had the same Idempotency-Key.');
	}
}

class ServiceBusyError extends UserError {
	readonly code: string;
	readonly nextSteps = ['Try again a little later.'];
	constructor(stopping: boolean) {
		super(stopping ? 'it is stopping.' : 'too many operations are under way.');
		this.code = stopping ? 'SERVICE_STOPPING' : 'RATE_LIMITED';
	}
}
