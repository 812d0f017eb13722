/**
 * The options of one upgrade, named as in `UpgradeInfo.xml`.
 * Source: Taskbar_Utility_command_line_options.md, Configuring_the_default_upgrade_options.md
 */
export interface UpgradeOptions {
	readonly ExtractAllFiles: boolean;
	readonly DelayedStart: boolean;
	readonly AutomaticStartServices: boolean;
	readonly StopSNMP: boolean;
	readonly RebootAfterUpgrade: boolean;
}

export type UpgradeOptionName = keyof UpgradeOptions;

interface UpgradeOptionInfo {
	readonly name: UpgradeOptionName;
	/** System Center's wording. */
	readonly label: string;
	readonly meaning: string;
}

export const upgradeOptionInfos: readonly UpgradeOptionInfo[] = [
	{
		name: 'ExtractAllFiles',
		label: 'Extract all files',
		meaning: 'Replaces all DataMiner system files, not only those that changed. Recommended.',
	},
	{
		name: 'DelayedStart',
		label: 'Delayed start',
		meaning: 'Windows starts its own services before those of DataMiner. For servers with many services.',
	},
	{
		name: 'AutomaticStartServices',
		label: 'Automatically start DMA after startup',
		meaning: 'DataMiner starts by itself after the upgrade. Without it, you start every Agent by hand.',
	},
	{
		name: 'StopSNMP',
		label: 'Stop SNMP',
		meaning:
			'Stops the Windows SNMP service first. Its port clashes with SLSNMPAgent unless one of them was moved.',
	},
	{
		name: 'RebootAfterUpgrade',
		label: 'Reboot after upgrade',
		meaning: 'Reboots Windows at the end.',
	},
];

/**
 * The values of the documented sample of `UpgradeInfo.xml`. DataMiner's own defaults are documented for
 * *Extract all files* only; a cluster can have others (`MaintenanceSettings.xml`, `DefaultUpgradeOptions`).
 */
export const defaultUpgradeOptions: UpgradeOptions = {
	ExtractAllFiles: true,
	DelayedStart: true,
	AutomaticStartServices: true,
	StopSNMP: false,
	RebootAfterUpgrade: false,
};

export function isUpgradeOptionName(text: string): text is UpgradeOptionName {
	return Object.hasOwn(defaultUpgradeOptions, text);
}
