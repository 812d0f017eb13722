import type {LaunchMeans} from '../domain/launch.ts';
import {type SurveyPlaces, defaultSurveyPlaces} from './survey-places.ts';
import {windowsPath} from './windows-path.ts';

const minutes = (count: number) => count * 60_000;

/** Where things are on an Agent, and how it is handled. Everything that DataMiner does not document is set here. */
export interface AgentSettings {
	/** Source: Overview_of_the_files_found_in_the_root_folder.md */
	readonly installFolder: string;
	/** Our own folder on the Agent; it is made when it is missing. Undocumented: a choice of this program. */
	readonly stagingFolder: string;
	/**
	 * Looked into one after the other. Source: Accessing_the_DataMiner_Taskbar_Utility.md and
	 * Taskbar_Utility_command_line_options.md, which differ.
	 */
	readonly taskbarUtilityFolders: readonly string[];
	/** The services that make an Agent *Running*; the process of the first tells a restart. Source: DataMiner_processes.md */
	readonly services: readonly [string, ...string[]];
	/** Program and arguments that bring this Agent of a pair online. Undocumented: DataMiner names no such program. */
	readonly switchOver?: readonly [string, ...string[]];
	/**
	 * Undocumented, for either: whether SLTaskbarUtility.exe, a program of the system tray, works without a desktop. For
	 * `direct` besides: whether the SSH server leaves alone what Windows' management service starts for its session.
	 */
	readonly launch: LaunchMeans;
	/** Whether the Agent is in a Failover pair. */
	readonly failover: boolean;
	/**
	 * A `progress.log` without an ending counts as an upgrade in progress for this long after its last line.
	 * Undocumented; the longest silence that the documents describe is that of ModuleInstaller, 30 minutes (RN 42659).
	 */
	readonly quietUpgradeMs: number;
	/** For one question to Windows, such as the state of a service. */
	readonly queryTimeoutMs: number;
	/** For the SHA-256 of a package on the Agent. */
	readonly hashTimeoutMs: number;
	/** For starting or stopping DataMiner. Undocumented; `FailoverMaxStartupTime` is 15 minutes, twice that here. */
	readonly startStopTimeoutMs: number;
	/** Where a look at an Agent finds what Windows knows of itself; some of it is undocumented. */
	readonly places: SurveyPlaces;
	/** By how much time runs faster than in reality: what an Agent is given to show a change is divided by it. */
	readonly speed: number;
}

export const defaultAgentSettings: AgentSettings = {
	installFolder: 'C:\\Skyline DataMiner',
	stagingFolder: 'C:\\ProgramData\\dms-upgrade',
	taskbarUtilityFolders: [
		'C:\\Program Files\\Skyline Communications\\Skyline Taskbar Utility',
		'C:\\Program Files (x86)\\Skyline Communications\\Skyline Taskbar Utility',
	],
	services: ['SLDataMiner', 'SLNet'],
	launch: 'task',
	failover: false,
	quietUpgradeMs: minutes(60),
	queryTimeoutMs: minutes(1),
	hashTimeoutMs: minutes(15),
	startStopTimeoutMs: minutes(30),
	places: defaultSurveyPlaces,
	speed: 1,
};

/** Files and folders of an Agent by what they are. */
export interface AgentPaths {
	readonly dataMinerXml: string;
	readonly dmsXml: string;
	readonly versionHistory: string;
	readonly upgradePackages: string;
	readonly failoverLog: string;
	readonly installedExecutor: string;
	readonly staging: string;
	readonly launches: string;
}

export function agentPaths({installFolder, stagingFolder}: AgentSettings): AgentPaths {
	return {
		dataMinerXml: windowsPath(installFolder, 'DataMiner.xml'),
		dmsXml: windowsPath(installFolder, 'DMS.xml'),
		versionHistory: windowsPath(installFolder, 'Upgrades', 'VersionHistory.txt'),
		upgradePackages: windowsPath(installFolder, 'Upgrades', 'Packages'),
		failoverLog: windowsPath(installFolder, 'Logging', 'SLFailover.txt'),
		installedExecutor: windowsPath(
			installFolder,
			'Tools',
			'StandaloneBpaExecutor',
			'StandaloneBpaExecutor.exe',
		),
		staging: stagingFolder,
		launches: windowsPath(stagingFolder, 'launches'),
	};
}
