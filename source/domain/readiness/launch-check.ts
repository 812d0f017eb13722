import type {AgentSurvey} from '../agent-survey.ts';
import type {ReadinessCheck} from './readiness-check.ts';

/** Whether the program that starts the upgrade on an Agent is there. */
export function launchProgram({taskbarUtility}: AgentSurvey): ReadinessCheck {
	return {
		id: 'taskbar-utility',
		title: 'Program that starts the upgrade',
		outcome: taskbarUtility === undefined ? 'unknown' : taskbarUtility ? 'pass' : 'block',
		evidence:
			taskbarUtility === undefined
				? 'Whether SLTaskbarUtility.exe is there could not be found out.'
				: taskbarUtility
					? 'SLTaskbarUtility.exe is there.'
					: 'SLTaskbarUtility.exe was not found, and nothing else can start an upgrade on the Agent itself.',
		remedy:
			taskbarUtility === true
				? ''
				: 'Check that DataMiner is installed there, and that the user of this Agent may read its folder.',
		source: 'Taskbar_Utility_command_line_options.md',
	};
}
