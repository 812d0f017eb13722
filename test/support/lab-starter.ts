import {startLabProcess} from '../../source/commands/lab-process.ts';
import {runLab} from '../../source/commands/lab-arguments.ts';
import {parseArguments} from '../../source/commands/arguments.ts';

/*
 * A program that starts a practice cluster, as the dashboard does, and prints its inventory. `release` lets go of it and
 * ends, `stop` ends both, `stay` waits to be killed. As the program of the lab it is that lab.
 */
const [task = '', linger = '', http] = process.argv.slice(2);
if (task === 'lab') {
	process.exitCode = await runLab(parseArguments(process.argv.slice(2)).flags);
} else {
	const lab = await startLabProcess({
		agents: 1,
		faults: [],
		speed: 300,
		linger: Number(linger),
		...(http !== undefined && {http}),
	});
	process.stdout.write(`${JSON.stringify(lab.inventory)}\n`);
	if (task === 'release') {
		lab.release();
	} else if (task === 'stop') {
		await lab.stop();
	} else {
		process.stdin.resume();
	}
}
