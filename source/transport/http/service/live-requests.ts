import type {FastifyReply, FastifyRequest} from 'fastify';
import type {ServiceLimits} from './service-limits.ts';
import type {StrangerLog} from './stranger-log.ts';
import type {Tokens} from './tokens.ts';

interface LiveRequest {
	readonly request: FastifyRequest;
	readonly reply: FastifyReply;
	/** When the time or the bytes began to count that its body is judged by. */
	since: number;
	bytes: number;
	/** When nothing was left to be added to its answer. */
	answeredAt?: number;
}

const lookMs = 1000;
/** So many looks are between two at which the tokens are read again. */
const looksPerToken = 5;

/**
 * The requests that are under way. A body that is slow on purpose, also one that comes behind its answer, and an answer
 * that nobody reads would hold their connections for ever; a long answer would go on after its token was revoked. All of
 * them lose their connection.
 */
export class LiveRequests {
	readonly #live = new Set<LiveRequest>();
	readonly #limits: ServiceLimits;
	readonly #tokens: Tokens;
	readonly #strangers: StrangerLog;
	readonly #timer: NodeJS.Timeout;
	#looks = 0;
	#changed: (() => void) | undefined;

	constructor(limits: ServiceLimits, tokens: Tokens, strangers: StrangerLog) {
		this.#limits = limits;
		this.#tokens = tokens;
		this.#strangers = strangers;
		this.#timer = setInterval(
			() => void this.#look(),
			Math.min(lookMs, limits.requestMs / 2, limits.slowMs / 2, limits.readingMs / 2),
		);
	}

	add(request: FastifyRequest, reply: FastifyReply): void {
		const live = {request, reply, since: performance.now(), bytes: request.raw.socket.bytesRead};
		this.#live.add(live);
		reply.raw.once('close', () => {
			this.#forget(live);
			this.#changed?.();
		});
	}

	/** How many requests of this client have no whole answer yet. */
	unansweredOf(client: string): number {
		return [...this.#live].filter(({request, reply}) => request.client === client && !reply.raw.closed)
			.length;
	}

	/** Resolves when only those are left that bring files: what comes of them is kept, and the rest sent later. */
	async answered(): Promise<void> {
		while ([...this.#live].some(({request, reply}) => !reply.raw.closed && !bringsFile(request))) {
			await new Promise<void>(resolve => {
				this.#changed = resolve;
			});
		}
	}

	close(): void {
		clearInterval(this.#timer);
	}

	/** Unless the rest of its body is still to come. */
	#forget(live: LiveRequest): void {
		const {raw} = live.request;
		if (live.reply.raw.closed && (raw.complete || raw.socket.destroyed)) {
			this.#live.delete(live);
		}
	}

	async #look(): Promise<void> {
		const now = performance.now();
		for (const live of this.#live) {
			const {raw} = live.reply;
			if (raw.writableEnded) {
				live.answeredAt ??= now;
			}

			this.#forget(live);
			if (this.#live.has(live) && this.#isSlow(live, now)) {
				const {request} = live;
				if (request.client === '') {
					this.#strangers.warn(request.log, {from: request.ip}, 'a request was too slow');
				} else {
					request.log.warn('a request was too slow');
				}

				request.raw.socket.destroy();
			}
		}

		this.#looks += 1;
		if (this.#looks % looksPerToken === 0 && this.#live.size > 0) {
			// Where the tokens cannot be read, those that are inside stay; nobody new comes in.
			const good = await this.#tokens.good().catch(() => undefined);
			for (const {request} of this.#live) {
				if (good && request.client !== '' && !good.has(request.client)) {
					request.log.warn('its token was revoked or has expired');
					request.raw.socket.destroy();
				}
			}
		}
	}

	#isSlow(live: LiveRequest, now: number): boolean {
		const {requestMs, readingMs, slowMs, slowBytes} = this.#limits;
		const {request, reply, since, answeredAt} = live;
		if (answeredAt !== undefined) {
			return now - answeredAt > (reply.raw.closed ? requestMs : readingMs);
		}

		if (request.raw.complete) {
			return false;
		}

		if (!bringsFile(request)) {
			return now - since > requestMs;
		}

		if (now - since < slowMs) {
			return false;
		}

		const {bytesRead} = request.raw.socket;
		const moved = bytesRead - live.bytes;
		live.since = now;
		live.bytes = bytesRead;
		return moved < slowBytes;
	}
}

function bringsFile({routeOptions}: FastifyRequest): boolean {
	return routeOptions.config.streams === true;
}
