import type {AgentSurvey} from '../domain/agent-survey.ts';
import type {AgentContext} from './agent-context.ts';
import {AgentError} from './connection.ts';
import {hostName} from './identify.ts';
import {orUnknown} from './or-unknown.ts';
import {probePorts} from './port-probe.ts';
import {surveySettings} from './survey-files.ts';
import {askClock, surveyWindows} from './survey-windows.ts';
import {findTaskbarUtility} from './taskbar-utility.ts';

/**
 * A closer look at an Agent, for readiness: queries, files that are read, and connections to the ports of the other
 * Agents that are closed again. Nothing is changed. Rejects where the connection to the Agent is lost.
 */
export async function surveyAgent(context: AgentContext, signal?: AbortSignal): Promise<AgentSurvey> {
	const name = await orUnknown(hostName(context, signal));
	// The connection is open now, and no other program runs that would make the clock's answer late.
	const clock = await askClock(context, signal);
	const settings = surveySettings(context, signal);
	const [windows, facts, ports, taskbarUtility] = await Promise.all([
		surveyWindows(context, signal),
		settings,
		settings.then(({members = []}) =>
			probePorts(
				context,
				members.filter(address => address !== context.machine.address),
				signal,
			),
		),
		orUnknown(hasTaskbarUtility(context)),
	]);
	return {
		...(name !== undefined && {hostName: name}),
		...(clock && {clock}),
		...windows,
		...facts,
		...(ports && {ports}),
		...(taskbarUtility !== undefined && {taskbarUtility}),
	};
}

async function hasTaskbarUtility(context: AgentContext): Promise<boolean> {
	try {
		await findTaskbarUtility(context);
		return true;
	} catch (error) {
		if (error instanceof AgentError) {
			return false;
		}

		throw error;
	}
}
