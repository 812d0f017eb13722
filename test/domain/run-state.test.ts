import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import type {UpgradePlan} from '../../source/domain/plan.ts';
import type {RunEvent, RunFact} from '../../source/domain/run-event.ts';
import {agentPhases} from '../../source/domain/agent-run.ts';
import {type RunState, emptyRunState, foldRun} from '../../source/domain/run-state.ts';
import {defaultUpgradeOptions} from '../../source/domain/upgrade-options.ts';
import {aPackage} from '../support/a-package.ts';

const plan: UpgradePlan = {
	cluster: 'Practice',
	goal: 'upgrade',
	package: aPackage(),
	agents: ['A', 'B'],
	wholeCluster: true,
	options: defaultUpgradeOptions,
	policy: 'Simultaneously',
	steps: [{kind: 'wave', agents: ['A', 'B']}],
	warnings: [],
};
const operator = {user: 'edith', host: 'jump'};
const failure = {code: 'X', message: 'It failed.', nextSteps: []};

function events(...facts: RunFact[]): RunEvent[] {
	return facts.map((fact, index) => ({...fact, sequence: index + 1, at: 1000 * (index + 1)}));
}

const started: RunFact = {type: 'run.started', run: 'r', plan, operator};

describe('the fold of a run', () => {
	test('an Agent goes through its phases to done', () => {
		const state = foldRun(
			emptyRunState,
			events(
				started,
				{type: 'upload.started', agent: 'A', total: 100},
				{type: 'upload.progressed', agent: 'A', bytes: 40},
				{type: 'upload.finished', agent: 'A', sha256: 'aa', alreadyThere: false, path: 'C:\\p'},
				{type: 'launch.started', agent: 'A'},
				{type: 'launch.finished', agent: 'A', receipt: {reference: 'x'}},
				{type: 'agent.progressed', agent: 'A', line: {type: 'step', message: 'Update Files'}, nextOffset: 77},
				{type: 'agent.verified', agent: 'A'},
			),
		);
		expect(state.agents.get('A')).toMatchObject({
			phase: 'verified',
			outcome: 'done',
			uploadedBytes: 100,
			progressOffset: 77,
		});
		expect(state.agents.get('B')).toMatchObject({phase: 'waiting'});
	});

	test('whatever was launched and not settled at the end is unknown, the others were stopped', () => {
		const state = foldRun(
			emptyRunState,
			events(
				started,
				{type: 'launch.started', agent: 'A'},
				{type: 'run.finished', outcome: 'failed', failure},
			),
		);
		expect(state.agents.get('A')?.outcome).toBe('unknown');
		expect(state.agents.get('B')?.outcome).toBe('stopped');
	});

	test('an outcome, once known, stays', () => {
		const state = foldRun(
			emptyRunState,
			events(started, {type: 'agent.failed', agent: 'A', failure}, {type: 'agent.verified', agent: 'A'}),
		);
		expect(state.agents.get('A')).toMatchObject({outcome: 'failed', failure});
	});

	test('events that were folded before change nothing', () => {
		const all = events(started, {
			type: 'prerequisite.finished',
			agent: 'A',
			result: {check: 'c', outcome: 'passed', message: ''},
		});
		const once = foldRun(emptyRunState, all);
		expect(foldRun(once, all)).toBe(once);
	});
});

function anyFact(): fc.Arbitrary<RunFact> {
	const agent = fc.constantFrom('A', 'B');
	const plain = fc.constantFrom(
		'prerequisites.finished',
		'launch.started',
		'contact.restored',
		'agent.verifying',
		'agent.verified',
		'agent.locked',
		'agent.unlocked',
		'agent.withdrawn',
	);
	return fc.oneof(
		fc.record({type: plain, agent}),
		fc.record({type: fc.constantFrom('agent.failed', 'agent.unknown'), agent, failure: fc.constant(failure)}),
		fc.record({type: fc.constant('upload.started'), agent, total: fc.nat()}),
		fc.record({type: fc.constant('upload.progressed'), agent, bytes: fc.nat()}),
		fc.record({type: fc.constant('contact.lost'), agent, expected: fc.boolean(), reason: fc.string()}),
		fc.record({
			type: fc.constant('agent.progressed'),
			agent,
			line: fc.record({type: fc.string(), message: fc.string()}),
			nextOffset: fc.nat(),
		}),
		fc.record({
			type: fc.constant('stop.requested'),
			operator: fc.constant(operator),
			goOn: fc.constantFrom<string[]>([], ['A']),
		}),
		fc.record({type: fc.constant('run.resumed'), operator: fc.constant(operator)}),
		fc.record({type: fc.constant('note'), text: fc.string()}),
	);
}

describe('a run that is tried once more', () => {
	const verdict: RunFact = {type: 'run.finished', outcome: 'failed', failure};
	const retried: RunFact = {type: 'run.retried', operator, agents: ['B']};
	const uploadedTo = (agent: string): RunFact => ({
		type: 'upload.finished',
		agent,
		sha256: 'aa',
		alreadyThere: false,
		path: 'C:\\p',
	});
	const first = [
		started,
		uploadedTo('A'),
		uploadedTo('B'),
		{type: 'prerequisites.finished', agent: 'B'},
		{type: 'launch.started', agent: 'A'},
		{type: 'launch.started', agent: 'B'},
		{type: 'launch.finished', agent: 'B', receipt: {reference: 'x'}},
		{type: 'agent.progressed', agent: 'B', line: {type: 'error', message: 'Upgrade failed'}, nextOffset: 9},
		{type: 'agent.verified', agent: 'A'},
		{type: 'agent.failed', agent: 'B', failure},
		verdict,
	] as const satisfies readonly RunFact[];

	test('is open again for the Agents that are not done, which keep the package and the tests that they passed', () => {
		const state = foldRun(emptyRunState, events(...first, retried));
		expect([state.outcome, state.failure, state.finishedAt, state.attempt]).toEqual([
			undefined,
			undefined,
			undefined,
			2,
		]);
		expect(state.agents.get('A')).toMatchObject({outcome: 'done', retrying: false});
		expect(state.agents.get('B')).toMatchObject({phase: 'tested', retrying: true, stagedPath: 'C:\\p'});
		expect(state.agents.get('B')?.outcome).toBeUndefined();
	});

	test('a new launch has a log of its own', () => {
		const state = foldRun(emptyRunState, events(...first, retried, {type: 'launch.started', agent: 'B'}));
		expect(state.agents.get('B')).toMatchObject({launches: 2, progressOffset: 0, retrying: false});
		expect(state.agents.get('B')?.receipt).toBeUndefined();
		expect(state.agents.get('B')?.lastProgress).toBeUndefined();
	});

	test('whoever gives it up is named', () => {
		expect(foldRun(emptyRunState, events(...first, {type: 'run.ended', operator})).endedBy).toEqual(operator);
	});
});

describe('laws of the fold', () => {
	const runs = fc
		.tuple(fc.array(anyFact(), {maxLength: 60}), fc.boolean())
		.map(([facts, ended]) =>
			events(started, ...facts, ...(ended ? [{type: 'run.finished', outcome: 'failed'} as const] : [])),
		);

	test('folding in any batches gives the same state', () => {
		fc.assert(
			fc.property(runs, fc.array(fc.nat({max: 70})), (all, cuts) => {
				let state: RunState = emptyRunState;
				let from = 0;
				for (const cut of [...cuts.sort((a, b) => a - b), all.length]) {
					state = foldRun(state, all.slice(from, cut));
					from = Math.max(from, cut);
				}

				expect(state).toEqual(foldRun(emptyRunState, all));
			}),
		);
	});

	test('a prefix never contradicts the whole', () => {
		fc.assert(
			fc.property(runs, fc.nat({max: 70}), (all, length) => {
				const prefix = foldRun(emptyRunState, all.slice(0, length));
				const whole = foldRun(emptyRunState, all);
				for (const [id, before] of prefix.agents) {
					const after = whole.agents.get(id);
					expect(agentPhases.indexOf(after?.phase ?? 'waiting')).toBeGreaterThanOrEqual(
						agentPhases.indexOf(before.phase),
					);
					expect(before.outcome === undefined || after?.outcome === before.outcome).toBe(true);
					expect(after?.log.slice(0, before.log.length)).toEqual(before.log);
				}

				expect(whole.log.slice(0, prefix.log.length)).toEqual(prefix.log);
			}),
		);
	});

	test('the state that was given is not changed', () => {
		fc.assert(
			fc.property(runs, fc.nat({max: 70}), (all, length) => {
				const prefix = foldRun(emptyRunState, all.slice(0, length));
				const copy = structuredClone(prefix);
				foldRun(prefix, all);
				expect(prefix).toEqual(copy);
			}),
		);
	});
});
