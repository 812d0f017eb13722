import type {ServiceStanding} from '../../agent-survey.ts';
import {membership, parseRange} from '../range.ts';
import {type AgentNeed, type NeedAnswer, type NeedFacts, broken, kept, unknown} from './need.ts';

type Need<Kind extends AgentNeed['kind']> = Extract<AgentNeed, {kind: Kind}>;

const MB = 1000 ** 2;
/** Source: MaintenanceSettings.SLNet.MaxUploadSize.md */
const defaultUploadSize = 4000;
/** Before 10.0.0 and 10.0.3 it was this. Source: General_Feature_Release_10.0.3.md (RN 24922) */
const earlierUploadSize = 500;
const withEarlierUploadSize = parseRange('MR<10.0.0[CU0] | FR<10.0.3');

export function judgeUploadSize({survey: {maintenance}, status, package: facts}: NeedFacts): NeedAnswer {
	if (maintenance === undefined) {
		return unknown('MaintenanceSettings.xml could not be read.');
	}

	if (maintenance.maxUploadSize === 'unreadable') {
		return unknown('MaxUploadSize in MaintenanceSettings.xml is no number of MB.');
	}

	const earlier =
		status.version !== undefined && membership(withEarlierUploadSize, status.version) === 'inside';
	const limit = maintenance.maxUploadSize ?? (earlier ? earlierUploadSize : defaultUploadSize);
	const size = Math.ceil(facts.size / MB);
	return facts.size > limit * MB
		? // It is not documented whether the Taskbar Utility heeds the limit, which is one of uploads over SLNet.
			broken(`The package has ${size} MB, MaxUploadSize is ${limit} MB; over SSH nothing limits it.`, 'warn')
		: kept(`The package has ${size} MB, MaxUploadSize is ${limit} MB.`);
}

export function judgeSoftLaunch(
	{option, onBefore}: Need<'soft-launch-off'>,
	{survey: {softLaunch}, status}: NeedFacts,
): NeedAnswer {
	if (softLaunch === undefined) {
		return unknown('SoftLaunchOptions.xml could not be read.');
	}

	const set = Object.hasOwn(softLaunch, option) ? softLaunch[option] : undefined;
	if (set === 'unreadable') {
		return unknown(`${option} is set to something that is neither true nor false.`);
	}

	if (set !== undefined) {
		return set ? broken(`${option} is on.`) : kept(`${option} is off.`);
	}

	if (onBefore === undefined) {
		return kept(`${option} is not set.`);
	}

	const onUnlessSet =
		status.version === undefined ? 'unknown' : membership(parseRange(onBefore), status.version);
	return onUnlessSet === 'outside'
		? kept(`${option} is not set, which means off.`)
		: onUnlessSet === 'inside'
			? broken(`${option} is not set, which means on in this version.`)
			: unknown(`${option} is not set; what that means in this version is not known.`);
}

export function judgeLegacyReports({survey: {legacyReports, softLaunch}}: NeedFacts): NeedAnswer {
	if (legacyReports === undefined) {
		return unknown('Whether there are any could not be found out.');
	}

	if (!legacyReports) {
		return kept('There are none.');
	}

	return softLaunch?.['LegacyReportsAndDashboards'] === true
		? kept('There are some, and LegacyReportsAndDashboards is on to keep them.')
		: broken('There are some.');
}

export function judgeSrmStorage({survey: {srmXmlFiles}}: NeedFacts): NeedAnswer {
	return srmXmlFiles === undefined
		? unknown('Whether XML files of SRM hold objects could not be found out.')
		: srmXmlFiles.length === 0
			? kept('No XML file of SRM holds objects.')
			: // After a migration the files may stay; which storage is in use stands elsewhere.
				broken(
					`${srmXmlFiles.join(' and ')} holds objects; whether it is still in use cannot be seen.`,
					'warn',
				);
}

export function judgeKeyspaces({survey: {databases}}: NeedFacts): NeedAnswer {
	return databases === undefined
		? unknown('DB.xml could not be read.')
		: databases.some(({keyspaces}) => keyspaces)
			? broken('DB.xml names an Amazon Keyspaces server.')
			: kept(`${[...new Set(databases.map(({type}) => type))].join(', ') || 'None in DB.xml'}.`);
}

const remotingPort = 8004;
const gatewayRedirect = /^https:\/\/[^/]+\/APIGateway\/?$/i;

/** Source: KI_Upgrade_fails_VerifyGRPCConnection_prerequisite.md */
export function judgeGrpcSettings({survey, nodes}: NeedFacts): NeedAnswer {
	const {connectionSettings, remotingPort: port, redirects, maintenance} = survey;
	const wrong = [
		// With the setting, special configurations are allowed.
		...(connectionSettings?.changed && maintenance?.dotNetRemoting !== true
			? [`ConnectionSettings.txt has ${connectionSettings.what}`]
			: []),
		...(port !== undefined && port !== remotingPort && maintenance?.dotNetRemoting !== true
			? [`the port of .NET Remoting in SLNet.exe.config is ${port} and not ${remotingPort}`]
			: []),
		...(redirects ?? [])
			.filter(via => !gatewayRedirect.test(via))
			.map(via => `the redirect ${via} in DMS.xml is not https://…/APIGateway`),
	];
	if (wrong.length > 0) {
		return broken(`${sentence(wrong.join('; '))}.`);
	}

	const unread = [
		...(connectionSettings === undefined ? ['ConnectionSettings.txt'] : []),
		...(port === undefined ? ['SLNet.exe.config'] : []),
		...(redirects === undefined ? ['DMS.xml'] : []),
	];
	return unread.length > 0
		? unknown(`${unread.join(' and ')} could not be read.`)
		: nodes === 1
			? kept('The settings are as they should be, and there is no other Agent.')
			: unknown(
					'The settings are as they should be; whether all Agents reach each other cannot be seen from here.',
				);
}

export function judgeRedirects({survey: {redirects}}: NeedFacts): NeedAnswer {
	return redirects === undefined
		? unknown('DMS.xml could not be read.')
		: redirects.length === 0
			? kept('There are none in DMS.xml.')
			: broken(`DMS.xml has ${redirects.length}.`);
}

export function judgeUpgradeOptions({survey: {maintenance}}: NeedFacts): NeedAnswer {
	return maintenance === undefined
		? unknown('MaintenanceSettings.xml could not be read.')
		: maintenance.defaultUpgradeOptions
			? broken('MaintenanceSettings.xml has SLNet/DefaultUpgradeOptions.')
			: kept('MaintenanceSettings.xml has no SLNet/DefaultUpgradeOptions.');
}

export function judgeExpiredUsers({survey: {expiredUsers}}: NeedFacts): NeedAnswer {
	return expiredUsers === undefined
		? unknown('Security.xml could not be read.')
		: expiredUsers
			? broken('Security.xml has a user with expired="true".')
			: kept('No user in Security.xml is marked as expired.');
}

export function judgeClusterName({survey: {clusterName}}: NeedFacts): NeedAnswer {
	return clusterName === undefined
		? unknown('The name of the DMS could not be read from DMS.xml.')
		: /^[\p{L}\p{N}]/u.test(clusterName)
			? kept(`${clusterName}.`)
			: broken(`It is ${clusterName}.`);
}

export function serviceNamed(
	services: readonly ServiceStanding[] | undefined,
	name: string,
): ServiceStanding | undefined {
	const wanted = name.toLowerCase();
	return services?.find(
		service => service.name.toLowerCase() === wanted || service.displayName.toLowerCase() === wanted,
	);
}

function sentence(text: string): string {
	return text.charAt(0).toUpperCase() + text.slice(1);
}
