/** Loaded before a program (`node --import`): writes the pauses of its event loop into a file when it ends. */
import {writeFileSync} from 'node:fs';
import {monitorEventLoopDelay} from 'node:perf_hooks';

const target = process.env['BENCH_EVENT_LOOP'];
// What a program loads at its start is no pause of what it does afterwards, in milliseconds.
const settling = 3000;

if (target !== undefined && process.stdout.isTTY) {
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
