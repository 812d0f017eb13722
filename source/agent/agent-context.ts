import type {AgentId} from '../domain/agent.ts';
import type {Clock} from '../domain/clock.ts';
import {visibleText} from '../domain/text.ts';
import type {AgentPaths, AgentSettings} from './agent-settings.ts';
import {AgentError} from './connection.ts';
import type {Machine, ProgramCall, ProgramResult, RunOptions} from './machine.ts';

/** What every operation on an Agent works with. */
export interface AgentContext {
	readonly agent: AgentId;
	readonly machine: Machine;
	readonly settings: AgentSettings;
	readonly paths: AgentPaths;
	readonly clock: Clock;
}

/** Runs a program whose exit code other than 0 is a failure of the Agent. */
export async function runOrFail(
	{agent, machine}: AgentContext,
	call: ProgramCall,
	failure: {readonly code: string; readonly what: string; readonly nextSteps: readonly string[]},
	options: RunOptions,
): Promise<ProgramResult> {
	const result = await machine.run(call, options);
	if (result.exitCode !== 0) {
		throw new AgentError(agent, failure.code, `${failure.what}: ${saidBy(call, result)}.`, failure.nextSteps);
	}

	return result;
}

/** What a program said when it failed, in one line: `sc.exe ended with 5 (Access is denied.)`. */
export function saidBy({program}: ProgramCall, {exitCode, stdout, stderr}: ProgramResult): string {
	const words = `${stderr.trim()} ${stdout.trim()}`.trim().replaceAll(/\s+/g, ' ');
	const name = program.slice(program.lastIndexOf('\\') + 1);
	return `${name} ended with ${exitCode}${words === '' ? '' : ` (${visibleText(words, 300)})`}`;
}
