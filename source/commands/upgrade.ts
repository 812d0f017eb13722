import type {FailoverRole} from '../domain/agent.ts';
import type {Inventory} from '../config/inventory.ts';
import {failoverPairs} from '../domain/cluster.ts';
import {type UpgradePlan, type UpgradeRequest, planUpgrade} from '../domain/plan.ts';
import type {RunId} from '../domain/run-event.ts';
import {type Failure, type ExitCode, UserError, exitCodes} from '../domain/user-error.ts';
import type {RunJournal, RunSummary} from '../journal/run-journal.ts';
import {sha256OfFile} from '../package/file-hash.ts';
import {type Arguments, bandwidthOf, failoverPolicyOf, launchWayOf, upgradeOptionsOf} from './arguments.ts';
import {answerTo, isAgreed, isAnybodyThere} from './asking.ts';
import {RunOpenError, openRun, refuseCompleted} from './cluster-history.ts';
import {type ClusterSession, openCluster, switchOverRefusal} from './cluster-session.ts';
import {clusterSourceOf} from './cluster-source.ts';
import {followToExit} from './follow-run.ts';
import {answersForRunner} from './answers-for-runner.ts';
import {lookFirst} from './look-first.ts';
import {openJournal, tellOnStderr} from './open-journal.ts';
import {planText} from './plan-text.ts';
import {inspectPackage} from './run-package.ts';
import {startRun, takeUpRun} from './start-run.ts';
import type {SshAccess} from './ssh-access.ts';
import {terminalAccess} from './terminal-prompts.ts';
import {UsageError} from './usage-error.ts';

type Flags = Arguments['flags'];

/** `upgrade` and `upload`: plan, ask, begin a run, and write down what happens. */
export async function upgradeCommand(
	goal: UpgradeRequest['goal'],
	packagePath: string,
	flags: Flags,
): Promise<ExitCode> {
	const bandwidth = bandwidthOf(flags.bandwidth);
	const request = {
		goal,
		options: upgradeOptionsOf(flags.option ?? []),
		policy: failoverPolicyOf(flags.failoverPolicy),
		launch: launchWayOf(flags.launch),
		...(bandwidth !== undefined && {bandwidth}),
		agents: flags.agent && flags.agent.length > 0 ? flags.agent : ('all' as const),
		package: await inspectPackage(packagePath),
	};
	const source = await clusterSourceOf(flags);
	const access = terminalAccess(flags);
	let stillUsed = false;
	try {
		const plan = await planOn(source.inventory, request, access);
		if (flags.plan) {
			process.stdout.write(flags.json ? `${JSON.stringify(plan)}\n` : planText(plan));
			return exitCodes.done;
		}

		const journal = await openJournal(tellOnStderr(flags.json === true));
		try {
			const run = await begin(journal, {inventory: source.inventory, plan, packagePath, flags, access});
			if (run === undefined) {
				process.stderr.write('Nothing was done.\n');
				return exitCodes.stopped;
			}

			const exitCode = flags.detach
				? detached(run, flags)
				: await followToExit(journal, run, {json: flags.json === true});
			stillUsed = journal.summary(run).standing === 'going on';
			return exitCode;
		} finally {
			journal.close();
		}
	} finally {
		await source.close(stillUsed);
	}
}

async function planOn(
	inventory: Inventory,
	request: UpgradeRequest,
	access: SshAccess,
): Promise<UpgradePlan> {
	const session = await openCluster(inventory, access);
	try {
		return await makePlan(session, request);
	} finally {
		await session.close();
	}
}

interface Beginning {
	readonly inventory: Inventory;
	readonly plan: UpgradePlan;
	readonly packagePath: string;
	readonly flags: Flags;
	readonly access: SshAccess;
}

/** Answers the run that was begun or gone on with; undefined when the operator did not want it. */
async function begin(
	journal: RunJournal,
	{inventory, plan, packagePath, flags, access}: Beginning,
): Promise<RunId | undefined> {
	const open = openRun(journal, inventory);
	if (open) {
		return goOnWith(journal, open, packagePath, flags, access);
	}

	const asking = {json: flags.json === true, yes: flags.yes === true};
	if (!asking.yes && !isAnybodyThere()) {
		throw new UsageError('There is nobody to ask whether to begin.', [
			'Add --yes to begin without being asked.',
		]);
	}

	if (!asking.json) {
		process.stdout.write(`${planText(plan)}\n`);
	}

	// What is refused anyway is refused before anybody is asked anything.
	refuseCompleted(journal, inventory, plan, await sha256OfFile(packagePath));
	const acknowledged = await lookFirst(inventory, plan, {...asking, access});
	if (!acknowledged || !(asking.yes || (await confirmed(plan)))) {
		return undefined;
	}

	const takeOverLocks = flags.takeOverLock === true;
	return startRun(journal, {
		plan,
		packagePath,
		inventory,
		takeOverLocks,
		acknowledged,
		handover: access.handover,
	});
}

/** A run of this cluster is not over: the same one can be gone on with, if the operator wants that. */
async function goOnWith(
	journal: RunJournal,
	open: RunSummary,
	packagePath: string,
	flags: Flags,
	access: SshAccess,
): Promise<RunId | undefined> {
	const refusal = new RunOpenError(open);
	const same = open.standing !== 'going on' && (await sha256OfFile(packagePath)) === open.packageSha256;
	if (!same || flags.yes || !isAnybodyThere()) {
		throw refusal;
	}

	process.stderr.write(`${refusal.message}\n`);
	if (!(await isAgreed('Go on with that run now?'))) {
		return undefined;
	}

	await takeUpRun(journal, open.run, 'retry', {handover: await answersForRunner(journal, open.run, access)});
	return open.run;
}

function detached(run: RunId, {json}: Flags): ExitCode {
	process.stdout.write(
		json
			? `${JSON.stringify({run})}\n`
			: `Run ${run} goes on in its own process.\n  → dms-upgrade attach ${run} follows it.\n`,
	);
	return exitCodes.done;
}

async function makePlan(session: ClusterSession, request: UpgradeRequest): Promise<UpgradePlan> {
	const refusal = switchOverRefusal(session);
	const result = planUpgrade(session.cluster, await askRoles(session), {
		...request,
		...(refusal && {switchOverRefusal: refusal}),
	});
	if ('refusals' in result) {
		throw new PlanRefusedError(result.refusals);
	}

	return result.plan;
}

async function askRoles({cluster, connections}: ClusterSession): Promise<Map<string, FailoverRole>> {
	const roles = await Promise.all(
		failoverPairs(cluster)
			.flat()
			.map(async (id): Promise<[string, FailoverRole]> => {
				try {
					return [id, (await connections.get(id)?.status())?.role ?? 'unknown'];
				} catch (error) {
					if (!(error instanceof UserError)) {
						throw error;
					}

					// Whether that matters is for the plan and for readiness to say.
					return [id, 'unknown'];
				}
			}),
	);
	return new Map(roles);
}

async function confirmed({cluster, goal}: UpgradePlan): Promise<boolean> {
	return (await answerTo(`Type the name of the cluster (${cluster}) to begin the ${goal}: `)) === cluster;
}

/** The request cannot be planned; nothing was done. */
export class PlanRefusedError extends UserError {
	readonly code: string;
	readonly nextSteps: readonly string[];
	override readonly exitCode: ExitCode;
	constructor(readonly refusals: readonly Failure[]) {
		super(refusals.map(({message}) => message).join(' '));
		this.code = refusals[0]?.code ?? 'PLAN_REFUSED';
		this.nextSteps = [...new Set(refusals.flatMap(({nextSteps}) => nextSteps))];
		// Naming Agents that are not there is wrong use; everything else is a check that says no.
		this.exitCode = refusals.every(({code}) => code === 'UNKNOWN_AGENT' || code === 'HALF_A_PAIR')
			? exitCodes.wrongUse
			: exitCodes.blocked;
	}
}
