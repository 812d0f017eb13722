import {describe, expect, test} from 'vitest';
import {topOverlay} from '../../../source/ui/state/dashboard.ts';
import {openLogView} from '../../../source/ui/state/progress-state.ts';
import {runStanding} from '../../../source/ui/state/run-words.ts';
import {ARun, aPlan} from '../../support/a-run.ts';
import type {Pressed} from '../../support/press.ts';
import {
	aDoneRun,
	aLongLog,
	aTestedRun,
	anUpgrade,
	anUpload,
	onProgress,
} from '../../support/progress-situations.ts';

const place = ({state}: Pressed) => state.screens.progress;

function stopDialogOf(run: ARun) {
	const overlay = topOverlay(onProgress(run).press('X').state);
	return overlay?.kind === 'dialog' ? overlay.dialog : undefined;
}

describe('the tabs of Progress', () => {
	test('are Overview, General and one for each Agent, around the ends', () => {
		const pressed = onProgress(anUpload());
		const tabs = Array.from({length: 7}, () => place(pressed.press('tab')).tab);
		expect(tabs).toEqual([
			'general',
			...['DMA-01', 'DMA-02', 'DMA-03', 'DMA-04', 'DMA-05'].map(agent => ({agent})),
			'overview',
		]);
		expect(place(pressed.press('shift+tab')).tab).toEqual({agent: 'DMA-05'});
	});

	test('enter opens the log of the Agent under the cursor, esc goes back to Overview and then out', () => {
		const pressed = onProgress(anUpload()).press('down', 'down', 'enter');
		expect(place(pressed).tab).toEqual({agent: 'DMA-03'});
		expect(place(pressed.press('esc')).tab).toBe('overview');
		expect(place(pressed).grid.cursor).toBe(2);
		expect(pressed.state.screen).toBe('progress');
		expect(pressed.press('esc').state.screen).toBe('manage');
	});

	test('each log remembers where its reader was', () => {
		const pressed = onProgress(aLongLog()).press('enter', 'pageup');
		const before = openLogView(place(pressed));
		pressed.press('tab', 'shift+tab');
		expect(openLogView(place(pressed))).toEqual(before);
		expect(before.anchor).toBeDefined();
	});

	test('another run begins with Overview', () => {
		const pressed = onProgress(aLongLog()).press('enter', 'pageup');
		const other = new ARun(aPlan({goal: 'upload'}));
		const state = {...other.state, run: 'another'};
		pressed.news({run: state}).press('down');
		expect(place(pressed)).toMatchObject({run: 'another', tab: 'overview', grid: {cursor: 1}});
	});
});

describe('the filter of a log', () => {
	test('esc ends typing and shows all lines, then goes back', () => {
		const pressed = onProgress(aLongLog()).press('enter', '/').typed('x w');
		expect(openLogView(place(pressed)).filter).toBe('x w');
		expect(place(pressed.press('enter'))).toMatchObject({typing: false, wrapped: false});
		expect(openLogView(place(pressed)).filter).toBe('x w');
		pressed.press('esc');
		expect(openLogView(place(pressed)).filter).toBe('');
		expect(place(pressed).tab).toEqual({agent: 'DMA-01'});
		expect(place(pressed.press('esc')).tab).toBe('overview');
	});

	test('is for logs; Overview says so', () => {
		expect(onProgress(anUpload()).press('/').state.toast?.text).toContain('for logs');
		expect(onProgress(anUpload()).press('w').state.toast?.text).toContain('for logs');
	});
});

describe('stopping', () => {
	test('before the launch it leaves every Agent as it was', () => {
		const dialog = stopDialogOf(anUpload());
		expect(dialog?.lines[0]).toContain('every Agent stays as it was');
		expect(dialog?.answers[0]?.effects).toBeUndefined();
		expect(dialog?.answers[1]?.effects).toEqual([{do: 'stop-run'}]);
	});

	test('after it, the Agents that go on and those that stay behind are named', () => {
		const waves = aTestedRun(new ARun(aPlan({policy: 'BackupFirst'}))).launched(['DMA-05']);
		const lines = stopDialogOf(waves)?.lines ?? [];
		expect(lines[0]).toContain('go on');
		expect(lines[0]).toContain('DMA-05');
		expect(lines[1]).toContain('DMA-01, DMA-02, DMA-03, DMA-04');
		expect(lines[1]).toContain('two versions');
	});

	test('Agents whose upgrade is over do not go on', () => {
		expect(stopDialogOf(anUpgrade())?.lines[0]).not.toContain('DMA-05');
		expect(stopDialogOf(anUpgrade())?.lines.join(' ')).toContain('Over already: 1 Agent');
	});

	test('there is nothing to stop once the run is over or somebody stopped it', () => {
		expect(onProgress(aDoneRun()).press('X').state.toast?.text).toBe('The run is over already.');
		const stopping = anUpgrade().record({type: 'stop.requested', operator: {user: 'kim', host: 'jump-02'}});
		expect(onProgress(stopping).press('X').state.toast?.text).toContain(
			'kim on jump-02 asked to stop already',
		);
	});

	test('esc, enter and n leave the run alone', () => {
		for (const key of ['esc', 'enter', 'n']) {
			expect(onProgress(anUpload()).press('X', key).effects).toEqual([]);
		}

		expect(onProgress(anUpload()).press('X', 'y').effects).toEqual([{do: 'stop-run'}]);
	});
});

describe('what a run does, in words', () => {
	test('the phase, and the wave where there are several', () => {
		expect(runStanding(anUpload().state).word).toBe('Uploading');
		expect(runStanding(anUpgrade().state).word).toBe('Upgrading');
		const waves = aTestedRun(new ARun(aPlan({policy: 'BackupFirstWithSwitchback'}))).launched(['DMA-05']);
		expect(runStanding(waves.state).word).toBe('Upgrading, wave 1 of 2');
		expect(runStanding(waves.record({type: 'step.started', step: 1}).state).word).toContain(
			'switching pairs over',
		);
		expect(runStanding(waves.record({type: 'step.started', step: 2}).state).word).toContain('wave 2 of 2');
		expect(runStanding(waves.record({type: 'step.started', step: 3}).state).word).toContain(
			'switching pairs back',
		);
	});

	test('once it is asked to stop it says so', () => {
		const operator = {user: 'kim', host: 'jump-02'};
		expect(runStanding(anUpgrade().record({type: 'stop.requested', operator}).state).word).toBe(
			'Stopping (upgrading)',
		);
	});

	test('an unknown outcome is neither done nor failed', () => {
		expect(runStanding(anUpgrade().record({type: 'run.finished', outcome: 'unknown'}).state).word).toBe(
			'Outcome unknown',
		);
	});
});
