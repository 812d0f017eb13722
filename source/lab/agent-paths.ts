/** Where things are on every Agent. Source: Overview_of_the_files_found_in_the_root_folder.md */
const root = String.raw`C:\Skyline DataMiner`;

export const agentPaths = {
	root,
	dataMinerXml: String.raw`${root}\DataMiner.xml`,
	dmsXml: String.raw`${root}\DMS.xml`,
	maintenanceSettings: String.raw`${root}\MaintenanceSettings.xml`,
	connectionSettings: String.raw`${root}\WebPages\ConnectionSettings.txt`,
	versionHistory: String.raw`${root}\Upgrades\VersionHistory.txt`,
	packages: String.raw`${root}\Upgrades\Packages`,
	failoverLog: String.raw`${root}\Logging\SLFailover.txt`,
	logging: String.raw`${root}\Logging`,
	tools: String.raw`${root}\Tools`,
	files: String.raw`${root}\Files`,
	bpaExecutor: String.raw`${root}\Tools\StandaloneBpaExecutor\StandaloneBpaExecutor.exe`,
	taskbarUtility: String.raw`C:\Program Files\Skyline Communications\Skyline Taskbar Utility\SLTaskbarUtility.exe`,
	/** What the HTTP service keeps, apart from the staging folder of the upgrades. */
	service: String.raw`C:\ProgramData\dms-upgrade-service`,
	/** The lab's own: DataMiner documents no program for it. */
	switchOver: String.raw`C:\Lab\SwitchOver.exe`,
} as const;
