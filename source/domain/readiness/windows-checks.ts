import type {AgentSurvey, PendingReboot} from '../agent-survey.ts';
import type {ReadinessCheck} from './readiness-check.ts';

const waitingFor: Readonly<Record<PendingReboot, string>> = {
	components: 'features or updates of Windows',
	updates: 'Windows Update',
	'dataminer-files': 'files of DataMiner that are to be replaced',
	files: 'files of other programs that are to be replaced',
};

/** Whether Windows waits for a reboot. Files of other programs do not concern DataMiner. */
export function pendingReboot({pendingReboot: pending}: AgentSurvey): ReadinessCheck {
	const base = {
		id: 'pending-reboot',
		title: 'Pending reboot',
		source: 'Configuring_the_default_upgrade_options.md',
	};
	if (pending === undefined) {
		return {
			...base,
			outcome: 'unknown',
			evidence: 'Whether Windows waits for a reboot could not be found out.',
			remedy: 'Look at Windows Update on this server.',
		};
	}

	const serious = pending.some(reason => reason !== 'files');
	return {
		...base,
		outcome: pending.length === 0 ? 'pass' : serious ? 'warn' : 'info',
		evidence:
			pending.length === 0
				? 'Windows waits for none.'
				: `Windows waits for a reboot because of ${pending.map(reason => waitingFor[reason]).join(' and ')}.`,
		remedy:
			pending.length === 0
				? ''
				: serious
					? 'Reboot this server before the upgrade, or let the upgrade reboot it at its end (RebootAfterUpgrade).'
					: 'Nothing has to be done; a reboot before the upgrade clears it.',
	};
}

/**
 * The modules that must run, or DataMiner hangs at 99 % of its start.
 * Source: Troubleshooting_Startup_Issues.md, DataMiner_Extension_Modules.md
 */
export const coreModules: readonly string[] = [
	'DataMiner APIGateway',
	'DataMiner ArtifactDeployer',
	'DataMiner BrokerGateway',
	'DataMiner CoreGateway',
	'DataMiner FieldControl',
	'DataMiner GQI',
	'DataMiner Orchestrator',
	'DataMiner StorageModule',
	'DataMiner SupportAssistant',
	'DataMiner UserDefinableApiEndpoint',
	'DataMiner Web',
];

/** Whether the modules that are installed run. Which ones a version has is not judged. */
export function moduleServices({services}: AgentSurvey): ReadinessCheck {
	const base = {
		id: 'services',
		title: 'DataMiner modules',
		source: 'KI_Startup_issue_DcM_not_running.md',
		rules: ['ki.dcm-not-running'],
	};
	if (services === undefined) {
		return {
			...base,
			outcome: 'unknown',
			evidence: 'Which services run could not be found out.',
			remedy: 'Look at the services whose names begin with "DataMiner" on this server.',
		};
	}

	const names = new Set(coreModules.map(name => name.toLowerCase()));
	const installed = services.filter(
		({name, displayName}) => names.has(name.toLowerCase()) || names.has(displayName.toLowerCase()),
	);
	const stopped = installed.filter(service => !service.running).map(({name}) => name);
	return {
		...base,
		outcome: stopped.length === 0 ? 'pass' : 'warn',
		evidence:
			stopped.length > 0
				? `${stopped.join(', ')} ${stopped.length === 1 ? 'does' : 'do'} not run, so that DataMiner may hang at 99 % of its start.`
				: installed.length === 0
					? 'None is installed.'
					: `All ${installed.length} that are installed run.`,
		remedy: stopped.length === 0 ? '' : `Start ${stopped.length === 1 ? 'it' : 'them'} on this server.`,
	};
}
