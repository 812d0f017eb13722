import {randomBytes} from 'node:crypto';
import type {Inventory} from '../config/inventory.ts';
import {type OrderingPolicy, assumedDefaultPolicy} from '../domain/failover-policy.ts';
import type {PackageFacts} from '../domain/package-facts.ts';
import {verdictOf} from '../domain/readiness.ts';
import {type ExitCode, UserError, exitCodes} from '../domain/user-error.ts';
import {type LookView, ReadinessLook} from '../orchestration/readiness-look.ts';
import {type Arguments, failoverPolicyOf} from './arguments.ts';
import {checkJson, formatCheckReport} from './check-report.ts';
import {type ClusterSession, openCluster} from './cluster-session.ts';
import {clusterSourceOf} from './cluster-source.ts';
import {progressLine} from './progress-line.ts';
import {type PreparedPackage, inspectPackage, prepareRunPackage} from './run-package.ts';
import type {SshAccess} from './ssh-access.ts';
import {systemClock} from './system-clock.ts';
import {terminalAccess} from './terminal-prompts.ts';
import {untilStopped} from './until-stopped.ts';
import {UsageError} from './usage-error.ts';

export interface CheckOptions {
	/** One JSON object instead of text. */
	readonly json: boolean;
	readonly write: (text: string) => void;
	/** Runs the prerequisites of the package on the Agents, too; nothing of them is left there. */
	readonly prerequisites: boolean;
	/** Only these Agents. Default: all in the cluster. */
	readonly agents?: readonly string[];
	readonly policy?: OrderingPolicy;
	/** Told whenever an Agent has answered: one line, that takes the place of the line before. Empty at the end. */
	readonly progress?: (text: string) => void;
	readonly access?: SshAccess;
	readonly signal?: AbortSignal;
}

/** `dms-upgrade check PACKAGE`, as the command line asks for it. */
export async function runCheck(packagePath: string, flags: Arguments['flags']): Promise<ExitCode> {
	const policy = failoverPolicyOf(flags.failoverPolicy);
	const facts = await inspectPackage(packagePath);
	const stopping = untilStopped();
	try {
		const source = await clusterSourceOf(flags, stopping.signal);
		try {
			return await checkCluster(source.inventory, packagePath, facts, {
				json: flags.json === true,
				write: text => void process.stdout.write(text),
				prerequisites: flags.prerequisites === true,
				...(flags.agent && flags.agent.length > 0 && {agents: flags.agent}),
				policy: policy === 'UseDefault' ? assumedDefaultPolicy : policy,
				progress: progressLine.show,
				access: terminalAccess(flags),
				signal: stopping.signal,
			});
		} finally {
			await source.close(false);
		}
	} catch (error) {
		throw stopping.signal.aborted ? new CheckStoppedError() : error;
	} finally {
		stopping.forget();
	}
}

/**
 * Looks at all Agents of a cluster and prints whether they are ready for a package. Nothing is changed on any of them.
 * Exit code *blocked* where something says that an upgrade must not begin.
 */
export async function checkCluster(
	inventory: Inventory,
	packagePath: string,
	facts: PackageFacts,
	options: CheckOptions,
): Promise<ExitCode> {
	const {json, write, agents, policy, progress, signal, access} = options;
	const session = await openCluster(inventory, access);
	let prepared: PreparedPackage | undefined;
	try {
		refuseStrangers(session, agents);
		prepared = options.prerequisites ? await prepareRunPackage(packagePath) : undefined;
		const look = new ReadinessLook({
			cluster: session.cluster,
			connections: session.connections,
			package: facts,
			clock: systemClock,
			...(agents && {agents}),
			...(policy && {policy}),
			...(prepared && {
				ahead: {
					tests: prepared.prerequisites,
					timeoutMs: session.limits.prerequisite,
					temporaryFolder: `check-${randomBytes(8).toString('hex')}`,
				},
			}),
		});
		const tell = () => progress?.(progressText(look.current()));
		look.subscribe(tell);
		tell();
		const readiness = await look.run(signal);
		progress?.('');
		const report = {cluster: session.cluster, package: facts, readiness};
		write(json ? `${JSON.stringify(checkJson(report), null, 2)}\n` : formatCheckReport(report));
		return verdictOf(readiness) === 'block' ? exitCodes.blocked : exitCodes.done;
	} finally {
		progress?.('');
		await prepared?.dispose();
		await session.close();
	}
}

/** How far a look has come, in a line. */
export function progressText({readiness, waitingFor}: LookView): string {
	const total = readiness.agents.size + waitingFor.length;
	return `Looking at the Agents: ${readiness.agents.size} of ${total}`;
}

function refuseStrangers({cluster}: ClusterSession, agents: readonly string[] = []): void {
	const unknown = agents.filter(name => !cluster.agents.some(({id}) => id === name));
	if (unknown.length > 0) {
		throw new UsageError(`There is no Agent ${unknown.join(', ')} in ${cluster.name}.`, [
			`Its Agents are ${cluster.agents.map(({id}) => id).join(', ')}.`,
		]);
	}
}

/** Nothing was changed, and what was copied for the prerequisites is removed again where the Agent still answers. */
class CheckStoppedError extends UserError {
	readonly code = 'CHECK_STOPPED';
	override readonly exitCode = exitCodes.stopped;
	readonly nextSteps = ['Check again when you want to know.'];
	constructor() {
		super('The check was stopped. Nothing was changed.');
	}
}
