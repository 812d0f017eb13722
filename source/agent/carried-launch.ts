import type {AgentContext} from './agent-context.ts';
import {isRunningDetached} from './direct-launch.ts';
import type {LaunchFacts} from './launch-receipt.ts';
import {launchFolder, queryTask} from './upgrade-task.ts';

/** What became of the program that carries a launch; `result` is missing where nobody keeps it. */
export type CarriedLaunch =
	{readonly state: 'never run' | 'running'} | {readonly state: 'ended'; readonly result?: number};

/** Undefined where nothing on this Agent carries it. */
export async function carriedLaunch(
	context: AgentContext,
	facts: LaunchFacts,
	signal?: AbortSignal,
): Promise<CarriedLaunch | undefined> {
	if (facts.task !== undefined) {
		return queryTask(context, facts.task, signal);
	}

	return facts.expected
		? undefined
		: {
				state: (await isRunningDetached(context, launchFolder(context, facts.run), signal))
					? 'running'
					: 'ended',
			};
}
