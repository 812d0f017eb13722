import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import type {Agent, AgentId, FailoverRole} from '../../source/domain/agent.ts';
import {type Cluster, failoverPairs} from '../../source/domain/cluster.ts';
import type {FailoverPolicy} from '../../source/domain/failover-policy.ts';
import type {PackageFacts} from '../../source/domain/package-facts.ts';
import {
	type PlanResult,
	type UpgradePlan,
	type UpgradeRequest,
	planUpgrade,
} from '../../source/domain/plan.ts';
import {defaultUpgradeOptions} from '../../source/domain/upgrade-options.ts';
import {aPackage} from '../support/a-package.ts';

/** Singles S1…, pairs P1a/P1b… whose first Agent is online. */
function cluster({singles, pairs}: {singles: number; pairs: number}): {
	cluster: Cluster;
	roles: Map<string, FailoverRole>;
} {
	const agents: Agent[] = [];
	const roles = new Map<string, FailoverRole>();
	for (let index = 1; index <= singles; index++) {
		agents.push({id: `S${index}`, address: '127.0.0.1'});
	}

	for (let index = 1; index <= pairs; index++) {
		const [a, b] = [`P${index}a`, `P${index}b`];
		agents.push({id: a, address: '127.0.0.1', partner: b}, {id: b, address: '127.0.0.1', partner: a});
		roles.set(a, 'online').set(b, 'offline');
	}

	return {cluster: {name: 'Practice', agents}, roles};
}

function request(changes: Partial<UpgradeRequest> = {}): UpgradeRequest {
	return {
		goal: 'upgrade',
		package: aPackage(),
		agents: 'all',
		options: defaultUpgradeOptions,
		policy: 'UseDefault',
		...changes,
	};
}

function planOf(result: PlanResult): UpgradePlan {
	if (!('plan' in result)) {
		throw new Error(result.refusals.map(({message}) => message).join(' '));
	}

	return result.plan;
}

function wavesOf(plan: UpgradePlan): readonly (readonly AgentId[])[] {
	return plan.steps.flatMap(step => (step.kind === 'wave' ? [step.agents] : []));
}

function codesOf(result: PlanResult): string[] {
	return 'plan' in result ? [] : result.refusals.map(({code}) => code);
}

describe('the order of an upgrade', () => {
	const {cluster: dms, roles} = cluster({singles: 2, pairs: 2});

	test.each<FailoverPolicy>(['Simultaneously', 'UseDefault'])('%s: one wave, everyone', policy => {
		expect(planOf(planUpgrade(dms, roles, request({policy}))).steps).toEqual([
			{kind: 'wave', agents: ['S1', 'S2', 'P1a', 'P1b', 'P2a', 'P2b']},
		]);
	});

	test('UseDefault means what the cluster says', () => {
		const plan = planOf(
			planUpgrade(dms, roles, request({policy: 'UseDefault', clusterPolicy: 'BackupFirst'})),
		);
		expect(plan.policy).toBe('BackupFirst');
		expect(wavesOf(plan)).toHaveLength(2);
	});

	test('BackupFirst: offline Agents of pairs, switch over, all the others', () => {
		expect(planOf(planUpgrade(dms, roles, request({policy: 'BackupFirst'}))).steps).toEqual([
			{kind: 'wave', agents: ['P1b', 'P2b']},
			{
				kind: 'switch-over',
				pairs: [
					{from: 'P1a', to: 'P1b'},
					{from: 'P2a', to: 'P2b'},
				],
			},
			{kind: 'wave', agents: ['S1', 'S2', 'P1a', 'P2a']},
		]);
	});

	test('BackupFirstWithSwitchback: the same, then back again', () => {
		expect(
			planOf(planUpgrade(dms, roles, request({policy: 'BackupFirstWithSwitchback'}))).steps.at(-1),
		).toEqual({
			kind: 'switch-back',
			pairs: [
				{from: 'P1b', to: 'P1a'},
				{from: 'P2b', to: 'P2a'},
			],
		});
	});

	test('without pairs every policy is one wave', () => {
		const {cluster: single} = cluster({singles: 3, pairs: 0});
		expect(wavesOf(planOf(planUpgrade(single, new Map(), request({policy: 'BackupFirst'}))))).toEqual([
			['S1', 'S2', 'S3'],
		]);
	});

	test('upload only has no steps', () => {
		const plan = planOf(planUpgrade(dms, roles, request({goal: 'upload'})));
		expect(plan.steps).toEqual([]);
		expect(plan.agents).toHaveLength(6);
	});

	test('every Agent of a plan is in exactly one wave, and each pair is switched from its online Agent', () => {
		const policies: FailoverPolicy[] = [
			'UseDefault',
			'Simultaneously',
			'BackupFirst',
			'BackupFirstWithSwitchback',
		];
		fc.assert(
			fc.property(
				fc.integer({min: 0, max: 6}),
				fc.integer({min: 0, max: 6}),
				fc.constantFrom(...policies),
				fc.infiniteStream(fc.boolean()),
				(singles, pairs, policy, coin) => {
					fc.pre(singles + pairs > 0);
					const some = cluster({singles, pairs});
					const flipped = new Map(some.roles);
					for (const [a, b] of failoverPairs(some.cluster)) {
						if (coin.next().value) {
							flipped.set(a, 'offline').set(b, 'online');
						}
					}

					const partners = (id: string) => some.cluster.agents.find(agent => agent.id === id)?.partner;
					const chosen = some.cluster.agents
						.filter(({id, partner}) => (partner !== undefined && partner < id ? false : coin.next().value))
						.flatMap(({id}) => [id, partners(id)].filter(name => name !== undefined));
					fc.pre(chosen.length > 0);
					const plan = planOf(planUpgrade(some.cluster, flipped, request({policy, agents: chosen})));
					const inWaves = wavesOf(plan).flat();
					expect([...inWaves].sort()).toEqual([...chosen].sort());
					expect(new Set(inWaves).size).toBe(inWaves.length);
					for (const step of plan.steps) {
						for (const {from} of step.kind === 'switch-over' ? step.pairs : []) {
							expect(flipped.get(from)).toBe('online');
						}
					}
				},
			),
		);
	});
});

describe('a plan is refused', () => {
	const {cluster: dms, roles} = cluster({singles: 1, pairs: 1});

	test.each<[string, Partial<UpgradeRequest>, string]>([
		['without Agents', {agents: []}, 'NO_AGENTS'],
		['for an Agent that is not there', {agents: ['S9']}, 'UNKNOWN_AGENT'],
		['for half a pair', {agents: ['P1a']}, 'HALF_A_PAIR'],
		[
			'for a package with a blocking problem',
			{package: aPackage({problems: [{code: 'BAD', severity: 'block', message: 'Bad.'}]})},
			'BAD',
		],
		['for an application package', {package: aPackage({kind: 'application'})}, 'PACKAGE_KIND'],
		[
			'backup first when DataMiner is not to be started',
			{policy: 'BackupFirst', options: {...defaultUpgradeOptions, AutomaticStartServices: false}},
			'NO_START_NO_SWITCH',
		],
		[
			'backup first when pairs cannot be switched over',
			{
				policy: 'BackupFirst',
				switchOverRefusal: {code: 'CONNECTION_CANNOT', message: 'No way.', nextSteps: []},
			},
			'CONNECTION_CANNOT',
		],
	])('%s', (_, changes, code) => {
		expect(codesOf(planUpgrade(dms, roles, request(changes)))).toContain(code);
	});

	test('when the package does not say which version it brings', () => {
		const facts: PackageFacts = {...aPackage()};
		delete (facts as {version?: unknown}).version;
		expect(codesOf(planUpgrade(dms, roles, request({package: facts})))).toEqual(['PACKAGE_VERSION_UNKNOWN']);
		expect(codesOf(planUpgrade(dms, roles, request({package: facts, goal: 'upload'})))).toEqual([]);
	});

	test.each<[string, [string, FailoverRole][]]>([
		[
			'both are online',
			[
				['P1a', 'online'],
				['P1b', 'online'],
			],
		],
		[
			'one is unknown',
			[
				['P1a', 'online'],
				['P1b', 'unknown'],
			],
		],
		['nothing is known', []],
	])('backup first when %s', (_, known) => {
		expect(codesOf(planUpgrade(dms, new Map(known), request({policy: 'BackupFirst'})))).toEqual([
			'ROLE_UNKNOWN',
		]);
		expect(codesOf(planUpgrade(dms, new Map(known), request({policy: 'Simultaneously'})))).toEqual([]);
	});

	test('each refusal says what to do', () => {
		const result = planUpgrade(dms, roles, request({agents: ['P1a', 'S9']}));
		expect('refusals' in result && result.refusals.every(({nextSteps}) => nextSteps.length > 0)).toBe(true);
	});
});

test('choosing only some Agents is warned about', () => {
	const {cluster: dms, roles} = cluster({singles: 2, pairs: 0});
	expect(planOf(planUpgrade(dms, roles, request({agents: ['S1']}))).warnings.join(' ')).toContain(
		'same version',
	);
	expect(planOf(planUpgrade(dms, roles, request())).warnings).toEqual([]);
});

describe('who launches', () => {
	const {cluster: dms, roles} = cluster({singles: 1, pairs: 2});
	const noWay = {code: 'CONNECTION_CANNOT', message: 'No way.', nextSteps: ['Find one.']};

	test('is every Agent by itself, unless it is asked for otherwise', () => {
		expect(planOf(planUpgrade(dms, roles, request())).launch).toEqual({by: 'agents'});
	});

	test.each<FailoverPolicy>(['Simultaneously', 'BackupFirst', 'BackupFirstWithSwitchback'])(
		'can be one Agent for the whole cluster, under %s, also where we cannot switch a pair over',
		policy => {
			const plan = planOf(
				planUpgrade(dms, roles, request({policy, launch: 'cluster', switchOverRefusal: noWay})),
			);
			expect(plan.launch).toEqual({by: 'cluster', via: 'S1'});
			expect(plan.steps).toEqual([{kind: 'wave', agents: ['S1', 'P1a', 'P1b', 'P2a', 'P2b']}]);
			expect(plan.policy).toBe(policy);
			expect(plan.warnings.join(' ')).toContain('Options › slnet');
		},
	);

	test('is, of pairs only, one that is online', () => {
		const pairs = cluster({singles: 0, pairs: 2});
		pairs.roles.set('P1a', 'offline').set('P1b', 'online');
		const plan = planOf(planUpgrade(pairs.cluster, pairs.roles, request({launch: 'cluster'})));
		expect(plan.launch).toEqual({by: 'cluster', via: 'P1b'});
		expect(codesOf(planUpgrade(pairs.cluster, new Map(), request({launch: 'cluster'})))).toEqual([
			'NO_ONLINE_AGENT',
		]);
	});

	test('is no single Agent where only a part of the cluster is chosen', () => {
		expect(codesOf(planUpgrade(dms, roles, request({launch: 'cluster', agents: ['S1']})))).toEqual([
			'NOT_WHOLE_CLUSTER',
		]);
	});

	test('is no question for an upload', () => {
		const plan = planOf(
			planUpgrade(dms, roles, request({goal: 'upload', launch: 'cluster', agents: ['S1']})),
		);
		expect(plan.launch).toEqual({by: 'agents'});
	});

	test('is offered as the way out where a pair cannot be switched over, if it is one', () => {
		const refused = (agents: UpgradeRequest['agents']) => {
			const result = planUpgrade(
				dms,
				roles,
				request({policy: 'BackupFirst', switchOverRefusal: noWay, agents}),
			);
			return 'plan' in result ? [] : result.refusals.flatMap(({nextSteps}) => nextSteps);
		};
		expect(refused('all').join(' ')).toContain('--launch cluster');
		expect(refused(['P1a', 'P1b'])).toEqual(['Find one.']);
	});

	test('does not change that a pair is not switched over to an Agent that is not started', () => {
		const options = {...defaultUpgradeOptions, AutomaticStartServices: false};
		expect(
			codesOf(planUpgrade(dms, roles, request({policy: 'BackupFirst', launch: 'cluster', options}))),
		).toEqual(['NO_START_NO_SWITCH']);
	});
});
