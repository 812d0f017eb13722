/**
 * Lets processes race for the locks of Agents over SSH, and says how often one held a lock that another one held too:
 * never, or this fails. Then kills holders of locks, and says how long it takes others to take them over.
 * Run: npm run races [how many]
 */
import {rm} from 'node:fs/promises';
import {defaultRunLimits} from '../../source/orchestration/run-limits.ts';
import {startLab} from '../../source/lab/lab.ts';
import {raceForLocks, takeOverFromKilled} from '../support/lock-races.ts';

const mostMs = 35_000;
const processes = 4;
const races = Number(process.argv[2] ?? 1000);
const lab = await startLab({agents: 8, pairs: 0, fillerBytes: 1024});
try {
	const start = performance.now();
	const tally = await raceForLocks(lab, processes, {
		races,
		takeoverEvery: 5,
		killEvery: 16,
		random: limit => Math.floor(Math.random() * limit),
		onRace: done => done % 100 === 0 && console.log(`${done} of ${races}`),
	});
	console.log(
		`${tally.races} races of ${processes} processes and more in ${((performance.now() - start) / 1000).toFixed(0)} s, ${tally.contenders} times somebody wanted a lock; ` +
			`${tally.takeovers} races for a lock that was left behind, ${tally.killed} with a process killed in it: ${tally.wrong.length} things wrong`,
	);
	for (const what of tally.wrong) {
		console.log(what);
	}

	const {lockStale: staleMs, lockPoll: pollMs, lockRenewal} = defaultRunLimits;
	const took = await takeOverFromKilled(lab, {staleMs, pollMs, takeOver: true}, lockRenewal);
	const longest = Math.max(...took);
	console.log(
		`locks of a killed process taken over after at most ${(longest / 1000).toFixed(1)} s (${took.length} of them; aim ${mostMs / 1000} s)`,
	);
	process.exitCode = tally.wrong.length === 0 && longest <= mostMs ? 0 : 1;
} finally {
	await lab.stop();
	await rm(lab.folder, {recursive: true, force: true});
}
