import {agentPaths} from './agent-paths.ts';
import type {AgentPlan} from './cluster-layout.ts';
import {settingsFiles} from './settings-files.ts';
import {logTime, tracedTime} from './simulated-time.ts';
import type {WindowsDrive} from './windows-drive.ts';

export interface InstalledCluster {
	readonly name: string;
	readonly members: readonly AgentPlan[];
	/** As VersionHistory.txt writes it. */
	readonly version: string;
}

const dayMs = 24 * 60 * 60 * 1000;
const byteOrderMark = '\uFEFF';

/** Fills an empty drive with what an installed Agent has. */
export async function installAgent(
	drive: WindowsDrive,
	plan: AgentPlan,
	cluster: InstalledCluster,
	/** By the Agent's clock, in milliseconds since 1970-01-01 UTC. */
	now: number,
): Promise<void> {
	const files = new Map<string, string>([
		[agentPaths.dataMinerXml, dataMinerXml(plan)],
		[agentPaths.dmsXml, dmsXml(plan, cluster, now)],
		[agentPaths.maintenanceSettings, maintenanceSettings],
		[agentPaths.connectionSettings, '* type=GRPCConnection\r\n'],
		[agentPaths.versionHistory, versionHistory(cluster.version, now)],
		[`${agentPaths.logging}\\SLNet.txt`, logLine(now, 'SLNet.exe', 'Main', 'SLNet started.')],
		[`${agentPaths.logging}\\SLDataMiner.txt`, logLine(now, 'SLDataMiner.exe', 'Init', 'DataMiner started.')],
		[`${agentPaths.logging}\\SLErrors.txt`, ''],
		[`${agentPaths.logging}\\SLWatchdog2.txt`, ''],
	]);
	if (plan.role) {
		files.set(agentPaths.failoverLog, failoverLog(plan.role, now));
	}

	for (const program of programs) {
		files.set(program, 'A program of the practice cluster.\r\n');
	}

	for (const folder of [...folders, drive.home]) {
		await drive.makeFolder(folder);
	}

	files.set(...formerUpgrade(plan, cluster.version, now));
	for (const [path, content] of settingsFiles(plan, cluster.members, now)) {
		files.set(path, content);
	}

	for (const [path, content] of files) {
		await drive.writeFile(path, content);
	}
}

const programs = [
	agentPaths.bpaExecutor,
	agentPaths.taskbarUtility,
	agentPaths.switchOver,
	`${agentPaths.files}\\SLNet.exe`,
	`${agentPaths.files}\\SLDataMiner.exe`,
	`${agentPaths.files}\\SLNet.exe.config`,
	`${agentPaths.tools}\\DcomConfig.exe`,
	`${agentPaths.tools}\\ConfigureIIS.bat`,
	`${agentPaths.tools}\\DataMiner Stop DataMiner And SLNet.bat`,
	`${agentPaths.tools}\\DataMiner Start DataMiner And SLNet.bat`,
	`${agentPaths.tools}\\DataMiner Restart DataMiner And SLNET.bat`,
	String.raw`C:\Windows\System32\schtasks.exe`,
	String.raw`C:\Windows\System32\sc.exe`,
	String.raw`C:\Windows\System32\certutil.exe`,
	String.raw`C:\Windows\System32\fsutil.exe`,
] as const;

const folders = [
	String.raw`C:\ProgramData`,
	String.raw`C:\Program Files (x86)`,
	String.raw`C:\Windows\Temp`,
] as const;

// Source: SchemaDataMiner.md
function dataMinerXml({name, dataMinerId}: AgentPlan): string {
	return [
		`${byteOrderMark}<?xml version="1.0" encoding="utf-8"?>`,
		`<DataMiner id="${dataMinerId}" xmlns="http://www.skyline.be/config/dataminer">`,
		'  <DMA>',
		`    <DMAName mode="manual">${name}</DMAName>`,
		'  </DMA>',
		'</DataMiner>',
		'',
	].join('\r\n');
}

// Source: DMS_xml.md
function dmsXml(plan: AgentPlan, {name, members}: InstalledCluster, now: number): string {
	const lines = members.map(member =>
		member.name === plan.name
			? `   <DMA ip="${member.address}" timestamp=""/>`
			: `   <DMA ip="${member.address}" id="${member.dataMinerId}" ` +
				`timestamp="${logTime(new Date(now - 40 * dayMs))}" contacted_once="TRUE" lostContact=""/>`,
	);
	return [
		'<DMS errorTime="30000" synchronized="true" xmlns="http://www.skyline.be/config/dms">',
		`   <Cluster name="${xmlText(name)}"/>`,
		...lines,
		// What else stands in that tag is undocumented.
		...(plan.partner === undefined ? [] : ['   <Failover bruteForceToOffline="true"/>']),
		'</DMS>',
		'',
	].join('\r\n');
}

// Source: MaintenanceSettings.SLNet.md
const maintenanceSettings = [
	'<?xml version="1.0" encoding="utf-8"?>',
	'<MaintenanceSettings xmlns="http://www.skyline.be/config/maintenancesettings">',
	'  <SLNet>',
	'    <MaxUploadSize>4000</MaxUploadSize>',
	'    <BrokerGateway>true</BrokerGateway>',
	'    <FailoverMaxStartupTime>15</FailoverMaxStartupTime>',
	'  </SLNet>',
	'</MaintenanceSettings>',
	'',
].join('\r\n');

// Source: Checking_the_upgrade_history_of_a_DataMiner_Agent.md
function versionHistory(version: string, now: number): string {
	const line = (daysAgo: number, text: string) => `${logTime(new Date(now - daysAgo * dayMs))};${text}\r\n`;
	return (
		line(610, '10.4.0.0-14772-20240821-release') +
		line(330, '10.5.4.0-15588-20250319-release') +
		line(45, version)
	);
}

/** An upgrade long ago leaves the folder of its package, with nothing but its log. */
function formerUpgrade({address, dataMinerId}: AgentPlan, version: string, now: number): [string, string] {
	const name = `DataMiner ${version.replace(/-\d{8}-\w+$/, '')} Full Upgrade.dmupgrade`;
	const id = dataMinerId.toString(16).padStart(32, '4d');
	const at = logTime(new Date(now - 45 * dayMs));
	const lines = [
		'information|Starting upgrade thread for agent',
		'success|The upgrade of this Agent has succeeded.',
		'finished|Finished.',
	];
	return [
		`${agentPaths.packages}\\${name}-${id}\\progress.log`,
		lines.map(line => `${address}|${at}|${line}\r\n`).join(''),
	];
}

function failoverLog(role: 'online' | 'offline', now: number): string {
	const started = now - 45 * dayMs;
	return role === 'online'
		? failoverLine(new Date(started), 'Preparing to go online') +
				failoverLine(new Date(started + 20_000), 'Online')
		: failoverLine(new Date(started), 'Offline');
}

/** Source: KI_Failover_Agents_offline_after_upgrade.md */
export function failoverLine(at: Date, status: string): string {
	return `${tracedTime(at)}|SLNet.exe|UpdateFailoverSwitchStatus|CRU|0|67|Failover Status => ${status}\r\n`;
}

function logLine(now: number, process: string, method: string, message: string): string {
	return `${tracedTime(new Date(now - 45 * dayMs))}|${process}|${method}|INF|0|12|${message}\r\n`;
}

function xmlText(text: string): string {
	return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

/** A line of VersionHistory.txt, as a first start after an upgrade adds it. */
export function versionHistoryLine(at: Date, version: string): string {
	return `${logTime(at)};${version}\r\n`;
}
