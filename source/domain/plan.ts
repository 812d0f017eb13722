import type {AgentId} from './agent.ts';
import type {Bandwidth} from './bandwidth.ts';
import {type Cluster, type FailoverPair, type Roles, failoverPairs, findAgent} from './cluster.ts';
import {type FailoverPolicy, type OrderingPolicy, assumedDefaultPolicy} from './failover-policy.ts';
import {type Launch, type LaunchWay, credentialsWarning, leaderOf, planLaunch} from './launch.ts';
import {type PackageFacts, changesVersion} from './package-facts.ts';
import type {UpgradeOptions} from './upgrade-options.ts';
import type {Failure} from './user-error.ts';

export interface UpgradeRequest {
	readonly goal: 'upload' | 'upgrade';
	readonly package: PackageFacts;
	/** `all`: all Agents in the cluster. */
	readonly agents: 'all' | readonly AgentId[];
	readonly options: UpgradeOptions;
	readonly policy: FailoverPolicy;
	/** What `UseDefault` means in this cluster, where that is known. */
	readonly clusterPolicy?: OrderingPolicy;
	/** Why pairs cannot be switched over, where they cannot: backup-first policies are refused then. */
	readonly switchOverRefusal?: Failure;
	/** Without it every Agent is launched by itself. */
	readonly launch?: LaunchWay;
	/** For all uploads together; without it they are as fast as the line. */
	readonly bandwidth?: Bandwidth;
}

/** One step of the plan; a step begins when the one before has been verified. */
export type PlanStep =
	| {readonly kind: 'wave'; readonly agents: readonly AgentId[]}
	/** The Agent named first goes offline, the second takes over. */
	| {readonly kind: 'switch-over' | 'switch-back'; readonly pairs: readonly SwitchOver[]};

export interface SwitchOver {
	readonly from: AgentId;
	readonly to: AgentId;
}

/** What will be done, computed and shown before it starts. */
export interface UpgradePlan {
	readonly cluster: string;
	readonly goal: 'upload' | 'upgrade';
	readonly package: PackageFacts;
	/** Every Agent of the plan, in the order of the inventory. */
	readonly agents: readonly AgentId[];
	readonly wholeCluster: boolean;
	readonly options: UpgradeOptions;
	readonly policy: OrderingPolicy;
	/** Missing in runs of earlier versions, which launched every Agent by itself. */
	readonly launch?: Launch;
	/** For all uploads together; missing where nothing holds them back. */
	readonly bandwidth?: Bandwidth;
	/**
	 * Empty when the goal is `upload`. Every Agent of the plan stands in exactly one wave: where one Agent is told to
	 * upgrade the whole cluster there is but one, and DataMiner itself keeps the order within it.
	 */
	readonly steps: readonly PlanStep[];
	/** What the operator should know before he starts; no reason to refuse. */
	readonly warnings: readonly string[];
}

export type PlanResult =
	| {readonly plan: UpgradePlan}
	/** Why it cannot be done as asked; never empty. */
	| {readonly refusals: readonly Failure[]};

/** Decides in which order the Agents are upgraded, or why they cannot be. Roles matter for backup-first policies only. */
export function planUpgrade(cluster: Cluster, roles: Roles, request: UpgradeRequest): PlanResult {
	const {goal, package: facts} = request;
	const chosen =
		request.agents === 'all' ? cluster.agents.map(agent => agent.id) : [...new Set(request.agents)];
	const agents = cluster.agents.map(agent => agent.id).filter(id => chosen.includes(id));
	const policy =
		request.policy === 'UseDefault' ? (request.clusterPolicy ?? assumedDefaultPolicy) : request.policy;
	const pairs = failoverPairs(cluster).filter(([a, b]) => agents.includes(a) && agents.includes(b));
	const wholeCluster = agents.length === cluster.agents.length;
	const ordered = policy !== 'Simultaneously' && goal === 'upgrade' && pairs.length > 0;
	const way = goal === 'upgrade' ? (request.launch ?? 'agents') : 'agents';
	const launched = planLaunch(cluster, agents, roles, way);
	const refusals = [
		...refusePackage(facts, goal),
		...refuseAgents(cluster, chosen),
		...('refusal' in launched && agents.length > 0 ? [launched.refusal] : []),
		...(ordered && way === 'agents' ? refuseSwitchOver(request, pairs, roles, wholeCluster) : []),
		...(ordered ? refuseStoppedPartner(request) : []),
	];
	if (refusals.length > 0 || 'refusal' in launched) {
		return {refusals};
	}

	const {launch} = launched;
	const leader = leaderOf(launched);
	return {
		plan: {
			cluster: cluster.name,
			goal,
			package: facts,
			agents,
			wholeCluster,
			options: request.options,
			policy,
			launch,
			...(request.bandwidth !== undefined && {bandwidth: request.bandwidth}),
			steps: goal === 'upload' ? [] : steps(agents, leader === undefined ? pairs : [], roles, policy),
			warnings: [
				...warnings(wholeCluster, policy, pairs, facts),
				...(leader === undefined ? [] : [credentialsWarning(leader)]),
			],
		},
	};
}

/**
 * The roles that Agents must have when a step begins, where that matters: under a backup-first policy an Agent of a
 * pair is upgraded only while it is offline, and a pair is switched over from the one that is online.
 */
export function rolesNeeded(plan: UpgradePlan, step: PlanStep): Roles {
	const pairs = plan.steps.flatMap(other => (other.kind === 'switch-over' ? other.pairs : []));
	const inPairs = new Set(pairs.flatMap(({from, to}) => [from, to]));
	return new Map(
		step.kind === 'wave'
			? step.agents.filter(id => inPairs.has(id)).map(id => [id, 'offline'])
			: step.pairs.flatMap(({from, to}) => [
					[from, 'online'],
					[to, 'offline'],
				]),
	);
}

function steps(
	agents: readonly AgentId[],
	pairs: readonly FailoverPair[],
	roles: Roles,
	policy: OrderingPolicy,
): PlanStep[] {
	if (policy === 'Simultaneously' || pairs.length === 0) {
		return [{kind: 'wave', agents}];
	}

	const switches = pairs.map(([a, b]) => (roles.get(a) === 'online' ? {from: a, to: b} : {from: b, to: a}));
	const first = new Set(switches.map(({to}) => to));
	const sequence: PlanStep[] = [
		{kind: 'wave', agents: agents.filter(id => first.has(id))},
		{kind: 'switch-over', pairs: switches},
		{kind: 'wave', agents: agents.filter(id => !first.has(id))},
	];
	if (policy === 'BackupFirstWithSwitchback') {
		sequence.push({kind: 'switch-back', pairs: switches.map(({from, to}) => ({from: to, to: from}))});
	}

	return sequence;
}

function refusePackage(facts: PackageFacts, goal: UpgradeRequest['goal']): Failure[] {
	const refusals: Failure[] = facts.problems
		.filter(problem => problem.severity === 'block')
		.map(({code, message}) => ({
			code,
			message,
			nextSteps: ['Download the package again, or choose another one.'],
		}));
	if (facts.kind === 'application') {
		refusals.push({
			code: 'PACKAGE_KIND',
			message: `${facts.file} is an application package, which is installed and not upgraded to.`,
			nextSteps: ['Install it in System Center › Apps, or choose a .dmupgrade package.'],
		});
	}

	if (goal === 'upgrade' && changesVersion(facts.kind) && facts.version === undefined) {
		refusals.push({
			code: 'PACKAGE_VERSION_UNKNOWN',
			message: `The name of ${facts.file} does not say which version it brings, so that the result could not be verified.`,
			nextSteps: [
				'Give the file back the name it was downloaded under, e.g. "DataMiner 10.6.4.0-16868 Full Upgrade.dmupgrade".',
			],
		});
	}

	return refusals;
}

function refuseAgents(cluster: Cluster, chosen: readonly AgentId[]): Failure[] {
	if (chosen.length === 0) {
		return [{code: 'NO_AGENTS', message: 'No Agent is chosen.', nextSteps: ['Choose at least one Agent.']}];
	}

	return chosen.flatMap(id => {
		const agent = findAgent(cluster, id);
		if (!agent) {
			return [
				{
					code: 'UNKNOWN_AGENT',
					message: `There is no Agent "${id}" in cluster ${cluster.name}.`,
					nextSteps: [`Choose among ${cluster.agents.map(known => known.id).join(', ')}.`],
				},
			];
		}

		// System Center and the Taskbar Utility treat a pair as one member; half a pair would run two versions.
		return agent.partner === undefined || chosen.includes(agent.partner)
			? []
			: [
					{
						code: 'HALF_A_PAIR',
						message: `${id} and ${agent.partner} are a Failover pair, and only ${id} is chosen.`,
						nextSteps: [`Choose ${agent.partner} as well.`],
					},
				];
	});
}

function refuseSwitchOver(
	{switchOverRefusal}: UpgradeRequest,
	pairs: readonly FailoverPair[],
	roles: Roles,
	wholeCluster: boolean,
): Failure[] {
	const refusals = refuseRoles(pairs, roles);
	if (switchOverRefusal) {
		refusals.push({
			...switchOverRefusal,
			nextSteps: [
				...switchOverRefusal.nextSteps,
				...(wholeCluster
					? [
							'Or let one Agent upgrade the whole cluster and switch the pairs over itself (--launch cluster).',
						]
					: []),
			],
		});
	}

	return refusals;
}

function refuseStoppedPartner({options, package: facts}: UpgradeRequest): Failure[] {
	return options.AutomaticStartServices || facts.restarts !== 'agent'
		? []
		: [
				{
					code: 'NO_START_NO_SWITCH',
					message: 'A pair cannot be switched over to an Agent that is not started after its upgrade.',
					nextSteps: [
						'Switch "Automatically start DMA after startup" on.',
						'Or upgrade both Agents of a pair simultaneously.',
					],
				},
			];
}

function refuseRoles(pairs: readonly FailoverPair[], roles: Roles): Failure[] {
	return pairs.flatMap(([a, b]) => {
		const known = new Set([roles.get(a), roles.get(b)]);
		return known.has('online') && known.has('offline')
			? []
			: [
					{
						code: 'ROLE_UNKNOWN',
						message: `Which Agent of the pair ${a} / ${b} is offline is not known (${a}: ${roles.get(a) ?? 'unknown'}, ${b}: ${roles.get(b) ?? 'unknown'}).`,
						nextSteps: [
							'Look at the Failover status in Cube.',
							'Or upgrade both Agents of a pair simultaneously.',
						],
					},
				];
	});
}

function warnings(
	wholeCluster: boolean,
	policy: OrderingPolicy,
	pairs: readonly FailoverPair[],
	facts: PackageFacts,
): string[] {
	return [
		...(wholeCluster
			? []
			: ['Only some Agents of the cluster are chosen. All Agents of a cluster must run the same version.']),
		...(policy !== 'Simultaneously' && pairs.length > 0
			? ['Backup first is a legacy policy: between the waves the cluster runs two versions.']
			: []),
		...facts.problems.filter(problem => problem.severity === 'warn').map(problem => problem.message),
	];
}
