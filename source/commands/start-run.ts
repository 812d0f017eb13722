import {randomBytes} from 'node:crypto';
import {hostname, userInfo} from 'node:os';
import type {UpgradePlan} from '../domain/plan.ts';
import type {Operator, RunId, RunOutcome} from '../domain/run-event.ts';
import type {Journal} from '../journal/journal.ts';
import {MemoryJournal} from '../journal/memory-journal.ts';
import {carryOut} from '../orchestration/carry-out.ts';
import type {ClusterSession} from './cluster-session.ts';
import {prepareRunPackage} from './run-package.ts';
import {systemClock} from './system-clock.ts';

export interface StartedRun {
	readonly journal: Journal;
	/** Resolves when the run is over. Rejects only when its journal fails. */
	readonly ended: Promise<RunOutcome>;
}

/** Makes the package ready and begins to carry the plan out. Rejects with a `UserError` before anything was begun. */
export async function startRun(
	session: ClusterSession,
	plan: UpgradePlan,
	packagePath: string,
): Promise<StartedRun> {
	const prepared = await prepareRunPackage(packagePath);
	const journal = new MemoryJournal(systemClock);
	const ended = carryOut({
		run: newRunId(systemClock.now()),
		plan,
		file: prepared.file,
		prerequisites: prepared.prerequisites,
		connections: session.connections,
		operator: currentOperator(),
		journal,
		clock: systemClock,
		limits: session.limits,
	}).finally(() =>
		// Temporary files that stay behind change nothing about how the run went.
		prepared.dispose().catch(() => undefined),
	);
	// Whoever waits for the end is told; until somebody does, this must not end the process.
	ended.catch(() => undefined);
	return {journal, ended};
}

export function currentOperator(): Operator {
	return {user: userInfo().username, host: hostname()};
}

/** Sorts by time and is a plain file name: `20260112-153000-9f3c`. */
function newRunId(now: number): RunId {
	const [date = '', time = ''] = new Date(now).toISOString().replaceAll(/[-:]/g, '').slice(0, 15).split('T');
	return `${date}-${time}-${randomBytes(2).toString('hex')}`;
}
