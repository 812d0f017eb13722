import type {Prompts} from '../agent/prompts.ts';
import {type TerminalAppearance, appearanceOf} from '../config/appearance.ts';
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

/** The first frame comes before it is known whether there is something to ask. */
async function showDashboard(argv: readonly string[]): Promise<ExitCode> {
	const appearance = appearanceOf(process.env, hasFlag(argv, 'ascii'), process.platform);
	try {
		return await showCluster(argv, appearance);
	} catch (error) {
		const {SeveralClustersError} = await import('./dashboard-operations.ts');
		if (!(error instanceof SeveralClustersError)) {
			throw error;
		}

		const {chooseCluster} = await import('../ui/choose-cluster.tsx');
		const {stdin, stdout} = process;
		const cluster = await chooseCluster({options: error.options, appearance, stdin, stdout});
		return cluster === undefined ? exitCodes.done : showCluster(argv, appearance, cluster);
	}
}

async function showCluster(
	argv: readonly string[],
	appearance: TerminalAppearance,
	cluster?: string,
): Promise<ExitCode> {
	const notices: Failure[] = [];
	const session = new DashboardSession((signal, prompts) =>
		opening(argv, {signal, prompts, notice: failure => notices.push(failure), cluster}),
	);
	let goesOn: RunId | undefined;
	try {
		await runDashboard({
			ports: session.ports,
			appearance,
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

interface OpeningOptions {
	readonly signal: AbortSignal;
	readonly prompts: Prompts;
	/** Told what is no failure of the whole; it is shown when the screen was left. */
	readonly notice: (failure: Failure) => void;
	/** The one that was chosen in the menu. */
	readonly cluster: string | undefined;
}

async function opening(
	argv: readonly string[],
	{signal, prompts, notice, cluster}: OpeningOptions,
): Promise<Opening> {
	const {SshAccess, clusterSourceOf, findRun, inventoryOf, openJournal, parseArguments, sourceOf} =
		await import('./dashboard-operations.ts');
	const {flags} = parseArguments(argv);
	const [command, run] = positionals(argv);
	const access = new SshAccess({prompts, notice, acceptNewHostKeys: flags.acceptNewHostKeys === true});
	const journal = await openJournal(notice);
	try {
		if (command === 'attach') {
			const asked = findRun(journal, run).run;
			return {journal, access, run: asked, source: sourceOf(inventoryOf(journal, asked))};
		}

		const asked = cluster === undefined ? flags : {...flags, cluster};
		// Whoever looks at the dashboard is asked there.
		return {
			journal,
			access,
			source: await clusterSourceOf(asked, signal, () => Promise.resolve(undefined)),
		};
	} catch (error) {
		journal.close();
		throw error;
	}
}
