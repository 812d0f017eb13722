// SIGBREAK is ctrl-break on Windows; elsewhere nobody sends it.
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGBREAK'] as const;

/** The first signal lets a command end in order; the next one has its usual effect. */
export function untilStopped(): {readonly signal: AbortSignal; readonly forget: () => void} {
	const controller = new AbortController();
	const forget = () => {
		for (const name of signals) {
			process.off(name, stop);
		}
	};
	const stop = () => {
		forget();
		controller.abort();
	};
	for (const name of signals) {
		process.on(name, stop);
	}

	return {signal: controller.signal, forget};
}
