import {appearanceOf} from '../config/appearance.ts';
import type {ExitCode} from '../domain/user-error.ts';
import {exitCodes} from '../domain/user-error.ts';
import {runDashboard} from '../ui/run-dashboard.tsx';
import {type Arguments, labOptionsOf} from './arguments.ts';
import {DashboardSession} from './dashboard-session.ts';
import {UsageError} from './usage-error.ts';

/** Opens the dashboard and answers when it was left. `screen.splash` is taken over by it. */
export async function dashboardCommand(
	flags: Arguments['flags'],
	screen: {splash: boolean},
): Promise<ExitCode> {
	if (!screen.splash) {
		throw new UsageError('The dashboard needs a terminal, and this is none.', [
			'Without a terminal, use dms-upgrade upgrade, upload or inspect; --help shows how.',
		]);
	}

	const lab = labOptionsOf(flags);
	if (!lab) {
		throw new UsageError('There is no cluster to show: this version knows practice clusters only.', [
			'dms-upgrade --lab opens the dashboard on a simulated cluster.',
		]);
	}

	const session = new DashboardSession(lab);
	try {
		await runDashboard({
			ports: session.ports,
			appearance: appearanceOf(process.env, flags.ascii === true, process.platform),
			stdin: process.stdin,
			stdout: process.stdout,
			signal: session.failed,
		});
		// From here on the terminal is as it was found.
		screen.splash = false;
		session.failed.throwIfAborted();
	} finally {
		await session.close();
	}

	return exitCodes.done;
}
