import {windowsPath} from './windows-path.ts';

/**
 * Where a look at an Agent looks. DataMiner documents its own files; where Windows keeps what it knows of itself is
 * documented by Microsoft, or long-standing practice, as said for each. Nothing here was tried on a real Agent.
 */
export interface SurveyPlaces {
	/** Product name, build and kind of Windows. Undocumented, and the same since Windows 10 and Server 2016. */
	readonly windowsVersion: string;
	/** Source: "How to determine which .NET Framework versions are installed" of Microsoft. */
	readonly dotNetFramework: string;
	/** One folder for each version of the runtime. Source: "How to check that .NET is already installed" of Microsoft. */
	readonly aspNetCore: string;
	/** In the 64-bit and in the 32-bit registry. Source: "Redistributing Visual C++ Files" of Microsoft. */
	readonly visualCppX64: string;
	readonly visualCppX86: string;
	/** Source: security setting "System cryptography: Use FIPS compliant algorithms" of Microsoft. */
	readonly fipsPolicy: string;
	/** Has the key `RebootPending` while a reboot is pending. Undocumented. */
	readonly componentServicing: string;
	/** Has the key `RebootRequired` while a reboot is pending. Undocumented. */
	readonly windowsUpdate: string;
	/** Its value `PendingFileRenameOperations` lists files. Source: MoveFileEx of Microsoft. */
	readonly sessionManager: string;
}

export const defaultSurveyPlaces: SurveyPlaces = {
	windowsVersion: String.raw`HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion`,
	dotNetFramework: String.raw`HKLM\SOFTWARE\Microsoft\NET Framework Setup\NDP\v4\Full`,
	aspNetCore: String.raw`C:\Program Files\dotnet\shared\Microsoft.AspNetCore.App`,
	visualCppX64: String.raw`HKLM\SOFTWARE\Microsoft\VisualStudio\14.0\VC\Runtimes\x64`,
	visualCppX86: String.raw`HKLM\SOFTWARE\Microsoft\VisualStudio\14.0\VC\Runtimes\x86`,
	fipsPolicy: String.raw`HKLM\SYSTEM\CurrentControlSet\Control\Lsa\FipsAlgorithmPolicy`,
	componentServicing: String.raw`HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing`,
	windowsUpdate: String.raw`HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\WindowsUpdate\Auto Update`,
	sessionManager: String.raw`HKLM\SYSTEM\CurrentControlSet\Control\Session Manager`,
};

/** The settings of DataMiner that prerequisites look at. Source: Overview_of_the_files_found_in_the_root_folder.md */
export interface SettingsFiles {
	readonly maintenanceSettings: string;
	readonly softLaunchOptions: string;
	/** Source: ConnectionSettings_txt.md */
	readonly connectionSettings: string;
	/** Source: SLNet_exe_config.md */
	readonly slNetConfig: string;
	readonly dmsXml: string;
	readonly dbXml: string;
	readonly securityXml: string;
	/** Source: BrokerGateway_Migration.md */
	readonly clusterEndpoints: string;
	/** Source: VerifyClusterPorts.dmupgrade.md */
	readonly lastPortCheck: string;
	/** Source: Verify_No_Legacy_Reports_Dashboards.md */
	readonly legacyDashboards: string;
	readonly legacyReportTemplates: string;
	/** Source: KI_Upgrade_fails_VerifyElasticStorageType_prerequisite.md */
	readonly srmFiles: readonly string[];
}

export function settingsFiles(installFolder: string): SettingsFiles {
	const at = (...names: readonly string[]) => windowsPath(installFolder, ...names);
	return {
		maintenanceSettings: at('MaintenanceSettings.xml'),
		softLaunchOptions: at('SoftLaunchOptions.xml'),
		connectionSettings: at('Webpages', 'ConnectionSettings.txt'),
		slNetConfig: at('Files', 'SLNet.exe.config'),
		dmsXml: at('DMS.xml'),
		dbXml: at('DB.xml'),
		securityXml: at('Security.xml'),
		clusterEndpoints: at('Configurations', 'ClusterEndpoints.json'),
		lastPortCheck: at('Upgrades', 'Helper', 'VerifyClusterPorts', 'VerifyClusterPorts.LastRun.xml'),
		legacyDashboards: at('Webpages', 'Dashboards', 'db'),
		legacyReportTemplates: at('Webpages', 'Reports', 'Templates', 'Templates.xml'),
		srmFiles: [at('ResourceManager', 'Resources.xml'), at('ProfileManager', 'Profiles.xml')],
	};
}
