/**
 * Calls `work` for every item, at most `limit` at a time, in order of the items. Waits for all that were begun; then
 * rejects with the first error, after which nothing more is begun.
 */
export async function inParallel<T>(
	items: readonly T[],
	limit: number,
	work: (item: T) => Promise<void>,
): Promise<void> {
	const queue = [...items];
	const errors: unknown[] = [];
	const worker = async () => {
		for (let item = queue.shift(); item !== undefined && errors.length === 0; item = queue.shift()) {
			try {
				await work(item);
			} catch (error) {
				errors.push(error);
			}
		}
	};

	await Promise.all(Array.from({length: Math.min(limit, items.length)}, worker));
	if (errors.length > 0) {
		throw errors[0];
	}
}

export function all<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
	return inParallel(items, items.length, work);
}
