import type {FastifyBaseLogger} from 'fastify';

const minuteMs = 60_000;

/** Writes down what strangers do, but only so much a minute: else they could fill the log until nothing else is left in it. */
export class StrangerLog {
	readonly #linesPerMinute: number;
	#since = -Infinity;
	#lines = 0;
	#unwritten = 0;

	constructor(linesPerMinute: number) {
		this.#linesPerMinute = linesPerMinute;
	}

	/** `log`: of the request. */
	warn(log: FastifyBaseLogger, facts: Readonly<Record<string, unknown>>, what: string): void {
		const now = performance.now();
		if (now - this.#since >= minuteMs) {
			this.#since = now;
			this.#lines = 0;
		}

		if (this.#lines >= this.#linesPerMinute) {
			this.#unwritten += 1;
			return;
		}

		this.#lines += 1;
		log.warn(this.#unwritten > 0 ? {...facts, unwrittenBefore: this.#unwritten} : facts, what);
		this.#unwritten = 0;
	}
}
