import {describe, expect, test} from 'vitest';
import type {ClusterSession} from '../../source/commands/cluster-session.ts';
import type {OrderingPolicy} from '../../source/domain/failover-policy.ts';
import type {PackageFacts} from '../../source/domain/package-facts.ts';
import {type ReadinessOutcome, isBlocked, verdictOf} from '../../source/domain/readiness.ts';
import type {ClusterSoftware} from '../../source/lab/agent-software.ts';
import type {Lab, LabOptions} from '../../source/lab/lab.ts';
import {checkOn, lookAtLab} from '../support/a-look.ts';
import {aVersion} from '../support/a-version.ts';

type Software = ClusterSoftware[string];

interface Case {
	/** Of the first Agent, which is the one that is judged. */
	readonly software?: Software;
	/** Of the second one. */
	readonly other?: Software;
	readonly lab?: LabOptions;
	readonly package?: Partial<PackageFacts>;
	readonly policy?: OrderingPolicy;
	readonly before?: (lab: Lab, session: ClusterSession) => Promise<void> | void;
	readonly agent?: string;
	/** What the evidence names. */
	readonly evidence?: RegExp;
}

/** `10.4.12` as VersionHistory.txt writes it, and the package that comes next. */
const from = (version: string) => ({lab: {version}});
const to = (version: string) => ({version: aVersion(version)});
const settings = (slNet: string) =>
	`<MaintenanceSettings><SLNet><BrokerGateway>true</BrokerGateway>${slNet}</SLNet></MaintenanceSettings>`;
const softLaunch = (options: string) => ({'SoftLaunchOptions.xml': `<SLNet>${options}</SLNet>`});
const dms = (inside: string, name = 'Practice') => ({
	'DMS.xml': `<DMS><Cluster name="${name}"/><DMA ip="127.10.0.11"/>${inside}</DMS>`,
});
const portCheck = (at: string, success: boolean) => ({
	'Upgrades/Helper/VerifyClusterPorts/VerifyClusterPorts.LastRun.xml': `<VerifyResult><Timestamp>${at}</Timestamp><Success>${success}</Success></VerifyResult>`,
});
const longAgo = '2022-03-31T12:05:04.751573Z';
const oldFiles = {'Upgrades/Helper/VerifyClusterPorts/VerifyClusterPorts.LastRun.xml': null};
const noNats = {'nats-server': 'missing'} as const;

const cases: readonly (readonly [id: string, outcome: ReadinessOutcome, what: string, facts: Case])[] = [
	['reachable', 'block', 'its SSH port is closed', {lab: {faults: ['unreachable@DMA-01']}}],
	['running', 'block', 'DataMiner does not run', {software: {services: {SLDataMiner: 'stopped'}}}],
	[
		'same-version',
		'block',
		'another Agent runs another version',
		{other: {version: '10.5.11.0-16600-20251201-release'}, evidence: /DMA-02 runs 10\.5\.11/},
	],
	['target-version', 'warn', 'it runs the version of the package', from('10.6.0.0-16840-20260301-release')],
	[
		'free-disk',
		'block',
		'its disk is almost full',
		// A package of the lab itself.
		{
			lab: {faults: ['disk-almost-full@DMA-01']},
			package: {size: 16 * 1024 ** 2, unpackedSize: 16 * 1024 ** 2},
			evidence: /20\.0 MiB free, 48\.0 MiB needed/,
		},
	],
	[
		'no-upgrade-going-on',
		'block',
		'an upgrade goes on',
		{
			before: async lab => {
				const agent = lab.agents[0]!;
				const at = new Date().toISOString().slice(0, 19).replace('T', ' ');
				await agent.drive.writeFile(
					`C:\\Skyline DataMiner\\Upgrades\\Packages\\Other.dmupgrade-${'a'.repeat(32)}\\progress.log`,
					`${agent.address}|${at}|information|Starting upgrade thread for agent\r\n`,
				);
			},
			evidence: /Other\.dmupgrade/,
		},
	],
	[
		'lock',
		'block',
		'another run holds it',
		{
			before: async (_, {connections}) => {
				const claim = {run: 'run-7', operator: {user: 'otto', host: 'jump'}, since: 0, token: 'secret'};
				await connections.get('DMA-01')?.acquireLock(claim, {staleMs: 1000, pollMs: 10, takeOver: false});
			},
			evidence: /otto on jump/,
		},
	],
	[
		'failover',
		'warn',
		'both Agents of a pair are online',
		{
			lab: {
				pairs: 1,
				software: {
					'DMA-01B': {
						files: {
							'Logging/SLFailover.txt':
								'2026/01/02 14:49:56.886|SLNet.exe|UpdateFailoverSwitchStatus|CRU|0|67|Failover Status => Online\r\n',
						},
					},
				},
			},
			agent: 'DMA-01B',
			evidence: /so is its partner DMA-01A/,
		},
	],
	[
		'failover',
		'warn',
		'its DMS.xml has a Failover tag and the inventory no partner',
		{software: {files: dms('<Failover bruteForceToOffline="true"/>')}, evidence: /in no pair/},
	],
	[
		'failover',
		'unknown',
		'its partner does not tell its role',
		{
			lab: {pairs: 1, software: {'DMA-01B': {files: {'Logging/SLFailover.txt': null}}}},
			agent: 'DMA-01A',
			evidence: /what its partner DMA-01B is could not be found out/,
		},
	],
	[
		'members',
		'warn',
		'the cluster has an Agent that the inventory has not',
		{
			software: {files: dms('<DMA ip="127.10.0.12"/><DMA ip="127.10.0.13"/>')},
			evidence: /names 3 Agents \(127\.10\.0\.11, .+\), the inventory has 2/,
		},
	],
	[
		'members',
		'warn',
		'it does not know of the others in the inventory',
		{software: {files: dms('')}, evidence: /names 1 Agent .+ of the 2 in the inventory/},
	],
	[
		'members',
		'warn',
		'it is in another cluster',
		{
			software: {files: dms('<DMA ip="127.10.0.12"/>', 'Elsewhere')},
			evidence: /Its cluster is Elsewhere, that of others is Practice/,
		},
	],
	['clock-skew', 'warn', 'its clock is two minutes off', {software: {clockAhead: 120}, evidence: /ahead of/}],
	['clock-skew', 'block', 'its clock is ten minutes off', {software: {clockAhead: -600}, evidence: /behind/}],
	[
		'taskbar-utility',
		'block',
		'SLTaskbarUtility.exe is not there',
		{before: lab => lab.agents[0]?.drive.remove('C:\\Program Files\\Skyline Communications')},
	],
	[
		'pending-reboot',
		'warn',
		'Windows waits for a reboot',
		{software: {pendingReboot: ['components', 'updates']}},
	],
	[
		'pending-reboot',
		'warn',
		'files of DataMiner are to be replaced',
		{software: {pendingReboot: ['dataminer-files']}, evidence: /files of DataMiner/},
	],
	['pending-reboot', 'info', 'other files are to be replaced', {software: {pendingReboot: ['files']}}],
	[
		'services',
		'warn',
		'a module does not run',
		{software: {services: {'DataMiner GQI': 'stopped'}}, evidence: /DataMiner GQI/},
	],
	[
		'dotnet',
		'block',
		'ASP.NET Core 10 is missing',
		{software: {aspNetCore: ['8.0.22']}, evidence: /10\.0 is missing/},
	],
	[
		'dotnet',
		'block',
		'.NET Framework is too old',
		{software: {dotNetFramework: 461_814}, evidence: /4\.7\.2 and not 4\.8/},
	],
	[
		'dotnet',
		'block',
		'there is no .NET Framework',
		{software: {dotNetFramework: null}, evidence: /older than 4\.5/},
	],
	[
		'visual-cpp',
		'warn',
		'the redistributable for 32 bits is too old',
		{software: {visualCpp: {x64: '14.44.35211.0', x86: '14.36.32532.0'}}, evidence: /x86 14\.36/},
	],
	['visual-cpp', 'warn', 'it is missing', {software: {visualCpp: {x64: null, x86: null}}}],
	[
		'windows',
		'block',
		'it is Windows Server 2012 R2',
		{software: {windows: {name: 'Windows Server 2012 R2', build: 9600, server: true}}},
	],
	[
		'computer-name',
		'warn',
		'the name of the server is too long',
		{software: {computerName: 'SERVER-WITH-A-LONG-NAME'}, evidence: /23 characters/},
	],
	[
		'computer-name',
		'block',
		'the server has the name DATAMINER',
		{...from('10.4.0.0(CU1)-14000'), software: {computerName: 'DataMiner'}, package: to('10.4.0 [CU2]')},
	],
	['fips', 'block', 'the FIPS policy is on', {software: {fips: true}}],
	[
		'upload-size',
		'warn',
		'the package is larger than its limit',
		{
			software: {files: {'MaintenanceSettings.xml': settings('<MaxUploadSize>100</MaxUploadSize>')}},
			package: {size: 200_000_000},
			evidence: /MaxUploadSize is 100 MB/,
		},
	],
	[
		'upload-size',
		'unknown',
		'its limit is no number',
		{
			software: {files: {'MaintenanceSettings.xml': settings('<MaxUploadSize>lots</MaxUploadSize>')}},
			evidence: /no number/,
		},
	],
	[
		'ports',
		'warn',
		'a firewall hides a port of another Agent',
		{other: {blockedPorts: [4222]}, evidence: /No answer from 127\.10\.0\.12:4222/},
	],
	[
		'ports',
		'warn',
		'its last port check failed',
		{software: {files: portCheck(new Date().toISOString(), false)}, evidence: /failed/},
	],
	[
		'ports',
		'block',
		'there was no port check before 10.2',
		{...from('10.0.0.0(CU19)-10500'), package: to('10.2.0'), software: {files: oldFiles}},
	],
	[
		'ports',
		'unknown',
		'its last port check bears a time to come, and not every port can be tried',
		{
			software: {files: portCheck('2099-01-01T00:00:00Z', true)},
			other: {services: {'nats-server': 'stopped'}},
			evidence: /has not come yet/,
		},
	],
	[
		'ports',
		'unknown',
		'its last port check is too old, and not every port can be tried',
		{
			software: {files: portCheck(longAgo, true)},
			other: {services: {'nats-server': 'stopped'}},
			evidence: /it counts for 10 days only/,
		},
	],
	[
		'https-port',
		'warn',
		'nothing listens on port 443 of another Agent',
		{other: {services: {W3SVC: 'stopped'}}, evidence: /127\.10\.0\.12:443/},
	],
	['brokergateway', 'block', 'NATS is not under BrokerGateway', {software: {services: noNats}}],
	[
		'brokergateway',
		'block',
		'BrokerGateway is not switched on',
		{
			software: {
				files: {'MaintenanceSettings.xml': '<MaintenanceSettings/>', 'SoftLaunchOptions.xml': null},
			},
		},
	],
	[
		'cluster-endpoints',
		'block',
		'endpoints for the migration are incomplete',
		{
			software: {
				services: noNats,
				files: {'Configurations/ClusterEndpoints.json': '{"Endpoints":[{"IP":"10.0.0.1"}]}'},
			},
			package: {...to('10.6.0')},
			evidence: /IgnitionValue/,
		},
	],
	[
		'cluster-endpoints',
		'block',
		'there are no endpoints for the migration',
		{
			software: {
				services: noNats,
				files: {'Configurations/ClusterEndpoints.json': '{"Endpoints":[]}'},
			},
			package: {...to('10.6.0')},
			evidence: /has no entry/,
		},
	],
	['nats', 'block', 'NATS does not run', {software: {services: {'nats-server': 'stopped'}}}],
	[
		'soft-launch',
		'block',
		'LegacyAnnotations is on',
		{software: {files: softLaunch('<LegacyAnnotations>true</LegacyAnnotations>')}},
	],
	[
		'soft-launch',
		'unknown',
		'LegacyAnnotations is neither on nor off',
		{software: {files: softLaunch('<LegacyAnnotations>1</LegacyAnnotations>')}},
	],
	[
		'soft-launch',
		'block',
		'APIDeployment is on',
		{
			...from('10.3.0.0(CU20)-14000'),
			software: {files: softLaunch('<APIDeployment>true</APIDeployment>')},
			package: to('10.4.0 [CU5]'),
		},
	],
	[
		'legacy-reports',
		'block',
		'a legacy dashboard exists',
		{
			...from('10.3.0.0(CU20)-14000'),
			software: {files: {'Webpages/Dashboards/db/one.xml': '<Dashboard/>'}},
			package: to('10.4.0 [CU5]'),
		},
	],
	[
		'srm-storage',
		'warn',
		'resources of SRM are in XML',
		{
			software: {files: {'ResourceManager/Resources.xml': '<Resources><Resource/></Resources>'}},
			evidence: /Resources\.xml/,
		},
	],
	[
		'database',
		'block',
		'its database is Amazon Keyspaces',
		{
			software: {
				files: {
					'DB.xml':
						'<DataBases><DataBase type="CassandraCluster"><DBServer>cassandra.eu-west-1.amazonaws.com</DBServer></DataBase></DataBases>',
				},
			},
		},
	],
	[
		'grpc',
		'block',
		'ConnectionSettings.txt was changed',
		{software: {files: {'Webpages/ConnectionSettings.txt': '* type=GRPCConnection;polling=1\r\n'}}},
	],
	[
		'grpc',
		'block',
		'a redirect does not go to APIGateway',
		{
			software: {
				files: dms('<Redirects><Redirect to="a" via="http://a:8004" user="u" pwd="secret"/></Redirects>'),
			},
			evidence: /http:\/\/a:8004/,
		},
	],
	[
		'redirects',
		'info',
		'DMS.xml has a redirect',
		{
			...from('10.5.0.0(CU3)-15900'),
			software: {files: dms('<Redirects><Redirect to="a" via="https://a/APIGateway"/></Redirects>')},
		},
	],
	[
		'default-upgrade-options',
		'block',
		'the default upgrade options were changed',
		{
			...from('10.4.0.0(CU20)-14900'),
			software: {
				files: {
					'MaintenanceSettings.xml': settings('<DefaultUpgradeOptions>x</DefaultUpgradeOptions>'),
				},
			},
			package: to('10.5.0 [CU1]'),
		},
	],
	[
		'users',
		'block',
		'the password of a user has expired',
		{
			...from('10.4.12.0-15100'),
			software: {files: {'Security.xml': '<Security><User name="a" expired="true"/></Security>'}},
			package: to('10.5.1'),
		},
	],
	[
		'failover-policy',
		'block',
		'a backup-first policy meets a major upgrade',
		{lab: {pairs: 1}, agent: 'DMA-01A', policy: 'BackupFirst', evidence: /BackupFirst/},
	],
	[
		'cluster-name',
		'warn',
		'the name of the DMS begins with a dash',
		{software: {files: dms('', '-cluster')}, evidence: /-cluster/},
	],
	[
		'two-nodes',
		'warn',
		'there are two nodes with NAS and NATS',
		{...from('10.4.0.0(CU3)-14000'), software: {services: noNats}, package: to('10.4.0 [CU9]')},
	],
	[
		'app-install',
		'block',
		'the package installs an app and stops DataMiner',
		{package: {actions: ['Disable', 'InstallApp app.zip', 'Start'], restarts: 'agent'}},
	],
	[
		'ki.failover-offline',
		'warn',
		'a pair goes to a version with a known issue',
		{
			lab: {pairs: 1, version: '10.3.0.0(CU8)-13500'},
			agent: 'DMA-01B',
			package: to('10.3.0 [CU9]'),
		},
	],
];

describe('each check fails in the lab, over SSH, and says what to do', () => {
	test.each(cases)('%s: %s where %s', {timeout: 20_000}, async (id, outcome, _, facts) => {
		const {software, other, agent = 'DMA-01'} = facts;
		const readiness = await lookAtLab({
			lab: {
				software: {...(software && {'DMA-01': software}), ...(other && {'DMA-02': other})},
				...facts.lab,
			},
			...(facts.package && {package: facts.package}),
			...(facts.before && {before: facts.before}),
			...(facts.policy && {input: {policy: facts.policy}}),
		});
		const check = checkOn(readiness, agent, id);
		expect(check).toMatchObject({
			outcome,
			remedy: expect.stringMatching(/\S/) as string,
			evidence: expect.stringMatching(facts.evidence ?? /\S/) as string,
			source: expect.stringMatching(/\.md|^dms-upgrade$/) as string,
		});
	});

	test('and every check of an Agent is among these', async () => {
		const readiness = await lookAtLab({lab: {agents: 3, pairs: 1}});
		const known = new Set(cases.map(([id]) => id));
		const all = [...readiness.agents.values()].flat().map(({id}) => id);
		expect([...new Set(all)].filter(id => !known.has(id) && !id.startsWith('ki.'))).toEqual([]);
	});
});

test('well-kept servers are ready, and nothing about them warns', async () => {
	const readiness = await lookAtLab({lab: {agents: 3, pairs: 1}});
	expect([...readiness.agents.keys()]).toEqual(['DMA-01', 'DMA-02A', 'DMA-02B']);
	for (const checks of readiness.agents.values()) {
		expect(isBlocked(checks)).toBe(false);
		expect(checks.filter(({outcome}) => outcome === 'warn')).toEqual([]);
	}

	expect(verdictOf(readiness)).not.toBe('block');
});
