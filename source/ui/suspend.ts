import {once} from 'node:events';
import process from 'node:process';
import {setTimeout as sleep} from 'node:timers/promises';
import {UserError} from '../domain/user-error.ts';

class CannotSuspendError extends UserError {
	readonly code = 'CANNOT_SUSPEND';
	readonly nextSteps = ['Open another terminal instead.'];

	constructor() {
		super('Windows has no way to suspend a program and come back to it.');
	}
}

/** Where no shell does job control the system ignores the request to stop; this is waited for it, in milliseconds. */
const stopLimit = 1000;

/** Stops this process until the shell continues it (`fg`). Rejects where that cannot be done. */
export async function stopUntilContinued(): Promise<void> {
	if (process.platform === 'win32') {
		throw new CannotSuspendError();
	}

	const giveUp = new AbortController();
	const continued = once(process, 'SIGCONT', {signal: giveUp.signal});
	process.kill(process.pid, 'SIGTSTP');
	await Promise.race([continued, sleep(stopLimit)]);
	continued.catch(() => undefined);
	giveUp.abort();
}
