import type {AgentSurvey} from '../domain/agent-survey.ts';
import type {AgentContext} from './agent-context.ts';
import {parseDmsXml} from './dms-xml.ts';
import {decodeText} from './file-text.ts';
import {orUnknown} from './or-unknown.ts';
import {
	hasExpiredUser,
	holdsObjects,
	parseClusterEndpoints,
	parseConnectionSettings,
	parseDatabases,
	parseMaintenanceSettings,
	parsePortCheck,
	parseRedirects,
	parseRemotingPort,
	parseSoftLaunchOptions,
} from './settings-files.ts';
import {settingsFiles} from './survey-places.ts';

/** What DataMiner's own files say. */
export type SettingsSurvey = Pick<
	AgentSurvey,
	| 'clusterName'
	| 'members'
	| 'failoverTag'
	| 'maintenance'
	| 'softLaunch'
	| 'connectionSettings'
	| 'remotingPort'
	| 'redirects'
	| 'databases'
	| 'clusterEndpoints'
	| 'legacyReports'
	| 'srmXmlFiles'
	| 'expiredUsers'
	| 'portCheck'
>;

/** Users of a large system take a megabyte; above this the file is not read. */
const longestSecurityXml = 16 * 1024 * 1024;
/** An XML file of SRM without objects is far below; one above holds some. */
const longestEmptyFile = 64 * 1024;

/** Its text, which a file that is not there has not; undefined where it cannot be read. */
type Content = {readonly text?: string} | undefined;

/** Reads the settings that prerequisites and known issues look at. Nothing is changed. */
export async function surveySettings(context: AgentContext, signal?: AbortSignal): Promise<SettingsSurvey> {
	const {machine, settings} = context;
	const files = settingsFiles(settings.installFolder);
	const read = async (path: string, maxBytes?: number): Promise<Content> =>
		orUnknown(
			machine
				.readFile(path, {...(maxBytes !== undefined && {maxBytes}), ...(signal && {signal})})
				.then(bytes => (bytes ? {text: decodeText(bytes)} : {})),
		);
	const [maintenance, softLaunch, connection, slNet, dms, db, security, endpoints, ports, reports, srm] =
		await Promise.all([
			read(files.maintenanceSettings),
			read(files.softLaunchOptions),
			read(files.connectionSettings),
			read(files.slNetConfig),
			read(files.dmsXml),
			read(files.dbXml),
			read(files.securityXml, longestSecurityXml),
			read(files.clusterEndpoints),
			read(files.lastPortCheck),
			hasLegacyReports(context, [files.legacyDashboards, files.legacyReportTemplates]),
			srmFilesWithObjects(context, files.srmFiles),
		]);
	const of = <T>(content: Content, parse: (text: string) => T, whereMissing?: T): T | undefined =>
		content?.text === undefined ? content && whereMissing : parse(content.text);
	const system = of(dms, parseDmsXml);
	return known({
		clusterName: system?.clusterName,
		members: system?.members,
		failoverTag: system && 'failoverWith' in system,
		maintenance: of(maintenance, parseMaintenanceSettings, {defaultUpgradeOptions: false}),
		softLaunch: of(softLaunch, parseSoftLaunchOptions, {}),
		connectionSettings: of(connection, parseConnectionSettings, {changed: false}),
		remotingPort: of(slNet, parseRemotingPort),
		redirects: of(dms, parseRedirects),
		databases: of(db, parseDatabases),
		clusterEndpoints: of(endpoints, parseClusterEndpoints, 'missing'),
		legacyReports: reports,
		srmXmlFiles: srm,
		expiredUsers: of(security, hasExpiredUser),
		portCheck: of<AgentSurvey['portCheck']>(ports, parsePortCheck, 'never'),
	});
}

/** Without the keys that could not be found out. */
function known(found: {
	readonly [Key in keyof SettingsSurvey]: SettingsSurvey[Key] | undefined;
}): SettingsSurvey {
	return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}

/** A folder counts when something is in it. */
async function hasLegacyReports(
	{machine}: AgentContext,
	[dashboards, templates]: readonly [string, string],
): Promise<boolean | undefined> {
	const [inFolder, file] = await Promise.all([
		orUnknown(machine.list(dashboards).then(names => (names ?? []).length > 0)),
		orUnknown(machine.stat(templates).then(facts => facts !== undefined)),
	]);
	return inFolder === true || file === true
		? true
		: inFolder === undefined || file === undefined
			? undefined
			: false;
}

async function srmFilesWithObjects(
	{machine}: AgentContext,
	paths: readonly string[],
): Promise<readonly string[] | undefined> {
	const found = await Promise.all(
		paths.map(path =>
			orUnknown(
				machine.stat(path).then(async facts => {
					if (!facts || facts.folder || facts.size === 0) {
						return false;
					}

					return (
						facts.size > longestEmptyFile ||
						holdsObjects(decodeText((await machine.readFile(path)) ?? new Uint8Array()))
					);
				}),
			),
		),
	);
	return found.includes(undefined)
		? undefined
		: paths.filter((_, index) => found[index]).map(path => path.slice(path.lastIndexOf('\\') + 1));
}
