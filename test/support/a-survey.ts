import type {AgentSurvey} from '../../source/domain/agent-survey.ts';
import type {NeedFacts} from '../../source/domain/rules/needs/need.ts';
import {testTime, aStatus} from './a-cluster.ts';
import {aPackage} from './a-package.ts';

const newest = {version: '14.44.35211.0'};

/** What a look at a well-kept Agent finds; name only what matters to the test. */
export function aSurvey(changes: Partial<AgentSurvey> = {}): AgentSurvey {
	return {
		hostName: 'SERVER-01',
		clusterName: 'Practice',
		clock: {aheadMs: 0, uncertaintyMs: 50},
		windows: {name: 'Windows Server 2022 Standard', build: 20_348, server: true},
		dotNetFramework: 528_449,
		aspNetCore: ['5.0.17', '6.0.36', '8.0.22', '10.0.1'],
		visualCpp: {x64: newest, x86: newest},
		services: ['nats-server', 'DataMiner BrokerGateway', 'DataMiner APIGateway'].map(name => ({
			name,
			displayName: name,
			running: true,
		})),
		pendingReboot: [],
		fipsEnforced: false,
		maintenance: {defaultUpgradeOptions: false, brokerGateway: true},
		softLaunch: {BrokerGateway: true, LegacyAnnotations: false},
		connectionSettings: {changed: false},
		remotingPort: 8004,
		redirects: [],
		databases: [{type: 'CassandraCluster', keyspaces: false}],
		clusterEndpoints: 'complete',
		legacyReports: false,
		srmXmlFiles: [],
		expiredUsers: false,
		portCheck: {at: testTime - 24 * 60 * 60 * 1000, passed: true},
		ports: [443, 4222, 6222, 9090].map(port => ({address: '10.0.0.2', port, answer: 'open' as const})),
		taskbarUtility: true,
		...changes,
	};
}

/** Everything that needs are judged by, of a well-kept Agent among three. */
export function needFacts(changes: Partial<NeedFacts> = {}): NeedFacts {
	return {status: aStatus(), survey: aSurvey(), package: aPackage(), nodes: 3, now: testTime, ...changes};
}
