/**
 * Work that is done once for all who ask for it before it begins, and by one of them at a time: however many ask, it
 * costs the same, and nobody is told what was so before the question.
 */
export class SharedWork<Result> {
	readonly #work: () => Promise<Result>;
	/** Never rejects. */
	#running: Promise<unknown> | undefined;
	#next: Promise<Result> | undefined;

	constructor(work: () => Promise<Result>) {
		this.#work = work;
	}

	ask(): Promise<Result> {
		return (this.#next ??= this.#begin());
	}

	async #begin(): Promise<Result> {
		await this.#running;
		this.#next = undefined;
		const result = this.#work();
		this.#running = result.catch(() => undefined);
		return result;
	}
}
