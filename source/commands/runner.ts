import {randomUUID} from 'node:crypto';
import {hostname} from 'node:os';
import {parseInventory} from '../config/inventory-file.ts';
import type {RunId} from '../domain/run-event.ts';
import {emptyRunState, foldRun} from '../domain/run-state.ts';
import {type ExitCode, UserError, exitCodes} from '../domain/user-error.ts';
import {leaseRenewal, type RunSetup, type RunnerSeat} from '../journal/run-journal.ts';
import {carryOut, giveUp} from '../orchestration/carry-out.ts';
import type {RunInput} from '../orchestration/run-context.ts';
import {answeringFrom} from './answer-book.ts';
import {readHandover} from './read-handover.ts';
import {SshAccess} from './ssh-access.ts';
import {openCluster} from './cluster-session.ts';
import {firstWish} from './first-wish.ts';
import {openJournal, tellOnStderr} from './open-journal.ts';
import {type PreparedPackage, prepareRunPackage} from './run-package.ts';
import {forgetRunnerLog} from './spawn-runner.ts';
import {systemClock} from './system-clock.ts';

/**
 * Carries a run out in a process of its own, whoever looks on. Started by the commands and by the dashboard, never by
 * hand. A run with a history is taken up, tried once more or given up, as a request in its journal says.
 */
export async function runnerCommand(
	run: RunId,
	{task, answersOnStdin}: {readonly task: 'begin' | 'take up'; readonly answersOnStdin: boolean},
): Promise<ExitCode> {
	// A terminal that goes away, should there be one, is no reason to stop in the middle of a cluster.
	process.on('SIGHUP', () => undefined);
	process.title = `dms-upgrade runner ${run}`;
	const access = new SshAccess(
		answersOnStdin ? {prompts: answeringFrom(await readHandover(process.stdin))} : {},
	);
	const journal = await openJournal(tellOnStderr(false));
	const seat = journal.takeSeat(run, {token: randomUUID(), pid: process.pid, host: hostname()});
	const ended = new AbortController();
	const renewing = keepSeat(seat, ended.signal);
	try {
		await work(seat, journal.setup(run), task, access);
	} finally {
		ended.abort();
		await renewing;
		try {
			seat.leave();
		} finally {
			journal.close();
		}
	}

	await forgetRunnerLog(run);
	return exitCodes.done;
}

async function work(
	seat: RunnerSeat,
	setup: RunSetup,
	task: 'begin' | 'take up',
	access: SshAccess,
): Promise<void> {
	const wish = task === 'begin' ? undefined : await firstWish(seat, systemClock);
	if (task === 'take up' && !wish) {
		return;
	}

	const {outcome, endedBy} = foldRun(emptyRunState, seat.history);
	if (outcome === 'done' || endedBy) {
		throw new RunOverError(setup.run);
	}

	const session = await openCluster(parseInventory(setup.inventory, `of run ${setup.run}`), access);
	const opened: {package?: PreparedPackage} = {};
	const input: RunInput = {
		run: setup.run,
		plan: setup.plan,
		cluster: session.cluster,
		history: seat.history,
		openPackage: async () => (opened.package = await samePackage(setup)),
		connections: session.connections,
		operator: setup.operator,
		journal: seat,
		clock: systemClock,
		limits: session.limits,
		lockToken: randomUUID(),
		takeOverLocks: setup.takeOverLocks,
		acknowledged: setup.acknowledged,
	};
	try {
		await (wish?.kind === 'end' ? giveUp(input, wish.operator) : carryOut(input, wish));
	} finally {
		// Temporary files that stay behind change nothing about how the run went.
		await opened.package?.dispose().catch(() => undefined);
		await session.close();
	}
}

/** The package of the run, when it is still what the run was begun with. */
async function samePackage({run, packagePath, packageSha256}: RunSetup): Promise<PreparedPackage> {
	const prepared = await prepareRunPackage(packagePath);
	if (prepared.file.sha256 !== packageSha256) {
		await prepared.dispose();
		throw new PackageChangedError(run, packagePath);
	}

	return prepared;
}

/** Renews the lease until the end. One that was lost ends this process: another runner has taken its place. */
async function keepSeat(seat: RunnerSeat, ended: AbortSignal): Promise<void> {
	while (!ended.aborted) {
		try {
			await systemClock.sleep(leaseRenewal, ended);
		} catch {
			return;
		}

		try {
			seat.renew();
		} catch (error) {
			process.stderr.write(`dms-upgrade: ${error instanceof Error ? error.message : String(error)}\n`);
			if (error instanceof UserError && error.code === 'LEASE_LOST') {
				process.exit(exitCodes.unknown);
			}
		}
	}
}

/** The package file is another one than the run was begun with. */
class PackageChangedError extends UserError {
	readonly code = 'PACKAGE_CHANGED';
	override readonly exitCode = exitCodes.blocked;
	readonly nextSteps: readonly string[];
	constructor(run: RunId, file: string) {
		super(`${file} is not the package any more that run ${run} was begun with: its SHA-256 differs.`);
		this.nextSteps = [
			'Put the same package back at that place, then retry the run.',
			`Or give it up with dms-upgrade end ${run}, and begin with the other package.`,
		];
	}
}

/** There is nothing to go on with. */
export class RunOverError extends UserError {
	readonly code = 'RUN_OVER';
	override readonly exitCode = exitCodes.wrongUse;
	readonly nextSteps: readonly string[];
	constructor(run: RunId) {
		super(`Run ${run} is over: it ended well, or was given up.`);
		this.nextSteps = [`dms-upgrade attach ${run} shows it.`];
	}
}
