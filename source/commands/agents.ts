import type {Inventory} from '../config/inventory.ts';
import {type ExitCode, UserError, exitCodes} from '../domain/user-error.ts';
import {type AskingOptions, askAgents} from '../orchestration/ask-agents.ts';
import {agentsJson, formatAgentsReport} from './agents-report.ts';
import type {Arguments} from './arguments.ts';
import {openCluster} from './cluster-session.ts';
import {clusterSourceOf} from './cluster-source.ts';
import {runDiscovery} from './discover.ts';
import {progressLine} from './progress-line.ts';
import {SshAccess} from './ssh-access.ts';
import {terminalAccess} from './terminal-prompts.ts';
import {untilStopped} from './until-stopped.ts';
import {UsageError} from './usage-error.ts';

export interface AgentsOptions extends Pick<AskingOptions, 'limit' | 'signal'> {
	/** One JSON object instead of text. */
	readonly json: boolean;
	readonly write: (text: string) => void;
	/** Told whenever an Agent has answered: one line, that takes the place of the line before. Empty at the end. */
	readonly progress?: (text: string) => void;
	readonly access?: SshAccess;
}

/** `dms-upgrade agents`, as the command line asks for it. */
export async function runAgents(flags: Arguments['flags']): Promise<ExitCode> {
	const stopping = untilStopped();
	try {
		return await (flags.discover === undefined && flags.discoverWeb === undefined
			? lookAtAgents(flags, stopping.signal)
			: runDiscovery(flags, stopping.signal));
	} catch (error) {
		throw stopping.signal.aborted ? new AskingStoppedError() : error;
	} finally {
		stopping.forget();
	}
}

async function lookAtAgents(flags: Arguments['flags'], signal: AbortSignal): Promise<ExitCode> {
	for (const name of ['write', 'identityFile', 'hostKey', 'tokenFile'] as const) {
		if (flags[name] !== undefined) {
			const flag = name.replaceAll(/[A-Z]/g, letter => `-${letter.toLowerCase()}`);
			throw new UsageError(`--${flag} goes with --discover HOST only.`);
		}
	}

	const source = await clusterSourceOf(flags, signal);
	try {
		return await agentsCommand(source.inventory, {
			json: flags.json === true,
			write: text => void process.stdout.write(text),
			progress: progressLine.show,
			access: terminalAccess(flags),
			signal,
		});
	} finally {
		await source.close(false);
	}
}

/**
 * Asks all Agents of a cluster who they are and how they do, and prints it. Nothing is changed on any of them. Exit
 * code *unreachable* where one of them did not answer.
 */
export async function agentsCommand(inventory: Inventory, options: AgentsOptions): Promise<ExitCode> {
	const {json, write, progress, signal, limit, access = new SshAccess()} = options;
	const session = await openCluster(inventory, access);
	const {cluster, connections} = session;
	try {
		const tell = (answered: number) => progress?.(`Asking the Agents: ${answered} of ${connections.size}`);
		tell(0);
		const replies = await askAgents({
			connections,
			clock: access.clock,
			onReply: tell,
			...(signal && {signal}),
			...(limit !== undefined && {limit}),
		});
		progress?.('');
		const report = {cluster, replies};
		write(json ? `${JSON.stringify(agentsJson(report), null, 2)}\n` : formatAgentsReport(report));
		return [...replies.values()].some(reply => 'failure' in reply) ? exitCodes.unreachable : exitCodes.done;
	} finally {
		progress?.('');
		await session.close();
	}
}

class AskingStoppedError extends UserError {
	readonly code = 'ASKING_STOPPED';
	override readonly exitCode = exitCodes.stopped;
	readonly nextSteps = ['Ask again when you want to know.'];
	constructor() {
		super('The Agents were not asked to the end. Nothing was changed.');
	}
}
