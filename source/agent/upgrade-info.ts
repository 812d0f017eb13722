import type {FailoverPolicy} from '../domain/failover-policy.ts';
import {type UpgradeOptions, upgradeOptionInfos} from '../domain/upgrade-options.ts';
import {escapeXml} from './agent-xml.ts';

export interface UpgradeInfo {
	/** The Agents to upgrade; `localhost` is the one that reads the file. */
	readonly agents: readonly string[];
	readonly isCluster: boolean;
	readonly options: UpgradeOptions;
	readonly failoverPolicy: FailoverPolicy;
}

/** The second argument of `SLTaskbarUtility.exe -upgrade`. Source: Taskbar_Utility_command_line_options.md */
export function upgradeInfoXml({agents, isCluster, options, failoverPolicy}: UpgradeInfo): string {
	return [
		'<UpgradeInfo>',
		'  <Agents>',
		...agents.map(address => `    <IP>${escapeXml(address)}</IP>`),
		'  </Agents>',
		`  <IsCluster>${String(isCluster)}</IsCluster>`,
		...upgradeOptionInfos.map(({name}) => `  <${name}>${String(options[name])}</${name}>`),
		`  <FailoverPolicy>${failoverPolicy}</FailoverPolicy>`,
		'</UpgradeInfo>',
		'',
	].join('\r\n');
}
