import type {AgentNeed} from './need.ts';

/** The readiness check under which a need is told. */
export interface Topic {
	readonly id: string;
	readonly title: string;
}

const topics: Readonly<Partial<Record<AgentNeed['kind'], Topic>>> = {
	'dot-net': {id: 'dotnet', title: '.NET and ASP.NET Core'},
	'visual-cpp': {id: 'visual-cpp', title: 'Visual C++ redistributable'},
	'universal-crt': {id: 'visual-cpp', title: 'Visual C++ redistributable'},
	windows: {id: 'windows', title: 'Windows version'},
	'supported-windows': {id: 'windows', title: 'Windows version'},
	'computer-name': {id: 'computer-name', title: 'Name of the server'},
	'fips-off': {id: 'fips', title: 'FIPS policy of Windows'},
	'upload-size': {id: 'upload-size', title: 'Upload limit'},
	'port-check': {id: 'ports', title: 'Ports between the Agents'},
	'https-port': {id: 'https-port', title: 'Port 443 between the Agents'},
	brokergateway: {id: 'brokergateway', title: 'BrokerGateway'},
	'cluster-endpoints': {id: 'cluster-endpoints', title: 'Endpoints for the BrokerGateway migration'},
	'nats-running': {id: 'nats', title: 'NATS'},
	'soft-launch-off': {id: 'soft-launch', title: 'Soft-launch options'},
	'no-legacy-reports': {id: 'legacy-reports', title: 'Legacy reports and dashboards'},
	'no-srm-in-xml': {id: 'srm-storage', title: 'Storage of SRM'},
	'no-keyspaces': {id: 'database', title: 'Database'},
	'grpc-settings': {id: 'grpc', title: 'Settings of connections'},
	'no-redirects': {id: 'redirects', title: 'Redirects'},
	'upgrade-options-unchanged': {id: 'default-upgrade-options', title: 'Default upgrade options'},
	'no-expired-users': {id: 'users', title: 'Users'},
	'simultaneous-policy': {id: 'failover-policy', title: 'Failover policy'},
	'plain-cluster-name': {id: 'cluster-name', title: 'Name of the DMS'},
	'not-two-nodes': {id: 'two-nodes', title: 'Clusters of two nodes'},
	'no-app-install': {id: 'app-install', title: 'App package inside'},
};

/** A need without a topic of its own stands for itself: what it means differs from rule to rule. */
export function topicOf(need: AgentNeed, rule: string): Topic {
	return topics[need.kind] ?? {id: rule, title: 'Known issue with Failover'};
}

/** The ids of all topics. */
export const topicIds: ReadonlySet<string> = new Set(Object.values(topics).map(({id}) => id));
