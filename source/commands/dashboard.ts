import {appearanceOf} from '../config/appearance.ts';
import type {RunId} from '../domain/run-event.ts';
import {type ExitCode, type Failure, exitCodes} from '../domain/user-error.ts';
import {runDashboard} from '../ui/run-dashboard.tsx';
import {DashboardSession, type Opening} from './dashboard-session.ts';
import {describeFailure} from './describe-error.ts';
import {hasFlag, positionals} from './flags.ts';
import {tellingErrors} from './telling-errors.ts';

/**
 * Opens the dashboard on a terminal and answers when it was left. The arguments are looked at in earnest while the
 * first frame stands already; what is wrong with them ends it again.
 */
export function dashboardCommand(argv: readonly string[]): Promise<ExitCode> {
	return tellingErrors(argv, () => showDashboard(argv));
}

async function showDashboard(argv: readonly string[]): Promise<ExitCode> {
	const notices: Failure[] = [];
	const session = new DashboardSession(signal => opening(argv, signal, notice => notices.push(notice)));
	let goesOn: RunId | undefined;
	try {
		await runDashboard({
			ports: session.ports,
			appearance: appearanceOf(process.env, hasFlag(argv, 'ascii'), process.platform),
			stdin: process.stdin,
			stdout: process.stdout,
			signal: session.failed,
		});
	} finally {
		goesOn = await session.close();
		// Nobody could have read them on the screen.
		for (const notice of notices) {
			process.stderr.write(`dms-upgrade: ${describeFailure(notice)}\n`);
		}
	}

	session.failed.throwIfAborted();
	if (goesOn !== undefined) {
		process.stdout.write(
			`Run ${goesOn} goes on in its own process.\n  → dms-upgrade attach ${goesOn} comes back to it.\n`,
		);
	}

	return exitCodes.done;
}

async function opening(
	argv: readonly string[],
	signal: AbortSignal,
	notice: (failure: Failure) => void,
): Promise<Opening> {
	const {clusterSourceOf, findRun, inventoryOf, openJournal, parseArguments, sourceOf} =
		await import('./dashboard-operations.ts');
	const {flags} = parseArguments(argv);
	const [command, run] = positionals(argv);
	const journal = await openJournal(notice);
	try {
		if (command === 'attach') {
			const asked = findRun(journal, run).run;
			return {journal, run: asked, source: sourceOf(inventoryOf(journal, asked))};
		}

		return {journal, source: await clusterSourceOf(flags, signal)};
	} catch (error) {
		journal.close();
		throw error;
	}
}
