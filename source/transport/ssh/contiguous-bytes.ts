/** Which bytes of a file are there without a gap, when pieces are confirmed in any order. */
export class ContiguousBytes {
	#end: number;
	readonly #ahead = new Map<number, number>();

	constructor(from: number) {
		this.#end = from;
	}

	/** Every byte before this one is there. */
	get end(): number {
		return this.#end;
	}

	/** Answers whether `end` moved. Pieces touch each other and never overlap. */
	add(from: number, to: number): boolean {
		this.#ahead.set(from, to);
		const before = this.#end;
		for (let next = this.#ahead.get(this.#end); next !== undefined; next = this.#ahead.get(this.#end)) {
			this.#ahead.delete(this.#end);
			this.#end = next;
		}

		return this.#end > before;
	}
}
