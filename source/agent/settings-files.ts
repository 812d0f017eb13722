import * as z from 'zod';
import type {
	AgentSurvey,
	ClusterEndpoints,
	ConnectionSettings,
	DatabaseFacts,
	MaintenanceFacts,
	PortCheck,
} from '../domain/agent-survey.ts';
import {visibleText} from '../domain/text.ts';
import {type XmlElement, attributeOf, childElements, parseAgentXml, textOf} from './agent-xml.ts';
import {linesOf} from './file-text.ts';

const mostEntries = 500;

/** `true` or `false` in whatever case; undefined for anything else. */
function truth(text: string | undefined): boolean | undefined {
	const word = text?.trim().toLowerCase();
	return word === 'true' ? true : word === 'false' ? false : undefined;
}

function childText(parent: XmlElement, name: string): string | undefined {
	const [child] = childElements(parent, name);
	return child && textOf(child);
}

/** Reads `MaintenanceSettings.xml`. Undefined where the text is no such file. Source: MaintenanceSettings.SLNet.md */
export function parseMaintenanceSettings(text: string): MaintenanceFacts | undefined {
	const root = parseAgentXml(text, 'MaintenanceSettings');
	if (!root) {
		return undefined;
	}

	const [slNet = {}] = childElements(root, 'SLNet');
	const brokerGateway = truth(childText(slNet, 'BrokerGateway'));
	const dotNetRemoting = truth(childText(slNet, 'EnableDotNetRemoting'));
	const size = childText(slNet, 'MaxUploadSize')?.trim();
	return {
		defaultUpgradeOptions: childElements(slNet, 'DefaultUpgradeOptions').length > 0,
		...(brokerGateway !== undefined && {brokerGateway}),
		...(dotNetRemoting !== undefined && {dotNetRemoting}),
		...(size !== undefined && {maxUploadSize: /^\d{1,9}$/.test(size) ? Number(size) : 'unreadable'}),
	};
}

/** Reads `SoftLaunchOptions.xml`. Undefined where the text is no such file. Source: SoftLaunchOptions.md */
export function parseSoftLaunchOptions(text: string): AgentSurvey['softLaunch'] {
	const root = parseAgentXml(text, 'SLNet');
	return (
		root &&
		Object.fromEntries(
			Object.keys(root)
				.filter(name => /^\w{1,100}$/.test(name))
				.slice(0, mostEntries)
				.map(name => [name, truth(childText(root, name)) ?? 'unreadable']),
		)
	);
}

/**
 * Reads `ConnectionSettings.txt`: lines such as `* type=GRPCConnection`, of addresses and settings. Polling, another port
 * and settings of their own for some addresses are what the prerequisite does not accept.
 * Source: ConnectionSettings_txt.md, KI_Upgrade_fails_VerifyGRPCConnection_prerequisite.md
 */
export function parseConnectionSettings(text: string): ConnectionSettings {
	const lines = linesOf(text).filter(line => !/^(?:#|\/\/)/.test(line));
	const settings = lines.flatMap(line => line.toLowerCase().split(/[\s;]+/));
	const port = settings.find(setting => setting.startsWith('serverport='))?.slice('serverport='.length);
	const what = [
		...(lines.some(line => !line.startsWith('*')) || lines.length > 1
			? ['settings for some addresses only']
			: []),
		...(settings.some(setting => /^polling=0*[1-9]/.test(setting)) ? ['polling'] : []),
		...(port !== undefined && port !== '8004' ? [`port ${visibleText(port, 10)}`] : []),
	];
	return what.length === 0 ? {changed: false} : {changed: true, what: what.join(' and ')};
}

/** The port of .NET Remoting in `SLNet.exe.config`; undefined where it is not named. */
export function parseRemotingPort(text: string): number | undefined {
	for (const [channel] of text.matchAll(/<channel\b[^>]{0,1000}>/gi)) {
		const port = /\bport="(?<port>\d{1,5})"/i.exec(channel)?.groups?.['port'];
		if (/\bname="SLNetRemoting"/i.test(channel) && port !== undefined) {
			return Number(port);
		}
	}

	return undefined;
}

/** The `via` of each redirect of `DMS.xml`; its user and password are not looked at. Source: DMS_xml.md */
export function parseRedirects(text: string): readonly string[] | undefined {
	const root = parseAgentXml(text, 'DMS');
	return (
		root &&
		childElements(root, 'Redirects')
			.flatMap(redirects => childElements(redirects, 'Redirect'))
			.slice(0, mostEntries)
			.map(redirect => visibleText(attributeOf(redirect, 'via') ?? 'without via', 300))
	);
}

// https://docs.aws.amazon.com/keyspaces: service endpoints
const keyspacesServer = /(?:^|[\s,;])cassandra(?:-fips)?\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?(?:$|[\s,;:])/i;

/** The active databases of `DB.xml`; users and passwords are not looked at. Source: DB_xml.md */
export function parseDatabases(text: string): readonly DatabaseFacts[] | undefined {
	const root = parseAgentXml(text, 'DataBases');
	return (
		root &&
		childElements(root, 'DataBase')
			.filter(database => truth(attributeOf(database, 'active')) !== false)
			.slice(0, mostEntries)
			.map(database => ({
				type: visibleText(attributeOf(database, 'type') ?? 'unknown', 50),
				keyspaces: keyspacesServer.test(childText(database, 'DBServer') ?? ''),
			}))
	);
}

const endpointsFile = z.object({
	Endpoints: z.array(z.object({IgnitionValue: z.string().nullish()})),
});

/** Reads `ClusterEndpoints.json`. Undefined where the text is no such file. Source: BrokerGateway_Migration.md */
export function parseClusterEndpoints(text: string): ClusterEndpoints | undefined {
	let content: unknown;
	try {
		content = JSON.parse(text.replace(/^\uFEFF/, ''));
	} catch {
		return undefined;
	}

	const file = endpointsFile.safeParse(content);
	return file.success
		? file.data.Endpoints.length > 0 &&
			file.data.Endpoints.every(
				({IgnitionValue: value}) => value !== undefined && value !== null && value !== '',
			)
			? 'complete'
			: 'incomplete'
		: undefined;
}

const utcTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/;

/** Milliseconds since 1970-01-01 UTC for `2022-03-31T12:05:04.751573Z`; undefined for anything else. */
export function parseUtc(text: string): number | undefined {
	const time = utcTime.test(text) ? Date.parse(text.replace(/(\.\d{3})\d+Z$/, '$1Z')) : Number.NaN;
	return Number.isNaN(time) ? undefined : time;
}

/** Reads `VerifyClusterPorts.LastRun.xml`. Undefined where the text is no such file. Source: VerifyClusterPorts.dmupgrade.md */
export function parsePortCheck(text: string): PortCheck | undefined {
	const root = parseAgentXml(text, 'VerifyResult');
	const at = root && parseUtc(childText(root, 'Timestamp')?.trim() ?? '');
	const passed = root && truth(childText(root, 'Success'));
	return at === undefined || passed === undefined ? undefined : {at, passed};
}

/** Whether an XML file of SRM holds more than its own root. Text that is no XML holds something, too. */
export function holdsObjects(text: string): boolean {
	const elements = text.match(/<[A-Za-z_]/g)?.length ?? 0;
	return elements > 1 || (elements === 0 && text.trim() !== '');
}

/** Whether `Security.xml` marks a user's password as expired. Source: KI_Upgrade_to_1051_stuck.md */
export function hasExpiredUser(text: string): boolean {
	return /\bexpired\s*=\s*["']true["']/i.test(text);
}
