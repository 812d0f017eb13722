import {describe, expect, test} from 'vitest';
import type {AgentSurvey} from '../../../source/domain/agent-survey.ts';
import {assessReadiness} from '../../../source/domain/readiness.ts';
import {ruleChecks} from '../../../source/domain/readiness/rule-checks.ts';
import {ruleById, rules} from '../../../source/domain/rules/all-rules.ts';
import {type Jump, concerns} from '../../../source/domain/rules/match-rule.ts';
import {judgeNeed} from '../../../source/domain/rules/needs/judge-need.ts';
import type {AgentNeed, NeedFacts} from '../../../source/domain/rules/needs/need.ts';
import {topicOf} from '../../../source/domain/rules/needs/topics.ts';
import {packageRole} from '../../../source/domain/rules/package-role.ts';
import type {Rule} from '../../../source/domain/rules/rule.ts';
import {formatVersion} from '../../../source/domain/version.ts';
import {aStatus, testTime} from '../../support/a-cluster.ts';
import {aPackage} from '../../support/a-package.ts';
import {aSurvey, needFacts} from '../../support/a-survey.ts';
import {aVersion} from '../../support/a-version.ts';
import {bordersOf, jump, pool} from '../../support/rule-borders.ts';

type Judged = Rule & {readonly needs: AgentNeed};
const judged = rules.filter(
	(rule): rule is Judged => rule.needs !== undefined && rule.needs.kind !== 'checked-elsewhere',
);
const elsewhere = rules.filter(({needs}) => needs?.kind === 'checked-elsewhere');

const pair = {status: aStatus({role: 'offline'})};
const inSurvey = (survey: Partial<AgentSurvey>) => ({survey: aSurvey(survey)});
const service = (name: string, running: boolean) => ({name, displayName: name, running});

/** Facts under which a need is not met. */
function broken(need: AgentNeed): Partial<NeedFacts> {
	switch (need.kind) {
		case 'dot-net':
			return inSurvey(need.framework ? {dotNetFramework: 461_808} : {aspNetCore: []});
		case 'visual-cpp':
			return inSurvey({visualCpp: {x64: {version: need.atLeast}, x86: {version: '14.39.99999'}}});
		case 'universal-crt':
			return inSurvey({
				windows: {name: 'Windows Server 2012', build: 9200, server: true},
				visualCpp: {x64: 'missing', x86: 'missing'},
			});
		case 'windows':
		case 'supported-windows':
			return inSurvey({windows: {name: 'Windows Server 2012 R2', build: 9600, server: true}});
		case 'computer-name':
			return inSurvey({hostName: need.not ?? 'SIXTEEN-LETTERS-'});
		case 'fips-off':
			return inSurvey({fipsEnforced: true});
		case 'upload-size':
			return inSurvey({maintenance: {defaultUpgradeOptions: false, maxUploadSize: 0}});
		case 'port-check':
			return inSurvey({portCheck: {at: testTime, passed: false}});
		case 'https-port':
			return inSurvey({ports: [{address: '10.0.0.2', port: 443, answer: 'refused'}]});
		case 'brokergateway':
			return inSurvey({services: []});
		case 'nats-running':
			return inSurvey({services: [service('nats-server', false)]});
		case 'cluster-endpoints':
			return inSurvey({clusterEndpoints: 'missing', services: []});
		case 'soft-launch-off':
			return inSurvey({softLaunch: {[need.option]: true}});
		case 'no-legacy-reports':
			return inSurvey({legacyReports: true});
		case 'no-srm-in-xml':
			return inSurvey({srmXmlFiles: ['Resources.xml']});
		case 'no-keyspaces':
			return inSurvey({databases: [{type: 'CassandraCluster', keyspaces: true}]});
		case 'grpc-settings':
			return inSurvey({remotingPort: 8005});
		case 'no-redirects':
			return inSurvey({redirects: ['https://a/APIGateway']});
		case 'upgrade-options-unchanged':
			return inSurvey({maintenance: {defaultUpgradeOptions: true}});
		case 'no-expired-users':
			return inSurvey({expiredUsers: true});
		case 'no-failover-pair':
			return pair;
		case 'simultaneous-policy':
			return {...pair, policy: 'BackupFirst'};
		case 'plain-cluster-name':
			return inSurvey({clusterName: '_dms'});
		case 'not-two-nodes':
			return {
				nodes: 2,
				...inSurvey({services: [service('NATS', true)], maintenance: {defaultUpgradeOptions: false}}),
			};
		case 'no-app-install':
			return {package: aPackage({actions: ['InstallApp x.zip'], restarts: 'agent'})};
		case 'checked-elsewhere':
			return {};
	}
}

/** What belongs to the BrokerGateway migration matters before it. */
const context = (rule: Rule): Partial<NeedFacts> =>
	rule.onlyWith === undefined ? {} : inSurvey({services: []});

function facts(rule: Rule, {from, to}: Jump, changes: Partial<NeedFacts>): NeedFacts {
	const base = needFacts({...context(rule), ...changes});
	const kind = rule.onlyWith === undefined ? (rule.packageKind ?? 'full') : 'full';
	return {
		...base,
		survey: {...base.survey, ...(rule.onlyWith !== undefined && {services: []})},
		status: {...base.status, version: from},
		package: {...base.package, version: to, kind},
	};
}

function checkWith(rule: Rule, at: Jump, changes: Partial<NeedFacts>) {
	return ruleChecks(facts(rule, at, changes)).find(check => check.rules?.includes(rule.id));
}

function anyJump(rule: Rule): Jump {
	const versions = pool(rule);
	for (const from of versions) {
		const to = versions.find(
			other => concerns(rule, {from, to: other}) === 'inside' && checkWith(rule, {from, to: other}, {}),
		);
		if (to) {
			return {from, to};
		}
	}

	throw new Error(`no jump concerns ${rule.id}`);
}

const cannotBeSeen = new Set([
	'prereq.grpc',
	'prereq.nats-cluster',
	'ki.failover-hostname-duplicates',
	'ki.failover-hostname-upgrade-start',
	'ki.failover-elements-folder',
]);

describe('a rule that Agents decide', () => {
	test.each(judged.map(rule => [rule.id, rule] as const))(
		'%s: fires where its need is not met',
		(id, rule) => {
			const at = anyJump(rule);
			const changes = broken(rule.needs);
			const answer = judgeNeed(rule.needs, facts(rule, at, changes));
			const {unless} = rule.needs.kind === 'no-failover-pair' ? rule.needs : {};
			expect(answer.is).toBe(unless === undefined ? 'broken' : 'unknown');
			const check = checkWith(rule, at, changes);
			expect(check?.outcome).not.toBe('pass');
			expect(check?.remedy).not.toBe('');
			expect(check?.id).toBe(topicOf(rule.needs, id).id);
			if (answer.is === 'broken' && answer.atMost === undefined && rule.severity === 'block') {
				expect(check?.outcome).toBe('block');
			}
		},
	);

	test.each(judged.map(rule => [rule.id, rule] as const))('%s: does not fire where it is met', (id, rule) => {
		const at = anyJump(rule);
		const answer = judgeNeed(rule.needs, facts(rule, at, {}));
		// Of these, half can be seen: that it is broken, or that there is no pair.
		expect(answer.is).toBe(
			cannotBeSeen.has(id) && rule.needs.kind !== 'no-failover-pair' ? 'unknown' : 'kept',
		);
		if (rule.onlyWith === undefined) {
			expect(['pass', 'unknown']).toContain(checkWith(rule, at, {})?.outcome);
		}
	});

	test.each(judged.map(rule => [rule.id, rule] as const))(
		'%s: is unknown where nothing was found out',
		(_, rule) => {
			const at = anyJump(rule);
			const {status, package: ofPackage, now} = facts(rule, at, pair);
			const without: NeedFacts = {status, package: ofPackage, now, survey: {}};
			const seen = ['no-app-install', 'no-failover-pair'];
			if (!seen.includes(rule.needs.kind)) {
				expect(judgeNeed(rule.needs, without).is).toBe('unknown');
			}
		},
	);

	test.each(
		judged
			.filter(({from, to}) => from !== undefined || to !== undefined)
			.map(rule => [rule.id, rule] as const),
	)('%s: fires at each of its borders, and not one step outside', (_, rule) => {
		const changes = broken(rule.needs);
		const fires = (at: Jump) => checkWith(rule, at, changes) !== undefined;
		for (const {side, within, beyond} of bordersOf(rule)) {
			const other = pool(rule).find(
				version =>
					concerns(rule, jump(side, within, version)) === 'inside' &&
					fires(jump(side, within, version)) &&
					!fires(jump(side, beyond, version)),
			);
			expect(other, `${side} ${formatVersion(within)} against ${formatVersion(beyond)}`).toBeDefined();
		}
	});
});

describe('a rule that a check of its own answers', () => {
	test('names a check that there is', () => {
		const agents = new Map([['A', {status: aStatus(), survey: aSurvey()}]]);
		const problems = ['PREREQUISITES_MISSING', 'EXECUTOR_MISSING'].map(code => ({
			code,
			severity: 'warn' as const,
			message: 'It is missing.',
		}));
		const {cluster, agents: checked} = assessReadiness(agents, aPackage({problems}), {at: testTime});
		const ids = [...cluster, ...(checked.get('A') ?? [])].map(({id}) => id);
		const named = elsewhere.map(({needs}) => (needs?.kind === 'checked-elsewhere' ? needs.by : ''));
		expect(named.length).toBeGreaterThan(3);
		expect(named.filter(by => !ids.includes(by))).toEqual([]);
	});
});

describe('no rule is dropped', () => {
	test('each is a finding, a check, or something to look at for some upgrade', () => {
		const told = new Set<string>();
		const jumps = [
			['10.4.12', '10.4.0'],
			['10.5.0', '10.5.0'],
			['10.5.0.0', '10.5.0 [CU3]'],
			['HF_10.0.7.0(CU0)_20200520-135714', '10.0.8'],
			['10.4.0', '10.2.0'],
			['10.4.0 [CU6]', '10.4.8'],
		].map(([from = '', to = '']) => ({from: aVersion(from), to: aVersion(to)}));
		const kinds = ['full', 'web', 'tool', 'cumulative'] as const;
		for (const rule of rules) {
			if (!told.has(rule.id)) {
				tell(rule, [...jumps, ...jumpsOf(rule)]);
			}
		}

		function tell(rule: Rule, candidates: readonly Jump[]) {
			for (const {from, to} of candidates.filter(at => concerns(rule, at) !== 'outside')) {
				for (const kind of kinds.filter(each => packageRole(rule, each) !== 'none')) {
					const status = aStatus({version: from, role: 'offline'});
					const answers = new Map([['A', {status, survey: aSurvey({services: []})}]]);
					const found = assessReadiness(answers, aPackage({kind, version: to}), {at: testTime, nodes: 2});
					const checks = [...found.cluster, ...[...found.agents.values()].flat()];
					for (const id of [
						...checks.flatMap(({rules: ids = []}) => ids),
						...found.manual.map(item => item.rule),
					]) {
						told.add(id);
					}

					if (told.has(rule.id)) {
						return;
					}
				}
			}
		}

		const missing = rules.filter(({id}) => !told.has(id) && !elsewhere.some(rule => rule.id === id));
		expect(missing.map(({id}) => id)).toEqual([]);
	});

	test('and every one is decided by versions, by Agents or by people', () => {
		const count = (evaluation: Rule['evaluation']) =>
			rules.filter(rule => rule.evaluation === evaluation).length;
		expect(count('versions') + count('agents') + count('manual')).toBe(rules.length);
		expect(judged.length + elsewhere.length).toBe(count('agents'));
		expect(ruleById('req.port.443')?.evaluation).toBe('agents');
	});
});

function jumpsOf(rule: Rule): Jump[] {
	const ends = (side: 'from' | 'to') => {
		const within = bordersOf(rule).filter(border => border.side === side);
		return within.length > 0
			? within.map(border => border.within)
			: [aVersion('10.4.0 [CU21]'), aVersion('10.5.3'), aVersion('10.6.0 [CU1]')];
	};
	return ends('from').flatMap(from => ends('to').map(to => ({from, to})));
}
