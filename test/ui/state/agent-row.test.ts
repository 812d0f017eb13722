import {describe, expect, test} from 'vitest';
import type {AgentRun} from '../../../source/domain/agent-run.ts';
import {agentRow} from '../../../source/ui/state/agent-row.ts';
import {aStatus} from '../../support/a-cluster.ts';
import {ARun} from '../../support/a-run.ts';
import {aBlockedRun, aTestedRun, anUpgrade} from '../../support/progress-situations.ts';

const MiB = 1024 ** 2;

function rowOf(run: ARun, id = 'DMA-01') {
	const agent = run.state.agents.get(id);
	if (!agent) {
		throw new Error(`${id} is not in the run.`);
	}

	return agentRow(agent, run.now);
}

function word(run: ARun, id?: string): string {
	return rowOf(run, id).standing.word;
}

describe('what the grid says of an Agent', () => {
	test('its word goes with its phase', () => {
		const run = new ARun();
		expect(word(run)).toBe('waiting');
		expect(word(run.checked())).toBe('ready');
		expect(word(run.uploading())).toBe('uploading');
		expect(word(run.uploaded())).toBe('uploaded');
		expect(word(run.record({type: 'prerequisites.started', agent: 'DMA-01', checks: 3}))).toBe('testing');
		expect(word(run.record({type: 'prerequisites.finished', agent: 'DMA-01'}))).toBe('tested');
		expect(word(run.record({type: 'launch.started', agent: 'DMA-01'}))).toBe('launching');
		expect(word(run.record({type: 'launch.finished', agent: 'DMA-01', receipt: {reference: 'x'}}))).toBe(
			'upgrading',
		);
		expect(word(run.record({type: 'agent.verifying', agent: 'DMA-01'}))).toBe('verifying');
		expect(word(run.verified())).toBe('done');
	});

	test('an Agent that is not ready says so, also after the run ended for it', () => {
		const blocked = new ARun().checked({'DMA-02': aStatus({freeBytes: 0})});
		expect(word(blocked, 'DMA-02')).toBe('not ready');
		expect(word(aBlockedRun(), 'DMA-02')).toBe('not ready');
		expect(word(aBlockedRun(), 'DMA-01')).toBe('stopped');
	});

	test('an expected loss of contact is a restart, an unexpected one is told with its age', () => {
		expect(word(anUpgrade(), 'DMA-03')).toBe('restarting');
		expect(rowOf(anUpgrade(), 'DMA-04').standing).toMatchObject({word: 'contact lost 12s', role: 'warning'});
	});

	test('the rate is that since the upload began, and stands only while it goes on', () => {
		const run = new ARun().checked().uploading();
		expect(rowOf(run).rate).toBeUndefined();
		run.wait(10_000).record({type: 'upload.progressed', agent: 'DMA-01', bytes: 120 * MiB});
		expect(rowOf(run)).toMatchObject({rate: 12 * MiB, elapsed: 10_000});
		expect(rowOf(run.uploaded()).rate).toBeUndefined();
	});

	test('100 % is said only of a package that was proved right', () => {
		const run = new ARun().checked().uploading();
		run.record({type: 'upload.progressed', agent: 'DMA-01', bytes: run.plan.package.size});
		expect(rowOf(run).progress?.text).toBe('99%');
		expect(rowOf(run.uploaded()).progress).toEqual({fraction: 1, text: '100%'});
	});

	test('prerequisites are counted', () => {
		const run = new ARun().record({type: 'prerequisites.started', agent: 'DMA-01', checks: 4}).record({
			type: 'prerequisite.finished',
			agent: 'DMA-01',
			result: {check: 'A', outcome: 'passed', message: ''},
		});
		expect(rowOf(run).progress).toEqual({fraction: 0.25, text: '1/4'});
	});

	test('the time of an upgrade counts from its launch and stops at its end', () => {
		const run = aTestedRun().launched().wait(90_000);
		expect(rowOf(run).elapsed).toBe(90_000);
		run.verified(['DMA-01']).wait(60_000);
		expect(rowOf(run).elapsed).toBe(90_000);
	});

	test('a clock that runs behind never gives a negative time or rate', () => {
		const run = new ARun().checked().uploading();
		const agent: AgentRun | undefined = run.state.agents.get('DMA-01');
		const row = agent && agentRow(agent, run.now - 5000);
		expect(row).toMatchObject({elapsed: 0});
		expect(row?.rate).toBeUndefined();
	});

	test('a failure is what is said last', () => {
		const failure = {code: 'X', message: 'It broke.', nextSteps: []};
		const run = aTestedRun().launched().record({type: 'agent.failed', agent: 'DMA-01', failure});
		expect(rowOf(run.says('DMA-01', 'information', 'still talking'))).toMatchObject({
			message: 'It broke.',
			standing: {word: 'failed'},
		});
	});
});
