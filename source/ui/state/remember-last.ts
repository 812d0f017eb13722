/**
 * The same function, which works out an answer only when an argument is another one than last time. For what both a
 * key and a frame ask of a large cluster.
 */
export function rememberLast<Arguments extends readonly unknown[], Result>(
	work: (...input: Arguments) => Result,
): (...input: Arguments) => Result {
	let last: {readonly input: Arguments; readonly result: Result} | undefined;
	return (...input) => {
		if (last?.input.some((value, index) => value !== input[index]) !== false) {
			last = {input, result: work(...input)};
		}

		return last.result;
	};
}
