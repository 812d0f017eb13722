import {agentPaths} from './agent-paths.ts';
import type {AgentPlan} from './cluster-layout.ts';

const dayMs = 24 * 60 * 60 * 1000;

/** The files of DataMiner that say how an Agent is set up, as they are where all is well; by path. */
export function settingsFiles(
	plan: AgentPlan,
	members: readonly AgentPlan[],
	/** By the Agent's clock, in milliseconds since 1970-01-01 UTC. */
	now: number,
): ReadonlyMap<string, string> {
	return new Map([
		[`${agentPaths.root}\\DB.xml`, dbXml],
		[`${agentPaths.root}\\Security.xml`, securityXml],
		[`${agentPaths.root}\\SoftLaunchOptions.xml`, softLaunchOptions],
		[`${agentPaths.files}\\SLNet.exe.config`, slNetConfig],
		[`${agentPaths.root}\\Configurations\\ClusterEndpoints.json`, clusterEndpoints(plan, members)],
		[
			`${agentPaths.root}\\Upgrades\\Helper\\VerifyClusterPorts\\VerifyClusterPorts.LastRun.xml`,
			lastPortCheck(now - 3 * dayMs),
		],
	]);
}

// Source: DB_xml.md
const dbXml = [
	'<?xml version="1.0" encoding="utf-8"?>',
	'<DataBases xmlns="http://www.skyline.be/config/db">',
	'  <DataBase active="true" type="CassandraCluster">',
	'    <DB>slcassandra</DB>',
	'    <DBServer>10.11.0.1</DBServer>',
	'  </DataBase>',
	'  <DataBase active="true" type="Elasticsearch" search="true">',
	'    <DBServer>10.11.0.2</DBServer>',
	'  </DataBase>',
	'</DataBases>',
	'',
].join('\r\n');

// Source: KI_Upgrade_to_1051_stuck.md
const securityXml = [
	'<?xml version="1.0" encoding="utf-8"?>',
	'<Security xmlns="http://www.skyline.be/config/security">',
	'  <Users>',
	'    <User name="Administrator" expired="false"/>',
	'  </Users>',
	'</Security>',
	'',
].join('\r\n');

// Source: SoftLaunchOptions.md
const softLaunchOptions = [
	'<?xml version="1.0" encoding="utf-8"?>',
	'<SLNet>',
	'  <BrokerGateway>true</BrokerGateway>',
	'</SLNet>',
	'',
].join('\r\n');

// Source: SLNet_exe_config.md
const slNetConfig = [
	'<?xml version="1.0" encoding="utf-8"?>',
	'<configuration>',
	'  <system.runtime.remoting>',
	'    <application>',
	'      <channels>',
	'        <channel ref="tcp" name="SLNetRemoting" port="8004"/>',
	'      </channels>',
	'    </application>',
	'  </system.runtime.remoting>',
	'</configuration>',
	'',
].join('\r\n');

// Source: BrokerGateway_Migration.md
function clusterEndpoints(plan: AgentPlan, members: readonly AgentPlan[]): string {
	const Endpoints = members.map(({address, dataMinerId}) => ({
		IP: address,
		DataMinerId: dataMinerId,
		IgnitionValue: `lab-${plan.dataMinerId}-${dataMinerId}`,
	}));
	return `${JSON.stringify({Endpoints}, null, 2)}\r\n`;
}

// Source: VerifyClusterPorts.dmupgrade.md
function lastPortCheck(at: number): string {
	return [
		'<VerifyResult>',
		`  <Timestamp>${new Date(at).toISOString()}</Timestamp>`,
		'  <Success>true</Success>',
		'</VerifyResult>',
		'',
	].join('\r\n');
}
