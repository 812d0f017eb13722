import {mkdir} from 'node:fs/promises';
import {join} from 'node:path';
import {type LabTest, formatLabTest} from './lab-test.ts';
import {type PackageFile, type PackageRecipe, buildPackage, packageFileName} from './package-builder.ts';

/** The packages that the practice cluster can be upgraded with. */
export interface LabPackages {
	/** Everything passes. */
	readonly full: string;
	/** Restarts the web server only. */
	readonly web: string;
	/** One task, nothing restarts. */
	readonly tool: string;
	/** One of its prerequisites fails on every Agent. */
	readonly failing: string;
}

export interface LabPackageOptions {
	/** Bytes of the two full packages that make their upload take its time. */
	readonly fillerBytes: number;
}

/** The documented sample of UpdateContent.txt. Source: DataMiner_packages.md */
const fullActions = [
	'Lock',
	'Disable',
	'Kill',
	'IIS Stop',
	'delete',
	'Update Files',
	'Update WebPages',
	'Update Tools',
	'Update Root',
	'Update ProtocolScripts',
	'Update Protocols',
	'Update MIBs',
	'Update Backup',
	'Update Users',
	'Update Views',
	'Update Upgrades',
	'UpgradeSLTaskbarUtility',
	'UpgradeDB',
	'Register',
	'Enable',
	'Unlock',
	'js 300 SetNtfsPermissions.js',
	'js 600 ConfigureIIS.js',
	'Execute 60 DMAEventLogCreator.exe',
	'IIS Start',
	'Start',
];

const webActions = ['IIS Stop', 'Update WebPages', 'IIS Start'];

const passing: Readonly<Record<string, string>> = {
	VerifyBrokerGatewayMigration: 'The DataMiner System uses BrokerGateway-managed NATS.',
	VerifyClusterPorts: 'All required ports are open between the DataMiner Agents.',
	VerifyDotNetVersion: 'ASP.NET Core 8.0 and 10.0 are installed.',
	VerifyGRPCConnection: 'All DataMiner Agents can reach each other over gRPC.',
	VerifyOSVersion: 'The operating system is supported.',
};

const failingTest: LabTest = {
	outcome: 'IssuesDetected',
	message: 'The soft-launch option LegacyAnnotations is enabled. Disable it before upgrading.',
};

/** Writes the packages of the practice cluster into a folder and returns their paths. */
export async function generateLabPackages(
	folder: string,
	{fillerBytes}: LabPackageOptions,
): Promise<LabPackages> {
	await mkdir(folder, {recursive: true});
	const build = async (name: string, recipe: PackageRecipe) => {
		const path = join(folder, name);
		await buildPackage(path, recipe);
		return path;
	};

	return {
		full: await build(
			packageFileName({number: '10.6.0.0', build: 16_840, kind: 'Full'}),
			fullRecipe('10.6.0.0-16840', fillerBytes, tests(passing)),
		),
		web: await build(packageFileName({number: '10.6.0.0', build: 16_841, kind: 'Web'}), {
			description: 'DataMiner Upgrade (Web)',
			actions: webActions,
			files: webFiles('10.6.0.0-16841', Math.ceil(fillerBytes / 8)),
		}),
		tool: await build('VerifyClusterPorts.dmupgrade', {
			description: 'Verifies that the ports between the DataMiner Agents are open',
			actions: ['Extract VerifyClusterPorts.ps1', 'PS VerifyClusterPorts.ps1'],
			prerequisites: tests({VerifyClusterPorts: passing['VerifyClusterPorts'] ?? ''}),
			files: [{path: 'Upgrades/VerifyClusterPorts.ps1', content: '# stands for the port test\r\n'}],
		}),
		failing: await build(
			packageFileName({number: '10.6.1.0', build: 16_850, kind: 'Full', label: 'rc'}),
			fullRecipe('10.6.1.0-16850', fillerBytes, [
				...tests(passing),
				{check: 'VerifyNoAnnotations', content: formatLabTest(failingTest)},
			]),
		),
	};
}

function tests(messages: Readonly<Record<string, string>>): NonNullable<PackageRecipe['prerequisites']> {
	return Object.entries(messages).map(([check, message]) => ({
		check,
		content: formatLabTest({outcome: 'NoIssues', message}),
	}));
}

function fullRecipe(
	version: string,
	fillerBytes: number,
	prerequisites: NonNullable<PackageRecipe['prerequisites']>,
): PackageRecipe {
	const share = Math.ceil(fillerBytes / 4);
	return {
		description: 'DataMiner Upgrade (Full)',
		actions: fullActions,
		prerequisites,
		files: [
			{path: 'FilesToDelete.txt', content: 'C:\\Skyline DataMiner\\Files\\*.SLReplace\r\n'},
			{path: 'FilesToLeave.txt', content: 'C:\\Skyline DataMiner\\DB.xml\r\n'},
			{path: 'Files/SLDataMiner.exe', content: {fillerBytes: share}},
			{path: 'Files/SLNet.exe', content: {fillerBytes: share}},
			{path: 'Tools/ConfigureIIS.bat', content: '@echo off\r\n'},
			...webFiles(version, Math.max(0, fillerBytes - 2 * share)),
		],
	};
}

function webFiles(version: string, fillerBytes: number): readonly PackageFile[] {
	return [
		{path: 'Webpages/API/version.txt', content: `${version}\r\n`},
		{path: 'Webpages/DataMinerCubeStandalone/Cube.zip', content: {fillerBytes}},
	];
}
