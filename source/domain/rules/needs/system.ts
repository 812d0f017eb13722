import {parseUpdateContent} from '../../update-content.ts';
import {membership, parseRange} from '../range.ts';
import {type AgentNeed, type NeedAnswer, type NeedFacts, broken, kept, unknown} from './need.ts';
import {serviceNamed} from './settings.ts';

type Need<Kind extends AgentNeed['kind']> = Extract<AgentNeed, {kind: Kind}>;

/** From these on BrokerGateway is all there is. Source: BrokerGateway_Migration.md */
const alwaysBrokerGateway = parseRange('MR>=10.6.0[CU0] | FR>=10.6.1');

/** Source: BrokerGateway_Migration.md */
export function judgeBrokerGateway({
	survey: {maintenance, softLaunch, services},
	status,
}: NeedFacts): NeedAnswer {
	const server = services && serviceNamed(services, 'nats-server') !== undefined;
	const obsolete =
		status.version !== undefined && membership(alwaysBrokerGateway, status.version) === 'inside';
	const set = obsolete || maintenance?.brokerGateway === true || softLaunch?.['BrokerGateway'] === true;
	if (server === false) {
		return broken('There is no service nats-server: NATS is still the one of SLNet.');
	}

	if (!set && maintenance !== undefined && softLaunch !== undefined) {
		return broken('MaintenanceSettings.xml does not have SLNet/BrokerGateway true.');
	}

	return server && set
		? kept('NATS is under BrokerGateway.')
		: unknown('Whether NATS is under BrokerGateway could not be found out.');
}

/** Source: VerifyNatsCluster.md, VerifyNatsIsRunning.md */
export function judgeNats({nodes}: Need<'nats-running'>, facts: NeedFacts): NeedAnswer {
	const {services} = facts.survey;
	if (services === undefined) {
		return unknown('Whether NATS runs could not be found out.');
	}

	const server = serviceNamed(services, 'nats-server');
	const legacy = ['NAS', 'NATS'].flatMap(name => serviceNamed(services, name) ?? []);
	const migrated = judgeBrokerGateway(facts).is === 'kept';
	if (server && (migrated || legacy.length === 0)) {
		return server.running
			? running('nats-server', nodes && facts.nodes !== 1)
			: broken('The service nats-server does not run.');
	}

	const stopped = legacy.filter(service => !service.running).map(({name}) => name);
	// Without BrokerGateway not every Agent needs NATS, and which ones do cannot be seen.
	return legacy.length === 0
		? broken('There is no service of NATS.', 'warn')
		: stopped.length > 0
			? broken(`${stopped.join(' and ')} does not run.`, 'warn')
			: running(legacy.map(({name}) => name).join(' and '), nodes && facts.nodes !== 1);
}

function running(what: string, nodes: boolean | undefined): NeedAnswer {
	return nodes
		? unknown(`${what} runs; whether the nodes of NATS reach each other cannot be seen from here.`)
		: kept(`${what} runs.`);
}

/** Source: BrokerGateway_Migration.md, BPA_NATS_Migration_Prerequisites.md */
export function judgeClusterEndpoints({survey: {clusterEndpoints, softLaunch}}: NeedFacts): NeedAnswer {
	if (softLaunch?.['ClusterEndpointsManager'] === false) {
		return broken('The soft-launch option ClusterEndpointsManager is off.');
	}

	if (clusterEndpoints === undefined) {
		return unknown('ClusterEndpoints.json could not be read.');
	}

	switch (clusterEndpoints) {
		case 'missing':
			return broken('There is no Configurations\\ClusterEndpoints.json.');
		case 'incomplete':
			return broken('ClusterEndpoints.json has no entry, or one without an IgnitionValue.');
		case 'complete':
			return softLaunch === undefined || softLaunch['ClusterEndpointsManager'] === 'unreadable'
				? unknown('ClusterEndpoints.json is complete; SoftLaunchOptions.xml could not be read.')
				: kept('ClusterEndpoints.json is complete.');
	}
}

export function judgeFailoverPair(
	{database, unless}: Need<'no-failover-pair'>,
	{status: {role}, survey: {databases, failoverTag}}: NeedFacts,
): NeedAnswer {
	if (role === undefined && !failoverTag) {
		return kept('It is in no Failover pair.');
	}

	if (unless !== undefined) {
		return unknown(`It is in a Failover pair; ${unless} cannot be seen from here.`);
	}

	if (database === undefined) {
		return broken('It is in a Failover pair.');
	}

	return databases === undefined
		? unknown('It is in a Failover pair; DB.xml could not be read.')
		: databases.some(({type}) => type.toLowerCase().startsWith(database.toLowerCase()))
			? broken(`It is in a Failover pair with ${database}.`)
			: kept(`It is in a Failover pair, without ${database}.`);
}

export function judgePolicy({brokerGateway}: Need<'simultaneous-policy'>, facts: NeedFacts): NeedAnswer {
	const {policy, status, survey} = facts;
	if (status.role === undefined && !survey.failoverTag) {
		return kept('It is in no Failover pair.');
	}

	if (policy === undefined) {
		return unknown('The policy is not chosen yet.');
	}

	if (policy === 'Simultaneously') {
		return kept('Both Agents of the pair are upgraded at the same time.');
	}

	const matters = brokerGateway ? judgeBrokerGateway(facts).is : 'kept';
	return matters === 'broken'
		? kept('NATS is not under BrokerGateway.')
		: matters === 'kept'
			? broken(`The policy is ${policy}.`)
			: unknown(`The policy is ${policy}; whether NATS is under BrokerGateway could not be found out.`);
}

export function judgeNodes(facts: NeedFacts): NeedAnswer {
	const {nodes} = facts;
	return nodes === undefined
		? unknown('How many Agents the cluster has is not known.')
		: nodes !== 2
			? kept(`The cluster has ${nodes} Agents.`)
			: // The remedy is about NAS and NATS, which are gone with BrokerGateway.
				judgeBrokerGateway(facts).is === 'kept'
				? kept('The cluster has two Agents, and no NAS since NATS is under BrokerGateway.')
				: broken('The cluster has two Agents.');
}

export function judgeAppInstall({package: {actions, restarts}}: NeedFacts): NeedAnswer {
	return !parseUpdateContent(actions.join('\n')).some(({verb}) => verb === 'installapp')
		? kept('The package installs no app package.')
		: restarts === 'agent'
			? broken('UpdateContent.txt has InstallApp, and stops DataMiner.')
			: kept('UpdateContent.txt has InstallApp, and lets DataMiner run.');
}
