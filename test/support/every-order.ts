/**
 * Plays something once for every sequence of choices that can come up in it, and answers how many those are. `choose`
 * is given how many ways there are to go on, and answers which one it is this time.
 */
export async function everyOrder(play: (choose: (ways: number) => number) => Promise<void>): Promise<number> {
	const choices: {way: number; readonly ways: number}[] = [];
	for (let played = 1; ; played++) {
		let next = 0;
		await play(ways => {
			const choice = (choices[next] ??= {way: 0, ways});
			next += 1;
			return choice.way;
		});
		while (choices.length > 0 && isLastWay(choices.at(-1)!)) {
			choices.pop();
		}

		const last = choices.at(-1);
		if (!last) {
			return played;
		}

		last.way += 1;
	}
}

function isLastWay({way, ways}: {readonly way: number; readonly ways: number}): boolean {
	return way + 1 === ways;
}
