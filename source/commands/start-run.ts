import {randomBytes} from 'node:crypto';
import {hostname, userInfo} from 'node:os';
import path from 'node:path';
import type {Inventory} from '../config/inventory.ts';
import type {UpgradePlan} from '../domain/plan.ts';
import type {Acknowledgement} from '../domain/readiness.ts';
import type {Operator, RunId} from '../domain/run-event.ts';
import type {RunJournal} from '../journal/run-journal.ts';
import {sha256OfFile} from '../package/file-hash.ts';
import type {Handover} from './answer-book.ts';
import {refuseCompleted, refuseOpenRun} from './cluster-history.ts';
import {spawnRunner} from './spawn-runner.ts';
import {systemClock} from './system-clock.ts';

export interface RunOrder {
	readonly plan: UpgradePlan;
	readonly packagePath: string;
	readonly inventory: Inventory;
	/** Locks of other runs that nobody renews may be taken over. */
	readonly takeOverLocks: boolean;
	/** The warnings that the operator takes responsibility for. */
	readonly acknowledged: readonly Acknowledgement[];
	/** What was answered on the way to the Agents, for the runner. */
	readonly handover?: Handover | undefined;
}

/**
 * Begins to carry a plan out, in a process of its own, and answers the run's id. Rejects with a `UserError` before
 * anything was begun, and with `RunnerFailedError` when that process could not begin.
 */
export async function startRun(journal: RunJournal, order: RunOrder): Promise<RunId> {
	const {plan, inventory, takeOverLocks, acknowledged} = order;
	refuseOpenRun(journal, inventory);
	const packagePath = path.resolve(order.packagePath);
	const packageSha256 = await sha256OfFile(packagePath);
	refuseCompleted(journal, inventory, plan, packageSha256);
	const run = newRunId(systemClock.now());
	const setup = {
		run,
		plan,
		operator: currentOperator(),
		packagePath,
		packageSha256,
		inventory,
		takeOverLocks,
		acknowledged,
	};
	// Reading a large package takes a while, in which somebody else may have begun.
	journal.create(setup, () => refuseOpenRun(journal, inventory));
	await spawnRunner(journal, run, {task: 'begin', handover: order.handover});
	return run;
}

/**
 * Goes on with an interrupted run, tries once more one that went wrong, or gives it up; `acknowledged`: the warnings that
 * the operator takes responsibility for besides those from before. Rejects with a `UserError`.
 */
export async function takeUpRun(
	journal: RunJournal,
	run: RunId,
	wish: 'retry' | 'end',
	{acknowledged = [], handover}: Partial<Pick<RunOrder, 'acknowledged' | 'handover'>> = {},
): Promise<void> {
	await journal.reader(run).request({
		kind: wish,
		operator: currentOperator(),
		...(acknowledged.length > 0 && {acknowledged}),
	});
	await spawnRunner(journal, run, {task: 'take up', handover});
}

export function stopRun(journal: RunJournal, run: RunId): Promise<void> {
	return journal.reader(run).request({kind: 'stop', operator: currentOperator()});
}

export function currentOperator(): Operator {
	return {user: userInfo().username, host: hostname()};
}

/** Sorts by time and is a plain file name: `20260112-153000-9f3c01d7`. */
function newRunId(now: number): RunId {
	const [date = '', time = ''] = new Date(now).toISOString().replaceAll(/[-:]/g, '').slice(0, 15).split('T');
	return `${date}-${time}-${randomBytes(4).toString('hex')}`;
}
