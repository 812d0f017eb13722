/** Loaded before a program (`node --import`): writes the pauses of its event loop into a file when it ends. */
import {writeFileSync} from 'node:fs';
import {monitorEventLoopDelay} from 'node:perf_hooks';

const target = process.env['BENCH_EVENT_LOOP'];
// What a program loads at its start is no pause of what it does afterwards, in milliseconds.
const settling = 3000;

// Whatever else the program starts has the same environment, and is not what is measured.
if (target !== undefined && process.env['BENCH_EVENT_LOOP_OF'] === String(process.ppid)) {
	const delay = monitorEventLoopDelay({resolution: 1});
	setTimeout(() => delay.enable(), settling).unref();
	process.on('exit', () => {
		writeFileSync(
			target,
			JSON.stringify({
				usualPauseMs: delay.percentile(99) / 1e6,
				longestPauseMs: delay.max / 1e6,
				samples: delay.count,
			}),
		);
	});
}
