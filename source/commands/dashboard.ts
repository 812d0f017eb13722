import {appearanceOf} from '../config/appearance.ts';
import {type ExitCode, exitCodes} from '../domain/user-error.ts';
import {runDashboard} from '../ui/run-dashboard.tsx';
import {DashboardSession} from './dashboard-session.ts';
import {hasFlag} from './flags.ts';
import type {LabProcessOptions} from './lab-process.ts';
import {tellingErrors} from './telling-errors.ts';
import {UsageError} from './usage-error.ts';

/**
 * Opens the dashboard on a terminal and answers when it was left. The arguments are looked at in earnest while the
 * first frame stands already; what is wrong with them ends it again.
 */
export function dashboardCommand(argv: readonly string[]): Promise<ExitCode> {
	return tellingErrors(argv, () => showDashboard(argv));
}

async function showDashboard(argv: readonly string[]): Promise<ExitCode> {
	const session = new DashboardSession(() => labOf(argv));
	try {
		await runDashboard({
			ports: session.ports,
			appearance: appearanceOf(process.env, hasFlag(argv, 'ascii'), process.platform),
			stdin: process.stdin,
			stdout: process.stdout,
			signal: session.failed,
		});
	} finally {
		await session.close();
	}

	session.failed.throwIfAborted();
	return exitCodes.done;
}

async function labOf(argv: readonly string[]): Promise<LabProcessOptions> {
	const {labOptionsOf, parseArguments} = await import('./dashboard-operations.ts');
	const lab = labOptionsOf(parseArguments(argv).flags);
	if (!lab) {
		throw new UsageError('There is no cluster to show: this version knows practice clusters only.', [
			'dms-upgrade --lab opens the dashboard on a simulated cluster.',
		]);
	}

	return lab;
}
