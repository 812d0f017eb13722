import type {Clock} from '../domain/clock.ts';
import type {RunRequest} from '../domain/run-event.ts';
import type {JournalWriter} from '../journal/journal.ts';
import type {RetryWish} from '../orchestration/run-context.ts';

/** How long a runner of a run that has begun waits to be told what to do with it, in milliseconds. */
export const wishLimit = 5000;

/** What an operator wants of a run that nobody carries out. */
export interface Wish extends RetryWish {
	readonly kind: 'retry' | 'end';
}

/**
 * What the operator wants of a run that has begun: the newest wish that was left. One before it was left for a runner
 * that never came. Undefined when nobody says so.
 */
export async function firstWish(
	seat: Pick<JournalWriter, 'onRequest'>,
	clock: Clock,
): Promise<Wish | undefined> {
	const heard = new AbortController();
	let wish: Wish | undefined;
	const stopListening = seat.onRequest(({kind, ...asked}: RunRequest) => {
		if (kind !== 'stop') {
			wish = {kind, ...asked};
			heard.abort();
			return Promise.resolve();
		}

		// One that nobody heard while there was no runner is answered by what is wished for after it; one after that is
		// left to whoever carries the wish out.
		return wish ? Promise.reject(new Error('the run does not go on yet')) : Promise.resolve();
	});
	try {
		await clock.sleep(wishLimit, heard.signal);
	} catch {
		// It was heard before the time was over.
	} finally {
		stopListening();
	}

	return wish;
}
