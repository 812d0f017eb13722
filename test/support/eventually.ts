import {setTimeout as sleep} from 'node:timers/promises';

/** Waits until something is so, by asking again and again; rejects when that takes too long. */
export async function eventually(
	condition: () => boolean | Promise<boolean>,
	{limitMs = 20_000, what = String(condition)}: {limitMs?: number; what?: string} = {},
): Promise<void> {
	const until = Date.now() + limitMs;
	while (!(await condition())) {
		if (Date.now() > until) {
			throw new Error(`This did not come about within ${limitMs} ms: ${what}`);
		}

		await sleep(10);
	}
}
