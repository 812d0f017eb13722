import type {Readable} from 'node:stream';
import type {Clock} from '../domain/clock.ts';
import type {LabUse} from '../lab/lab.ts';

/**
 * How a practice cluster ends. `at once`: it was told to; `when unused`: whoever started it is gone, and a run may go
 * on there in a process of its own.
 */
export type LabEnding = 'at once' | 'when unused';

/** What the process that started the lab writes to its standard input to end it at once. */
export const endAtOnce = 'end\n';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface EndingAsked {
	/** Resolves with the first ending that is asked for. */
	readonly asked: Promise<LabEnding>;
	/** Aborted when it is to end at once, which also ends the wait until nobody uses it. */
	readonly atOnce: AbortSignal;
	forget(): void;
}

/** Listens for the end: a signal, an abort and, where there is one, a standard input that says so or closes. */
export function listenForEnd(signal: AbortSignal | undefined, stdin: Readable | undefined): EndingAsked {
	const {promise, resolve} = Promise.withResolvers<LabEnding>();
	const atOnce = new AbortController();
	const end = () => {
		atOnce.abort();
		resolve('at once');
	};
	const left = () => resolve('when unused');
	let said = '';
	const hear = (chunk: Buffer) => {
		said = (said + chunk.toString()).slice(-endAtOnce.length);
		if (said === endAtOnce) {
			end();
		}
	};
	for (const name of signals) {
		process.on(name, end);
	}

	signal?.addEventListener('abort', end);
	if (signal?.aborted) {
		end();
	}

	stdin?.on('data', hear).once('end', left).once('close', left).once('error', left);
	return {
		asked: promise,
		atOnce: atOnce.signal,
		forget() {
			for (const name of signals) {
				process.off(name, end);
			}

			signal?.removeEventListener('abort', end);
			stdin?.off('data', hear).off('end', left).off('close', left).off('error', left).pause();
		},
	};
}

/** When a lab that nobody looks after ends, in milliseconds. */
export interface LingerLimits {
	/** Without a client for this long, and with nothing going on. A runner has to come and connect in this time. */
	readonly unused: number;
	/** Without a client for this long, whatever goes on. The longest reboot takes three hours of simulated time. */
	readonly abandoned: number;
}

export const defaultLingerLimits: LingerLimits = {unused: 30_000, abandoned: 4 * 60 * 60_000};

/** Between two looks, in milliseconds. */
const lookInterval = 250;

/** Resolves when a lab has not been used for as long as the limits say, and when `atOnce` is aborted. */
export async function untilUnused(
	usage: () => LabUse,
	limits: LingerLimits,
	clock: Clock,
	atOnce: AbortSignal,
): Promise<void> {
	// Counted and not measured: a computer that slept has served nobody, and its clients come back.
	let unused = 0;
	let abandoned = 0;
	while (!atOnce.aborted && unused < limits.unused && abandoned < limits.abandoned) {
		await clock.sleep(lookInterval, atOnce).catch(() => undefined);
		const {clients, busy} = usage();
		abandoned = clients > 0 ? 0 : abandoned + lookInterval;
		unused = clients > 0 || busy ? 0 : unused + lookInterval;
	}
}
