/** One line on stderr that changes, such as how many Agents have answered. It gives way while somebody is asked. */
class ProgressLine {
	#text = '';
	#held = 0;

	/** Takes the place of the text before; empty: there is no such line any more. */
	readonly show = (text: string): void => {
		this.#text = text;
		if (this.#held === 0) {
			this.#write(text);
		}
	};

	/** Takes the line away until the work is done, so that what is asked stands alone. */
	async giveWay<Value>(work: () => Promise<Value>): Promise<Value> {
		if (this.#held === 0 && this.#text !== '') {
			this.#write('');
		}

		this.#held += 1;
		try {
			return await work();
		} finally {
			this.#held -= 1;
			if (this.#held === 0 && this.#text !== '') {
				this.#write(this.#text);
			}
		}
	}

	#write(text: string): void {
		if (process.stderr.isTTY) {
			process.stderr.write(`\r\u001B[K${text}`);
		}
	}
}

/** The one of this process. */
export const progressLine = new ProgressLine();
