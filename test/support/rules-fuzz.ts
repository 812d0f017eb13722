import {type AgentSettings, defaultAgentSettings} from '../../source/agent/agent-settings.ts';
import {DataMinerAgent} from '../../source/agent/dataminer-agent.ts';
import type {ProgramCall, ProgramResult} from '../../source/agent/machine.ts';
import {settingsFiles, defaultSurveyPlaces} from '../../source/agent/survey-places.ts';
import {formatCheckReport, checkJson} from '../../source/commands/check-report.ts';
import {pathCommand} from '../../source/commands/path.ts';
import type {AgentAnswer} from '../../source/domain/readiness.ts';
import {
	type ReadinessOutcome,
	assessReadiness,
	outcomesByRank,
	verdictOf,
} from '../../source/domain/readiness.ts';
import type {PackageFacts, PackageKind} from '../../source/domain/package-facts.ts';
import {UserError} from '../../source/domain/user-error.ts';
import {parseVersion} from '../../source/domain/version.ts';
import {aCluster} from './a-cluster.ts';
import {aPackage} from './a-package.ts';
import {type Random, randomFrom} from './package-fuzz.ts';
import {ScriptedMachine} from './scripted-machine.ts';

export interface RulesFuzzReport {
	readonly cases: number;
	/** How many reports there were of which verdict. */
	readonly verdicts: Readonly<Record<ReadinessOutcome, number>>;
	/** How many paths were judged, and how many texts were no versions. */
	readonly paths: number;
	readonly noVersions: number;
	/** How many keys of surveys could be found out, of all. */
	readonly known: number;
	readonly asked: number;
	/** The longest case, milliseconds. */
	readonly slowest: number;
	/** The most resident memory of this process after a case, bytes. */
	readonly memory: number;
}

/** No case comes near it; one that does hangs. */
const caseLimit = 5000;
const now = Date.UTC(2026, 2, 6, 10, 21, 32);

/**
 * Judges so many clusters whose Agents answer with mutated files and program output, and paths between mutated versions.
 * Throws on anything but a report or a `UserError`, and on a case that takes too long; the message names the seed that
 * brings the case back.
 */
export async function fuzzRules(
	seed: number,
	cases: number,
	onCase?: (done: number) => void,
): Promise<RulesFuzzReport> {
	const verdicts: Record<ReadinessOutcome, number> = {block: 0, warn: 0, unknown: 0, info: 0, pass: 0};
	let [paths, noVersions, known, asked, slowest, memory] = [0, 0, 0, 0, 0, 0];
	for (let index = 0; index < cases; index++) {
		const random = randomFrom(seed + index);
		const start = performance.now();
		try {
			const path = judgePath(random);
			paths += path === 'judged' ? 1 : 0;
			noVersions += path === 'no version' ? 1 : 0;
			const {verdict, found} = await judgeCluster(random);
			verdicts[verdict]++;
			known += found;
			asked += keysOfSurvey;
		} catch (error) {
			throw new Error(`the rules of seed ${seed + index}: ${String(error)}`, {cause: error});
		}

		const took = performance.now() - start;
		if (took > caseLimit) {
			throw new Error(`the rules of seed ${seed + index}: it took ${took.toFixed(0)} ms`);
		}

		slowest = Math.max(slowest, took);
		memory = Math.max(memory, process.memoryUsage.rss());
		onCase?.(index + 1);
	}

	return {cases, verdicts, paths, noVersions, known, asked, slowest, memory};
}

const versionTexts = [
	'10.4.12.0-15200',
	'10.5.12.0(CU2)-16797-20260112-release',
	'10.6.0 [CU2]',
	'10.0.0.0(CU19)-10500-20210301-release',
	'HF_10.0.7.0(CU0)_20200520-135714',
	'9.6.13',
	'10.7.0',
	'10.3.0-CU8',
];

function judgePath(random: Random): 'judged' | 'no version' {
	const [from, to] = [0, 1].map(() => {
		const text = pick(random, versionTexts);
		return random(3) === 0 ? mutated(text, random) : text;
	}) as [string, string];
	let output = '';
	try {
		pathCommand(from, to, {json: random(2) === 0, write: text => void (output += text)});
	} catch (error) {
		if (error instanceof UserError) {
			return 'no version';
		}

		throw error;
	}

	refuseControlCharacters(output);
	return 'judged';
}

type Writable<T> = {-readonly [Key in keyof T]: T[Key]};

const keysOfSurvey = 26;
const kinds: readonly PackageKind[] = ['full', 'web', 'cumulative', 'tool', 'application', 'unknown'];

async function judgeCluster(random: Random): Promise<{verdict: ReadinessOutcome; found: number}> {
	const agent = new DataMinerAgent({
		agent: 'DMA-01',
		machine: aMachine(random),
		clock: {now: () => now, sleep: () => Promise.resolve()},
		settings: {failover: random(2) === 0} satisfies Partial<AgentSettings>,
	});
	const [status, survey] = [await agent.status(), await agent.survey()];
	const cluster = aCluster({singles: 1, pairs: 1});
	const answer: AgentAnswer = {status, survey};
	const answers = new Map<string, AgentAnswer>([
		['DMA-01', answer],
		['DMA-02', random(4) === 0 ? {unreachable: 'It is off.'} : answer],
	]);
	const version = parseVersion(pick(random, versionTexts));
	const facts: Writable<PackageFacts> = aPackage({
		kind: pick(random, kinds),
		prerequisites: ['VerifyClusterPorts', 'VerifyGRPCConnection'],
		actions: random(5) === 0 ? ['InstallApp x', 'Disable'] : ['Disable', 'Start'],
		size: random(10) === 0 ? 10 ** 12 : 10 ** 9,
	});
	if (version && random(8) > 0) {
		facts.version = version;
	} else {
		delete facts.version;
	}

	const readiness = assessReadiness(answers, facts, {
		at: now,
		nodes: random(4),
		pairs: [['DMA-01', 'DMA-02']],
		...(random(2) === 0 && {policy: pick(random, ['Simultaneously', 'BackupFirst'] as const)}),
	});
	for (const check of [...readiness.cluster, ...[...readiness.agents.values()].flat()]) {
		const wellFormed =
			outcomesByRank.includes(check.outcome) &&
			[check.id, check.title, check.evidence, check.source].every(text => /\S/.test(text)) &&
			(check.outcome === 'pass') === (check.remedy === '');
		if (!wellFormed) {
			throw new Error(`a check is not well formed: ${JSON.stringify(check)}`);
		}
	}

	const report = {cluster, package: facts, readiness};
	refuseControlCharacters(formatCheckReport(report));
	JSON.parse(JSON.stringify(checkJson(report)));
	return {verdict: verdictOf(readiness), found: Object.keys(survey).length};
}

function refuseControlCharacters(text: string): void {
	if (/[\u0000-\u0009\u000B-\u001F\u007F-\u009F]/.test(text)) {
		throw new Error('a control character comes through');
	}
}

/** Of each file and each program's output one that is right; about a third of them are mutated. */
function aMachine(random: Random): ScriptedMachine {
	const often = 1 + random(5);
	const perhaps = (text: string) => (random(often) === 0 ? mutated(text, random) : text);
	const machine = new ScriptedMachine(call => {
		const answer = answerTo(call);
		return random(12) === 0
			? {exitCode: random(3), stdout: ''}
			: answer && {...answer, ...(answer.stdout !== undefined && {stdout: perhaps(answer.stdout)})};
	});
	const root = 'C:\\Skyline DataMiner';
	const files = settingsFiles(root);
	const right: Readonly<Record<string, string>> = {
		[`${root}\\Upgrades\\VersionHistory.txt`]: `2025-03-25 14:27:23;${pick(random, versionTexts)}\r\n`,
		[files.maintenanceSettings]:
			'<?xml version="1.0"?><MaintenanceSettings><SLNet><MaxUploadSize>4000</MaxUploadSize><BrokerGateway>true</BrokerGateway><DefaultUpgradeOptions>a</DefaultUpgradeOptions></SLNet></MaintenanceSettings>',
		[files.softLaunchOptions]:
			'<SLNet><BrokerGateway>true</BrokerGateway><LegacyAnnotations>true</LegacyAnnotations></SLNet>',
		[files.connectionSettings]: '# a comment\r\n* type=GRPCConnection\r\n',
		[files.slNetConfig]:
			'<configuration><channels><channel ref="tcp" name="SLNetRemoting" port="8004"/></channels></configuration>',
		[files.dmsXml]:
			'<DMS><Cluster name="pluto"/><DMA ip="10.0.0.1"/><DMA ip="10.0.0.2" id="2"/><Redirects><Redirect to="10.0.0.2" via="https://10.0.0.2/APIGateway"/></Redirects></DMS>',
		[files.dbXml]:
			'<DataBases><DataBase active="true" type="Cassandra"><DBServer>10.0.0.9</DBServer></DataBase></DataBases>',
		[files.securityXml]: '<Security><User name="a" expired="false"/></Security>',
		[files.clusterEndpoints]: '{"Endpoints":[{"IP":"10.0.0.1","IgnitionValue":"x"}]}',
		[files.lastPortCheck]:
			'<VerifyResult><Timestamp>2026-03-01T12:05:04.751573Z</Timestamp><Success>true</Success></VerifyResult>',
		[files.srmFiles[0] ?? '']: '<Resources/>',
		[`${files.legacyDashboards}\\one.xml`]: '<Dashboard/>',
		[`${defaultAgentSettings.taskbarUtilityFolders[0] ?? ''}\\SLTaskbarUtility.exe`]: 'MZ',
		[`${defaultSurveyPlaces.aspNetCore}\\8.0.11\\x.dll`]: '',
		[`${defaultSurveyPlaces.aspNetCore}\\10.0.1\\x.dll`]: '',
		[`${root}\\Logging\\SLFailover.txt`]:
			'2023/12/22 14:49:56.886|SLNet.exe|UpdateFailoverSwitchStatus|CRU|0|67|Failover Status => Offline\r\n',
	};
	for (const [path, text] of Object.entries(right)) {
		if (random(8) > 0) {
			machine.put(path, Buffer.from(perhaps(text), random(10) === 0 ? 'utf16le' : 'utf8'));
		}
	}

	return machine;
}

const services = ['SLDataMiner', 'SLNet', 'nats-server', 'DataMiner GQI']
	.map(
		name =>
			`\r\nSERVICE_NAME: ${name}\r\nDISPLAY_NAME: ${name}\r\n        TYPE               : 10  WIN32_OWN_PROCESS\r\n        STATE              : 4  RUNNING\r\n`,
	)
	.join('');

function registry(key: string): string {
	return [
		`\r\n${key.replace('HKLM', 'HKEY_LOCAL_MACHINE')}`,
		'    ProductName    REG_SZ    Windows Server 2019 Standard',
		'    CurrentBuildNumber    REG_SZ    17763',
		'    InstallationType    REG_SZ    Server',
		'    Release    REG_DWORD    0x80eb1',
		'    Version    REG_SZ    v14.44.35211.00',
		'    Enabled    REG_DWORD    0x0',
		String.raw`    PendingFileRenameOperations    REG_MULTI_SZ    \??\C:\Windows\Temp\a\0\0`,
		'',
		`${key.replace('HKLM', 'HKEY_LOCAL_MACHINE')}\\RebootRequired`,
		'',
	].join('\r\n');
}

function answerTo({program, args}: ProgramCall): Partial<ProgramResult> | undefined {
	switch (program) {
		case 'reg.exe':
			return {stdout: registry(args[1] ?? '')};
		case 'sc.exe':
			return args[0] === 'queryex'
				? {
						stdout:
							'\r\nSERVICE_NAME: x\r\n        TYPE : 10\r\n        STATE : 4  X\r\n        A : 0\r\n        B : 0\r\n        C : 0x0\r\n        D : 0x0\r\n        PID : 42\r\n',
					}
				: {stdout: services};
		case 'fsutil.exe':
			return {stdout: 'Total free bytes : 62,277,025,792 ( 58.0 GB)\r\n'};
		case 'hostname.exe':
			return {stdout: 'SERVER-01\r\n'};
		case 'powershell.exe':
			return (args.at(-1) ?? '').includes('UtcNow')
				? {stdout: `${new Date(now).toISOString().replace('Z', '0000Z')}\r\n`}
				: {
						stdout: [443, 4222, 6222, 9090]
							.map(port => `10.0.0.2 ${port} open\r\n10.0.0.1 ${port} silent`)
							.join('\r\n'),
					};
		default:
			return undefined;
	}
}

const odd = [
	'\u0000',
	'\u001B[31m',
	'\u009B',
	'<',
	'>',
	'&',
	'"',
	'<!DOCTYPE a [<!ENTITY b "c">]>',
	'-1',
	'99999999999999999999',
	'__proto__',
	'constructor',
	':',
	'\r\n',
	'    ',
	'\uFFFD',
	'😀',
	'NaN',
	'true',
	'false',
	'0x',
];

/** A few random changes: cut, doubled, repeated, with odd characters, or replaced by noise. */
function mutated(text: string, random: Random): string {
	let result = text;
	for (let count = 1 + random(4); count > 0; count--) {
		const at = random(result.length + 1);
		const end = at + random(Math.min(40, result.length - at) + 1);
		switch (random(7)) {
			case 0:
				result = result.slice(0, at);
				break;
			case 1:
				result = result.slice(0, at) + result.slice(end);
				break;
			case 2:
				result = result.slice(0, at) + pick(random, odd) + result.slice(at);
				break;
			case 3:
				result = result.slice(0, at) + result.slice(at, end).repeat(1 + random(200)) + result.slice(end);
				break;
			case 4:
				result = result.slice(0, at) + pick(random, odd) + result.slice(end);
				break;
			case 5:
				result = result.replaceAll(/\d/g, () => String(random(10)));
				break;
			default:
				result = result.slice(0, at) + String.fromCharCode(random(0x2_00)) + result.slice(at + 1);
		}
	}

	return result.slice(0, 200_000);
}

function pick<T>(random: Random, values: readonly T[]): T {
	return values[random(values.length)] as T;
}
