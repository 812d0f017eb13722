import {createInterface} from 'node:readline/promises';
import type {FailoverRole} from '../domain/agent.ts';
import {failoverPairs} from '../domain/cluster.ts';
import {type UpgradePlan, type UpgradeRequest, planUpgrade} from '../domain/plan.ts';
import {type Failure, type ExitCode, UserError, exitCodes} from '../domain/user-error.ts';
import {type Arguments, failoverPolicyOf, labOptionsOf, upgradeOptionsOf} from './arguments.ts';
import {type ClusterSession, openCluster, switchOverRefusal} from './cluster-session.ts';
import {type LabProcess, startLabProcess} from './lab-process.ts';
import {describeError} from './describe-error.ts';
import {planText} from './plan-text.ts';
import {inspectPackage} from './run-package.ts';
import {exitCodeOf, writeRun} from './run-output.ts';
import {type StartedRun, currentOperator, startRun} from './start-run.ts';
import {UsageError} from './usage-error.ts';

type Flags = Arguments['flags'];

/** `upgrade` and `upload`: plan, ask, carry out, and write down what happens. */
export async function upgradeCommand(
	goal: UpgradeRequest['goal'],
	packagePath: string,
	flags: Flags,
): Promise<ExitCode> {
	const request = {
		goal,
		options: upgradeOptionsOf(flags.option ?? []),
		policy: failoverPolicyOf(flags.failoverPolicy),
		agents: flags.agent && flags.agent.length > 0 ? flags.agent : ('all' as const),
		package: await inspectPackage(packagePath),
	};
	const lab = await startLab(flags);
	try {
		const session = await openCluster(lab.inventory);
		try {
			return await planAndRun(session, request, packagePath, flags);
		} finally {
			await session.close();
		}
	} finally {
		await lab.stop();
	}
}

function startLab(flags: Flags): Promise<LabProcess> {
	const lab = labOptionsOf(flags);
	if (!lab) {
		throw new UsageError('There is no cluster to upgrade: this version knows practice clusters only.', [
			'Add --lab to practise on a simulated cluster.',
		]);
	}

	return startLabProcess(lab);
}

async function planAndRun(
	session: ClusterSession,
	request: UpgradeRequest,
	packagePath: string,
	flags: Flags,
): Promise<ExitCode> {
	const plan = await makePlan(session, request);
	const json = flags.json === true;
	if (flags.plan) {
		process.stdout.write(json ? `${JSON.stringify(plan)}\n` : planText(plan));
		return exitCodes.done;
	}

	if (!json) {
		process.stdout.write(`${planText(plan)}\n`);
	}

	if (!flags.yes && !(await confirmed(plan))) {
		process.stderr.write('Nothing was done.\n');
		return exitCodes.stopped;
	}

	return follow(await startRun(session, plan, packagePath), json);
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
	if (!process.stdin.isTTY || !process.stderr.isTTY) {
		throw new UsageError('There is nobody to ask whether to begin.', [
			'Add --yes to begin without being asked.',
		]);
	}

	const questions = createInterface({input: process.stdin, output: process.stderr});
	try {
		const answer = await questions.question(
			`Type the name of the cluster (${cluster}) to begin the ${goal}: `,
		);
		return answer.trim() === cluster;
	} finally {
		questions.close();
	}
}

async function follow({journal, ended}: StartedRun, json: boolean): Promise<ExitCode> {
	const signals = ['SIGINT', 'SIGTERM'] as const;
	// A terminal that went away is nobody's wish to stop: half of a cluster on each version would be the result.
	const onHangUp = () => undefined;
	process.on('SIGHUP', onHangUp);
	let asked = false;
	const onSignal = () => {
		if (asked) {
			process.stderr.write('\nLeft. What was launched goes on on its Agent, and is not followed any more.\n');
			process.exit(exitCodes.unknown);
		}

		asked = true;
		process.stderr.write(
			'\nStopping: nothing new is started; what was launched is followed to its end. Once more leaves at once.\n',
		);
		journal.request({kind: 'stop', operator: currentOperator()}).catch(() => undefined);
	};
	for (const signal of signals) {
		process.on(signal, onSignal);
	}

	const stopWriting = writeRun(journal, json, text => void process.stdout.write(text));
	try {
		return exitCodeOf(await ended);
	} catch (error) {
		if (!journal.read(0).some(({type}) => type === 'launch.started')) {
			throw error;
		}

		process.stderr.write(describeError(error, json));
		return exitCodes.unknown;
	} finally {
		stopWriting();
		process.off('SIGHUP', onHangUp);
		for (const signal of signals) {
			process.off(signal, onSignal);
		}
	}
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
