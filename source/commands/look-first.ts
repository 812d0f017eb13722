import type {Inventory} from '../config/inventory.ts';
import type {UpgradePlan} from '../domain/plan.ts';
import {
	type Acknowledgement,
	type ReadinessFinding,
	acknowledgementsOf,
	findingsOf,
	findingsToAcknowledge,
	refusesStart,
} from '../domain/readiness.ts';
import {type ExitCode, UserError, exitCodes} from '../domain/user-error.ts';
import {ReadinessLook} from '../orchestration/readiness-look.ts';
import {isAgreed, isAnybodyThere} from './asking.ts';
import {progressText} from './check.ts';
import {findingJson, formatFindings} from './check-report.ts';
import {openCluster} from './cluster-session.ts';
import {progressLine} from './progress-line.ts';
import type {SshAccess} from './ssh-access.ts';
import {systemClock} from './system-clock.ts';
import {UsageError} from './usage-error.ts';

interface AskOptions {
	/** JSON instead of text, also for what is told. */
	readonly json: boolean;
	/** Whoever began it takes responsibility without being asked. */
	readonly yes: boolean;
}

interface LookOptions extends AskOptions {
	readonly access?: SshAccess;
}

/**
 * Looks at the Agents of a plan before a run is created, as `check` does, and asks for what has to be acknowledged.
 * Answers what the operator takes responsibility for; undefined when he does not. Rejects with `NotReadyError` where
 * something must be put right first.
 */
export async function lookFirst(
	inventory: Inventory,
	plan: UpgradePlan,
	options: LookOptions,
): Promise<readonly Acknowledgement[] | undefined> {
	const session = await openCluster(inventory, options.access);
	try {
		const look = new ReadinessLook({
			cluster: session.cluster,
			agents: plan.agents,
			connections: session.connections,
			package: plan.package,
			policy: plan.policy,
			goal: plan.goal,
			clock: systemClock,
		});
		const tell = progressLine.show;
		look.subscribe(() => tell(progressText(look.current())));
		tell(progressText(look.current()));
		const readiness = await look.run().finally(() => tell(''));
		const refusing = findingsOf(readiness).filter(({check}) => refusesStart(check));
		if (refusing.length > 0) {
			if (!options.json) {
				process.stderr.write(formatFindings(refusing, plan.agents.length));
			}

			throw new NotReadyError(refusing);
		}

		return await askToAcknowledge(findingsToAcknowledge(readiness), plan.agents.length, options);
	} finally {
		await session.close();
	}
}

/**
 * Tells warnings and asks the operator whether he takes responsibility for them. With `yes` he does, and is told which
 * ones these are. `all`: how many Agents there are.
 */
export async function askToAcknowledge(
	warnings: readonly ReadinessFinding[],
	all: number,
	{json, yes}: AskOptions,
): Promise<readonly Acknowledgement[] | undefined> {
	if (warnings.length === 0) {
		return [];
	}

	const count = warnings.length === 1 ? 'a warning' : `${warnings.length} warnings`;
	if (json) {
		const told = {
			code: 'WARNINGS',
			message: `Readiness has ${count}.`,
			acknowledged: yes,
			warnings: warnings.map(findingJson),
		};
		process.stderr.write(`${JSON.stringify(told)}\n`);
	} else {
		process.stderr.write(`${formatFindings(warnings, all)}\n`);
	}

	if (yes) {
		if (!json) {
			process.stderr.write(`With --yes you take responsibility for ${count}.\n`);
		}

		return acknowledgementsOf(warnings);
	}

	if (!isAnybodyThere()) {
		throw new UsageError(`There is nobody to ask who takes responsibility for ${count}.`, [
			'Add --yes to acknowledge them without being asked.',
		]);
	}

	return (await isAgreed(`Do you take responsibility for ${count}?`))
		? acknowledgementsOf(warnings)
		: undefined;
}

/** Something must be put right before a run is begun; none was, and nothing was changed. */
export class NotReadyError extends UserError {
	readonly code: string;
	override readonly exitCode: ExitCode;
	readonly nextSteps: readonly string[];
	constructor(readonly findings: readonly ReadinessFinding[]) {
		const told = findings.map(
			({check: {title, evidence}, agents}) =>
				`${title}${agents.length > 0 ? ` (${agents.join(', ')})` : ''}: ${evidence}`,
		);
		super(`Not ready. ${told.join(' ')} Nothing was changed on any Agent.`);
		const away = findings.some(({check}) => check.id === 'reachable');
		this.code = away ? 'AGENTS_UNREACHABLE' : 'AGENTS_NOT_READY';
		this.exitCode = away ? exitCodes.unreachable : exitCodes.blocked;
		this.nextSteps = [...new Set(findings.map(({check}) => check.remedy))];
	}
}
