/** Loaded before a program (`node --import`): writes the pauses of its event loop into a file when it ends. */
import {writeFileSync} from 'node:fs';
import {createHistogram, monitorEventLoopDelay} from 'node:perf_hooks';

const target = process.env['BENCH_EVENT_LOOP'];
// What a program loads at its start is no pause of what it does afterwards, in milliseconds.
const settling = 3000;

// Whatever else the program starts has the same environment, and is not what is measured.
if (target !== undefined && process.env['BENCH_EVENT_LOOP_OF'] === String(process.ppid)) {
	const delay = monitorEventLoopDelay({resolution: 1});
	/** The time of a core that the main thread used between two looks, in microseconds: its pauses without its waiting. */
	const work = createHistogram();
	setTimeout(() => {
		delay.enable();
		let before = process.threadCpuUsage();
		setInterval(() => {
			const {user, system} = process.threadCpuUsage(before);
			before = process.threadCpuUsage();
			work.record(Math.max(1, Math.round(user + system)));
		}, 1).unref();
	}, settling).unref();
	process.on('exit', () => {
		writeFileSync(
			target,
			JSON.stringify({
				usualPauseMs: delay.percentile(99) / 1e6,
				longestPauseMs: delay.max / 1e6,
				usualWorkMs: work.percentile(99) / 1e3,
				longestWorkMs: work.max / 1e3,
				samples: delay.count,
			}),
		);
	});
}
