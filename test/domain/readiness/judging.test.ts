import {describe, expect, test} from 'vitest';
import type {AgentStatus} from '../../../source/domain/agent-status.ts';
import type {AgentSurvey, PortAnswer} from '../../../source/domain/agent-survey.ts';
import {
	type AgentAnswer,
	type Readiness,
	type ReadinessContext,
	assessReadiness,
	findingsOf,
	isStale,
	acknowledgementsOf,
	notAcknowledged,
	readinessGoodForMs,
	verdictOf,
	warningsToAcknowledge,
} from '../../../source/domain/readiness.ts';
import {
	clockSkew,
	clockUnlikeOurs,
	clocksApart,
	clocksTooFarApart,
} from '../../../source/domain/readiness/clock-check.ts';
import {judgeNeed} from '../../../source/domain/rules/needs/judge-need.ts';
import {portCheckGoodForMs} from '../../../source/domain/rules/needs/ports.ts';
import {aStatus, testTime} from '../../support/a-cluster.ts';
import {aPackage} from '../../support/a-package.ts';
import {aSurvey, needFacts} from '../../support/a-survey.ts';
import {aVersion} from '../../support/a-version.ts';

const answer = (survey: Partial<AgentSurvey> = {}, status: Partial<AgentStatus> = {}): AgentAnswer => ({
	status: aStatus(status),
	survey: aSurvey(survey),
});

function assess(
	answers: Readonly<Record<string, AgentAnswer>>,
	context: Partial<ReadinessContext> = {},
	facts = aPackage(),
): Readiness {
	return assessReadiness(new Map(Object.entries(answers)), facts, {at: testTime, ...context});
}

const outcomes = (readiness: Readiness, agent: string) =>
	Object.fromEntries((readiness.agents.get(agent) ?? []).map(({id, outcome}) => [id, outcome]));

describe('clocks', () => {
	const reading = (aheadMs: number, uncertaintyMs = 0) => ({aheadMs, uncertaintyMs});
	const others = [reading(0), reading(0), reading(0)];

	test.each([
		[clocksApart, 'pass'],
		[clocksApart + 1, 'warn'],
		[-clocksTooFarApart, 'warn'],
		[clocksTooFarApart + 1, 'block'],
	])('%d ms from the others: %s', (ahead, outcome) => {
		expect(clockSkew(reading(ahead), [...others, reading(ahead)]).outcome).toBe(outcome);
	});

	test('what asking took counts for the Agent', () => {
		expect(clockSkew(reading(clocksApart + 500, 500), others).outcome).toBe('pass');
	});

	test('all Agents may differ from this computer, which is a warning and no more', () => {
		const all = others.map(() => reading(10 * clockUnlikeOurs));
		const check = clockSkew(all[0], all);
		expect(check).toMatchObject({
			outcome: 'warn',
			remedy: expect.stringContaining('this computer') as string,
		});
	});

	test('of two that differ both are told', () => {
		const both = [reading(0), reading(2 * clocksApart)];
		expect(both.map(each => clockSkew(each, both).outcome)).toEqual(['warn', 'warn']);
	});
});

describe('the last port check', () => {
	const judge = (survey: Partial<AgentSurvey>) =>
		judgeNeed({kind: 'port-check'}, needFacts({survey: aSurvey({ports: [], ...survey})}));

	test('counts for exactly ten days, by the clock of the Agent', () => {
		const at = testTime - portCheckGoodForMs;
		expect(judge({portCheck: {at, passed: true}}).is).toBe('kept');
		expect(judge({portCheck: {at: at - 1, passed: true}}).is).toBe('unknown');
		const clock = {aheadMs: -60_000, uncertaintyMs: 0};
		expect(judge({portCheck: {at: at - 60_000, passed: true}, clock}).is).toBe('kept');
	});

	test('bears no time to come, but for clocks that differ', () => {
		const anHour = 60 * 60 * 1000;
		expect(judge({portCheck: {at: testTime + anHour, passed: true}}).is).toBe('kept');
		expect(judge({portCheck: {at: testTime + anHour + 1, passed: true}}).is).toBe('unknown');
	});

	test('that is old does not matter where every port answers', () => {
		const ports = aSurvey().ports ?? [];
		expect(judge({portCheck: 'never', ports}).is).toBe('kept');
	});

	test('does not outweigh a port that says nothing', () => {
		const ports: PortAnswer[] = [{address: '10.0.0.2', port: 6222, answer: 'silent'}];
		expect(judge({ports})).toMatchObject({is: 'broken', atMost: 'warn'});
	});

	test('port 9090 matters only without BrokerGateway, 6222 only beyond two nodes', () => {
		const silent = (port: number): PortAnswer[] => [{address: '10.0.0.2', port, answer: 'silent'}];
		expect(judge({ports: silent(9090)}).is).toBe('kept');
		expect(judge({ports: silent(9090), services: []}).is).toBe('broken');
		const two = needFacts({nodes: 2, survey: aSurvey({ports: silent(6222)})});
		expect(judgeNeed({kind: 'port-check'}, two).is).toBe('kept');
	});
});

describe('an assessment', () => {
	test('calls unknown what could not be found out, and never lets it pass', () => {
		const readiness = assess({A: {status: aStatus(), survey: {}}});
		expect(outcomes(readiness, 'A')).toMatchObject({
			'clock-skew': 'unknown',
			'taskbar-utility': 'unknown',
			'pending-reboot': 'unknown',
			services: 'unknown',
			dotnet: 'unknown',
			fips: 'unknown',
			windows: 'unknown',
		});
	});

	test('says of an Agent that cannot be reached what its way there says is to be done', () => {
		const readiness = assess({A: {unreachable: 'Its certificate changed.', nextSteps: ['Ask.', 'Compare.']}});
		expect(readiness.agents.get('A')).toMatchObject([
			{outcome: 'block', evidence: 'Its certificate changed.', remedy: 'Ask. Compare. Then check again.'},
		]);
	});

	test.each([
		['read', undefined, 0, 'block'],
		['read', 'upload', 0, 'block'],
		['upload', undefined, 0, 'warn'],
		['upload', 'upload', 0, 'pass'],
		['upload', 'upload', 1, 'block'],
		['upload', undefined, 1, 'block'],
		['upload', 'upgrade', 0, 'block'],
		['upgrade', 'upgrade', 1, 'pass'],
		[undefined, 'upgrade', 1, undefined],
	] as const)(
		'of a way that allows %s, for %s with %i prerequisites: %s',
		(allowed, goal, tests, outcome) => {
			const survey = {...aSurvey(), ...(allowed && {permission: allowed})};
			const facts = aPackage({prerequisites: Array.from({length: tests}, () => 'VerifyClusterPorts')});
			const readiness = assess({A: {status: aStatus(), survey}}, goal && {goal}, facts);
			expect(outcomes(readiness, 'A')['permission']).toBe(outcome);
		},
	);

	test('knows the partner of a pair also when it does not answer', () => {
		const pairs = [['A', 'B']] as const;
		const readiness = assess({A: answer({}, {role: 'online'}), B: {unreachable: 'It is off.'}}, {pairs});
		expect(outcomes(readiness, 'A')['failover']).toBe('warn');
		expect(verdictOf(readiness)).toBe('block');
	});

	test('does not call a pair sound whose partner is not known', () => {
		const pairs = [['A', 'B']] as const;
		const online = answer({}, {role: 'online'});
		const health = (answers: Readonly<Record<string, AgentAnswer>>) =>
			outcomes(assess(answers, {pairs}), 'A')['failover'];
		expect(health({A: online})).toBe('unknown');
		expect(health({A: online, B: answer({}, {role: 'unknown'})})).toBe('unknown');
		expect(health({A: online, B: answer({}, {role: 'offline'})})).toBe('pass');
		expect(health({A: online, B: online})).toBe('warn');
	});

	test('takes an Agent for one of a pair where DMS.xml says so, whatever the inventory has', () => {
		const readiness = assess({A: answer({failoverTag: true})}, {policy: 'BackupFirst'});
		expect(outcomes(readiness, 'A')).toMatchObject({failover: 'warn', 'failover-policy': 'block'});
		const single = assess({A: answer({failoverTag: false})}, {policy: 'BackupFirst'});
		expect(outcomes(single, 'A')['failover']).toBeUndefined();
		expect(outcomes(single, 'A')['failover-policy']).toBe('pass');
	});

	test('counts the Agents that DMS.xml names, a pair as one, two or three', () => {
		const check = (members: readonly string[] | undefined, nodes: number, pairs: number) =>
			outcomes(
				assess(
					{A: answer(members && {members})},
					{nodes, pairs: Array.from({length: pairs}, () => ['B', 'C'] as const)},
				),
				'A',
			)['members'];
		expect(check(undefined, 3, 0)).toBe('unknown');
		expect(check(['1', '2', '3'], 3, 0)).toBe('pass');
		expect(check(['1', '2', '3', '4'], 3, 0)).toBe('warn');
		expect(check(['1', '2'], 3, 0)).toBe('warn');
		expect([1, 2, 3, 4, 5].map(count => check([...Array(count).keys()].map(String), 3, 1))).toEqual([
			'warn',
			'pass',
			'pass',
			'pass',
			'warn',
		]);
	});

	test('does not call versions the same that neither a build nor an update tells apart', () => {
		const version = (text: string) => answer({}, {version: aVersion(text)});
		const same = (a: string, b: string) =>
			outcomes(assess({A: version(a), B: version(b)}), 'A')['same-version'];
		expect(same('10.5.0.0-15943', '10.5.0.0-15943')).toBe('pass');
		expect(same('10.5.0.0-15943', '10.5.0.0-15944')).toBe('block');
		expect(same('10.5.0.0-15943', '10.5.0 [CU4]')).toBe('unknown');
		expect(same('10.5.0.0', '10.5.0.0')).toBe('unknown');
		expect(same('10.5.0 [CU4]', '10.5.0.0-15943-CU4')).toBe('pass');
	});

	test('of versions that differ tells the worst that a rule says of any of them', () => {
		const version = (text: string) => answer({}, {version: aVersion(text)});
		const agents = {A: version('10.5.0.0-15588'), B: version('10.5.0 [CU1]')};
		const stop = (answers: Readonly<Record<string, AgentAnswer>>) =>
			assess(answers, {}, aPackage({version: aVersion('10.6.0')})).cluster.find(
				({id}) => id === 'path.brokergateway-stop',
			)?.outcome;
		expect(stop({A: agents.A})).toBe('warn');
		expect(stop(agents)).toBe('block');
		expect(stop({B: agents.B, A: agents.A})).toBe('block');
	});

	test.each([
		['full', 'block'],
		['cumulative', 'block'],
		['web', 'warn'],
		['tool', undefined],
	] as const)(
		'of a %s package without a version says that no rule of versions was applied',
		(kind, outcome) => {
			const {version, ...nameless} = aPackage({kind});
			expect(version).toBeDefined();
			const found = assess({A: answer()}, {}, nameless).cluster;
			expect(found.find(({id}) => id === 'version-of-package')?.outcome).toBe(outcome);
		},
	);

	test('refuses a major upgrade with a backup-first policy only where there is a pair', () => {
		const agents = {A: answer({}, {role: 'online'}), B: answer()};
		const readiness = assess(agents, {policy: 'BackupFirst'});
		expect(outcomes(readiness, 'A')['failover-policy']).toBe('block');
		expect(outcomes(readiness, 'B')['failover-policy']).toBe('pass');
		expect(outcomes(assess(agents, {policy: 'Simultaneously'}), 'A')['failover-policy']).toBe('pass');
	});

	test('gives each Agent, and the cluster, each check at most once', () => {
		const readiness = assess({A: answer({}, {role: 'online'}), B: answer({}, {role: 'offline'})});
		for (const checks of [readiness.cluster, ...readiness.agents.values()]) {
			const ids = checks.map(({id}) => id);
			expect(ids.length).toBe(new Set(ids).size);
		}
	});

	test('of prerequisites that were run ahead: a failure blocks, one that could not run is unknown', () => {
		const tested = (outcome: 'passed' | 'failed' | 'could not run') => ({
			...(answer() as Extract<AgentAnswer, {status: AgentStatus}>),
			tested: [{check: 'VerifyX', outcome, message: ''}],
		});
		const readiness = assess({A: tested('passed'), B: tested('failed'), C: tested('could not run')});
		expect(['A', 'B', 'C'].map(agent => outcomes(readiness, agent)['prerequisite.VerifyX'])).toEqual([
			'pass',
			'block',
			'unknown',
		]);
	});
});

describe('findings', () => {
	test('come worst first, and the same result once for all its Agents', () => {
		const readiness = assess({
			A: answer({fipsEnforced: true}),
			B: answer({fipsEnforced: true, pendingReboot: ['updates']}),
		});
		const [first, second] = findingsOf(readiness);
		expect(first).toMatchObject({check: {id: 'fips', outcome: 'block'}, agents: ['A', 'B']});
		expect(second?.check.outcome).toBe('warn');
		const reboot = findingsOf(readiness).filter(({check}) => check.id === 'pending-reboot');
		expect(reboot.map(({check, agents}) => [check.outcome, agents])).toEqual([
			['warn', ['B']],
			['pass', ['A']],
		]);
	});

	test('lose none of the checks', () => {
		const readiness = assess({A: answer(), B: answer({expiredUsers: true})});
		const told = findingsOf(readiness).reduce((sum, {agents}) => sum + Math.max(1, agents.length), 0);
		const all = [...readiness.agents.values()].reduce((sum, checks) => sum + checks.length, 0);
		expect(told).toBe(readiness.cluster.length + all);
	});
});

describe('age', () => {
	const look = {at: testTime, goodForMs: readinessGoodForMs};
	test('a look counts until its time is over, and never from the future', () => {
		expect(isStale(look, testTime)).toBe(false);
		expect(isStale(look, testTime + readinessGoodForMs - 1)).toBe(false);
		expect(isStale(look, testTime + readinessGoodForMs)).toBe(true);
		expect(isStale(look, testTime - 1)).toBe(true);
	});
});

describe('warnings', () => {
	test('must be acknowledged, each for its Agent; blocks and unknowns cannot be', () => {
		const readiness = assess({
			A: answer({pendingReboot: ['updates'], fipsEnforced: true}),
			B: answer({pendingReboot: ['updates']}),
		});
		const keys = warningsToAcknowledge(readiness).map(({key}) => key);
		expect(keys).toContain('A/pending-reboot');
		expect(keys).toContain('B/pending-reboot');
		expect(keys.some(key => key.includes('fips'))).toBe(false);
		const acknowledged = acknowledgementsOf(
			findingsOf({...readiness, agents: new Map([...readiness.agents].filter(([id]) => id === 'A'))}),
		);
		expect(acknowledged.some(({check}) => check.includes('fips'))).toBe(false);
		const left = notAcknowledged(readiness, acknowledged);
		expect(left.map(({key}) => key)).toEqual(['B/pending-reboot']);
	});
});
