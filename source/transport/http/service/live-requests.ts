import type {FastifyReply, FastifyRequest} from 'fastify';
import type {ServiceLimits} from './service-limits.ts';
import type {Tokens} from './tokens.ts';

interface LiveRequest {
	readonly request: FastifyRequest;
	/** When the time or the bytes began to count that its body is judged by. */
	since: number;
	bytes: number;
}

const lookMs = 1000;
/** So many looks are between two at which the tokens are read again. */
const looksPerToken = 5;

/**
 * The requests that are under way. A body that is slow on purpose would hold its connection for ever, and a long answer
 * would go on after its token was revoked: both lose their connection.
 */
export class LiveRequests {
	readonly #live = new Set<LiveRequest>();
	readonly #limits: ServiceLimits;
	readonly #tokens: Tokens;
	readonly #timer: NodeJS.Timeout;
	#looks = 0;
	#changed: (() => void) | undefined;

	constructor(limits: ServiceLimits, tokens: Tokens) {
		this.#limits = limits;
		this.#tokens = tokens;
		this.#timer = setInterval(
			() => void this.#look(),
			Math.min(lookMs, limits.requestMs / 2, limits.slowMs / 2),
		);
	}

	add(request: FastifyRequest, reply: FastifyReply): void {
		const live = {request, since: performance.now(), bytes: request.raw.socket.bytesRead};
		this.#live.add(live);
		reply.raw.once('close', () => {
			this.#live.delete(live);
			this.#changed?.();
		});
	}

	/** Resolves when only those are left that bring files: what comes of them is kept, and the rest sent later. */
	async answered(): Promise<void> {
		while ([...this.#live].some(({request}) => !bringsFile(request))) {
			await new Promise<void>(resolve => {
				this.#changed = resolve;
			});
		}
	}

	close(): void {
		clearInterval(this.#timer);
	}

	async #look(): Promise<void> {
		for (const live of this.#live) {
			if (!live.request.raw.complete && this.#isSlow(live)) {
				live.request.log.warn('a request was too slow');
				live.request.raw.socket.destroy();
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

	#isSlow(live: LiveRequest): boolean {
		const {requestMs, slowMs, slowBytes} = this.#limits;
		const {request, since} = live;
		const now = performance.now();
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
