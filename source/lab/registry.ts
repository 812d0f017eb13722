import type {AgentSoftware} from './agent-software.ts';

/** A value of a key, as `reg.exe` shows it. */
export interface RegistryValue {
	readonly name: string;
	readonly type: 'REG_SZ' | 'REG_DWORD' | 'REG_MULTI_SZ';
	readonly data: string;
}

export interface RegistryKey {
	/** As Windows spells it. */
	readonly path: string;
	readonly values: readonly RegistryValue[];
	/** Names of the keys right below it. */
	readonly keys: readonly string[];
}

type View = '64' | '32';

/** The keys of a server that tell what is installed on it. */
export function findRegistryKey(
	path: string,
	view: View,
	computerName: string,
	software: AgentSoftware,
): RegistryKey | undefined {
	const wanted = path.replace(/^HKLM\\/i, 'HKEY_LOCAL_MACHINE\\').toLowerCase();
	return keysOf(view, computerName, software).find(key => key.path.toLowerCase() === wanted);
}

const machine = 'HKEY_LOCAL_MACHINE';
const text = (name: string, data: string): RegistryValue => ({name, type: 'REG_SZ', data});
const number = (name: string, value: number): RegistryValue => ({
	name,
	type: 'REG_DWORD',
	data: `0x${value.toString(16)}`,
});

/** Sources: as for `SurveyPlaces`, Microsoft's documentation of each. */
function keysOf(
	view: View,
	computerName: string,
	{windows, dotNetFramework, visualCpp, fips, pendingReboot}: AgentSoftware,
): RegistryKey[] {
	const renamed = [
		...(pendingReboot.includes('dataminer-files')
			? [String.raw`\??\C:\Skyline DataMiner\Files\SLNet.exe`]
			: []),
		...(pendingReboot.includes('files') ? [String.raw`\??\C:\Windows\Temp\setup.tmp`] : []),
	];
	const redistributable = view === '64' ? visualCpp.x64 : visualCpp.x86;
	return [
		{
			path: String.raw`${machine}\SOFTWARE\Microsoft\Windows NT\CurrentVersion`,
			values: [
				text('ProductName', windows.name),
				text('CurrentBuildNumber', String(windows.build)),
				text('InstallationType', windows.server ? 'Server' : 'Client'),
			],
			keys: ['Winlogon'],
		},
		...(dotNetFramework === null
			? []
			: [
					{
						path: String.raw`${machine}\SOFTWARE\Microsoft\NET Framework Setup\NDP\v4\Full`,
						values: [number('Install', 1), number('Release', dotNetFramework)],
						keys: ['1033'],
					},
				]),
		...(redistributable === null
			? []
			: [
					{
						path: `${machine}\\SOFTWARE\\Microsoft\\VisualStudio\\14.0\\VC\\Runtimes\\${view === '64' ? 'x64' : 'x86'}`,
						values: [number('Installed', 1), text('Version', `v${redistributable}`)],
						keys: [],
					},
				]),
		{
			path: String.raw`${machine}\SYSTEM\CurrentControlSet\Control\Lsa\FipsAlgorithmPolicy`,
			values: [number('Enabled', fips ? 1 : 0), number('MDMEnabled', 0)],
			keys: [],
		},
		{
			path: String.raw`${machine}\SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing`,
			values: [text('Version', '10.0')],
			keys: ['Packages', ...(pendingReboot.includes('components') ? ['RebootPending'] : [])],
		},
		{
			path: String.raw`${machine}\SOFTWARE\Microsoft\Windows\CurrentVersion\WindowsUpdate\Auto Update`,
			values: [],
			keys: ['RequestedAppCategories', ...(pendingReboot.includes('updates') ? ['RebootRequired'] : [])],
		},
		{
			path: String.raw`${machine}\SYSTEM\CurrentControlSet\Control\Session Manager`,
			values: [
				text('ComputerName', computerName),
				...(renamed.length === 0
					? []
					: [
							{
								name: 'PendingFileRenameOperations',
								type: 'REG_MULTI_SZ' as const,
								data: renamed.map(file => String.raw`${file}\0\0`).join(''),
							},
						]),
			],
			keys: ['Environment', 'Memory Management'],
		},
	];
}
