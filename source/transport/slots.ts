/** Lets at most so many at once do something; the others wait for their turn, first come, first served. */
export class Slots {
	#free: number;
	readonly #queue: (() => void)[] = [];

	constructor(count: number) {
		this.#free = count;
	}

	async use<Value>(work: () => Promise<Value>): Promise<Value> {
		if (this.#free > 0) {
			this.#free -= 1;
		} else {
			await new Promise<void>(resolve => this.#queue.push(resolve));
		}

		try {
			return await work();
		} finally {
			// The slot goes from hand to hand, so that nobody can slip in between.
			const next = this.#queue.shift();
			if (next) {
				next();
			} else {
				this.#free += 1;
			}
		}
	}
}
