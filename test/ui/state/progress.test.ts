import {describe, expect, test} from 'vitest';
import {topOverlay} from '../../../source/ui/state/dashboard.ts';
import {emptyRunState, foldRun} from '../../../source/domain/run-state.ts';
import {viewedRun, viewedTime} from '../../../source/ui/state/past.ts';
import {openLogView} from '../../../source/ui/state/progress-state.ts';
import {runStanding} from '../../../source/ui/state/run-words.ts';
import {shownStanding} from '../../../source/ui/state/shown-run.ts';
import {standingOf} from '../../../source/ui/state/agent-row.ts';
import {progressNote} from '../../../source/ui/state/progress-note.ts';
import {ARun, aPlan, kim} from '../../support/a-run.ts';
import type {Pressed} from '../../support/press.ts';
import {
	aDoneRun,
	aFailedRun,
	aLongLog,
	aRetriedRun,
	aRunBeforeAStaleLock,
	steppedThrough,
	aTestedRun,
	anUpgrade,
	anUpload,
	onProgress,
} from '../../support/progress-situations.ts';

const place = ({state}: Pressed) => state.screens.progress;

const toast = ({state}: Pressed) => state.toast?.text ?? '';

function dialogOf({state}: Pressed) {
	const overlay = topOverlay(state);
	return overlay?.kind === 'dialog' ? overlay.dialog : undefined;
}

function stopDialogOf(run: ARun) {
	return dialogOf(onProgress(run).press('X'));
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
		expect(dialog?.answers[1]?.effects).toEqual([{do: 'stop-run', run: '2026-03-06-1'}]);
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
		const stopping = anUpgrade().stopAsked();
		expect(onProgress(stopping).press('X').state.toast?.text).toContain(
			'kim on jump-02 asked to stop already',
		);
	});

	test('esc, enter and n leave the run alone', () => {
		for (const key of ['esc', 'enter', 'n']) {
			expect(onProgress(anUpload()).press('X', key).effects).toEqual([]);
		}

		expect(onProgress(anUpload()).press('X', 'y').effects).toEqual([{do: 'stop-run', run: '2026-03-06-1'}]);
	});
});

describe('a run that is paused', () => {
	const paused = () => onProgress(aFailedRun(), undefined, {standing: 'paused'});

	test('r names whom it tries once more and whom it leaves alone, and asks', () => {
		const pressed = paused().press('r');
		expect(dialogOf(pressed)?.lines).toContain('Tried once more: DMA-01 (failed), DMA-02 (unknown).');
		expect(dialogOf(pressed)?.lines).toContain('Done, and left alone: DMA-03, DMA-04, DMA-05.');
		expect(pressed.press('enter').effects).toEqual([]);
		expect(pressed.press('r', 'y').effects).toEqual([{do: 'retry-run', run: '2026-03-06-1'}]);
	});

	test('e says how each Agent is left, and asks', () => {
		const pressed = paused().press('e');
		expect(dialogOf(pressed)?.lines).toContain('• DMA-01: failed, ran 10.5.12 (16721) before');
		expect(dialogOf(pressed)?.lines).toContain('• DMA-03, DMA-04, DMA-05: done, runs 10.6.4 (16868)');
		expect(pressed.press('esc').effects).toEqual([]);
		expect(pressed.press('e', 'y').effects).toEqual([{do: 'end-run', run: '2026-03-06-1'}]);
	});

	test('once it was ended it is read only', () => {
		const pressed = onProgress(aFailedRun().record({type: 'run.ended', operator: kim}));
		expect(toast(pressed.press('r'))).toContain('kim on jump-02 gave the run up');
		expect(toast(pressed.press('e'))).toBe('kim on jump-02 gave the run up already.');
	});

	test('tried once more, it goes on as another attempt', () => {
		const pressed = onProgress(aRetriedRun());
		expect(pressed.state.data.run?.attempt).toBe(2);
		expect(toast(pressed.press('r'))).toBe('The run goes on: there is nothing to try once more.');
	});
});

describe('a run whose runner is gone', () => {
	const interrupted = (run = anUpgrade()) => onProgress(run, undefined, {standing: 'interrupted'});

	test('r says what was launched and what was not, and asks whether to go on', () => {
		const waves = aTestedRun(new ARun(aPlan({policy: 'BackupFirst'}))).launched(['DMA-05']);
		const pressed = interrupted(waves).press('r');
		expect(dialogOf(pressed)?.lines).toContain(
			'Launched already, and followed from where their logs were left: DMA-05.',
		);
		expect(dialogOf(pressed)?.lines).toContain('Not launched yet: DMA-01, DMA-02, DMA-03, DMA-04.');
		expect(pressed.press('y').effects).toEqual([{do: 'retry-run', run: '2026-03-06-1'}]);
	});

	test('r promises no second try of what failed before', () => {
		const [first = ''] = aPlan().agents;
		const failure = {code: 'UPGRADE_FAILED', message: 'It failed.', nextSteps: []};
		const run = anUpgrade().record({type: 'agent.failed', agent: first, failure});
		expect(dialogOf(interrupted(run).press('r'))?.lines).toContain(
			'Over for now, and not tried again yet: DMA-01 (failed).',
		);
	});

	test('cannot be stopped, since nothing new is started anyway', () => {
		expect(toast(interrupted().press('X'))).toContain('nothing new is started. r goes on with it');
	});

	test('claims nothing about Agents that nobody follows', () => {
		const pressed = interrupted();
		const [first] = [...(pressed.state.data.run?.agents.values() ?? [])];
		expect(first && standingOf(first, pressed.state.now, false).word).toBe('not followed');
	});

	test('goes on as soon as its events say so, whatever the list of runs still says', () => {
		const pressed = interrupted();
		const over = anUpgrade().record({type: 'run.finished', outcome: 'done'});
		expect(shownStanding(pressed.state.data)).toBe('interrupted');
		expect(shownStanding(pressed.news({run: over.state}).state.data)).toBe('over');
	});
});

describe('a run that met warnings which nobody had acknowledged', () => {
	const check = {
		id: 'pending-reboot',
		title: 'Pending reboot',
		outcome: 'warn',
		evidence: 'Windows waits for a reboot.',
		remedy: 'Reboot it.',
		source: 'X.md',
	} as const;
	const run = () =>
		new ARun()
			.record({type: 'phase.started', phase: 'readiness'})
			.each(agent => ({type: 'agent.checked', agent, checks: [check]}), ['DMA-02', 'DMA-03'])
			.record({type: 'run.finished', outcome: 'blocked'});

	test('r names them, and goes on once somebody takes responsibility', () => {
		const pressed = onProgress(run()).press('r');
		expect(dialogOf(pressed)?.title).toBe('1 warning: take responsibility?');
		expect(dialogOf(pressed)?.lines[0]).toBe('• DMA-02, DMA-03: Pending reboot: Windows waits for a reboot.');
		expect(pressed.press('enter').effects).toEqual([]);
		expect(pressed.press('r', 'y').effects).toMatchObject([
			{do: 'retry-run', acknowledged: [{check: 'pending-reboot', agents: ['DMA-02', 'DMA-03']}]},
		]);
	});
});

describe('a run that a stale lock kept from beginning', () => {
	const refused = () => onProgress(aRunBeforeAStaleLock());

	test('r says whose lock it is, and takes it over with a new run of the same plan', () => {
		const pressed = refused().press('r');
		expect(dialogOf(pressed)?.title).toBe('Take over the lock?');
		expect(dialogOf(pressed)?.lines.join(' ')).toContain('kim on jump-02');
		expect(pressed.press('enter').effects).toEqual([]);
		expect(pressed.press('r', 'y').effects).toMatchObject([
			{do: 'start-run', plan: {cluster: 'Practice'}, takeOverLocks: true},
		]);
	});
});

describe('going through a run event by event', () => {
	const sequenceOf = ({state}: Pressed) => state.data.past?.event.sequence;
	const through = (run: ARun, ...keys: readonly string[]) => steppedThrough(onProgress(run), run, ...keys);

	test('shows the run as it was just after each event, on the screen and in its time', () => {
		const run = aFailedRun();
		const pressed = through(run, '<', '<');
		expect(sequenceOf(pressed)).toBe(run.events.length - 2);
		expect(viewedRun(pressed.state.data)).toEqual(
			foldRun(emptyRunState, run.events.slice(0, run.events.length - 2)),
		);
		expect(viewedTime(pressed.state.data, pressed.state.now)).toBe(run.events.at(-3)?.at);
		expect(progressNote(pressed.state.data)?.text).toContain(
			`Event ${run.events.length - 2} of ${run.events.length}, 10:30:42. DMA-04: Verified`,
		);
	});

	test('leads back to how it is now at the last event, and with esc', () => {
		expect(sequenceOf(through(aFailedRun(), '<', '<', '>', '>'))).toBeUndefined();
		const pressed = through(aFailedRun(), '<', '<').press('esc');
		expect(pressed.effects).toEqual([{do: 'look-at', run: '2026-03-06-1'}]);
		expect(pressed.state.data.past).toBeUndefined();
		expect(pressed.state.screen).toBe('progress');
	});

	test('in a log goes from line to line of it, through a filter too', () => {
		const run = aLongLog();
		const pressed = onProgress(run).press('enter', '/').typed('notice').press('enter');
		steppedThrough(pressed, run, '<', '<', '<');
		expect(pressed.state.data.past?.event).toMatchObject({
			type: 'agent.progressed',
			agent: 'DMA-01',
			line: {message: 'Line 18: extracting Files\\SL18.dll'},
		});
	});

	test('{ and } go from stage to stage', () => {
		const run = aFailedRun();
		const stages: unknown[] = [];
		const pressed = onProgress(run);
		for (const key of ['{', '{', '{', '}', '}', '}']) {
			steppedThrough(pressed, run, key);
			stages.push(pressed.state.data.past?.event.type);
		}

		expect(stages).toEqual([
			'step.started',
			'phase.started',
			'phase.started',
			'phase.started',
			'step.started',
			undefined,
		]);
	});

	test('ends at the first event, and now, with the reason', () => {
		const run = new ARun();
		run.checked();
		const keys = Array.from({length: run.events.length + 2}, () => '<');
		expect(sequenceOf(through(run, ...keys))).toBe(1);
		expect(toast(through(run, ...keys))).toBe('There is nothing earlier.');
		expect(toast(through(run, '>'))).toBe('This is how the run is now.');
	});

	test('what is asked about the run is asked about how it is now', () => {
		const run = aFailedRun();
		const pressed = steppedThrough(onProgress(run, undefined, {standing: 'paused'}), run, '{');
		expect(dialogOf(pressed.press('r'))?.lines).toContain(
			'Tried once more: DMA-01 (failed), DMA-02 (unknown).',
		);
	});
});

describe('what is special about how a run stands', () => {
	const noteOf = ({state}: Pressed) => progressNote(state.data)?.text;

	test('nothing, while it simply goes on', () => {
		expect(noteOf(onProgress(anUpgrade()))).toBeUndefined();
	});

	test('a stop that is pending names the Agents that go on', () => {
		expect(noteOf(onProgress(anUpgrade().stopAsked()))).toBe(
			'Nothing new is started. These go on: DMA-01, DMA-02, DMA-03, DMA-04. Asked for by kim on jump-02.',
		);
		expect(noteOf(onProgress(anUpload().stopAsked()))).toContain('No Agent is upgrading.');
	});

	test('that its runner is gone, that it waits, or that it is read only', () => {
		expect(noteOf(onProgress(anUpgrade(), undefined, {standing: 'interrupted'}))).toContain(
			'Its runner is gone.',
		);
		expect(noteOf(onProgress(aFailedRun(), undefined, {standing: 'paused'}))).toContain('tried once more');
		expect(noteOf(onProgress(aDoneRun()))).toContain('It is read only.');
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
		expect(runStanding(anUpgrade().stopAsked().state).word).toBe('Stop pending (upgrading)');
	});

	test('an unknown outcome is neither done nor failed', () => {
		expect(runStanding(anUpgrade().record({type: 'run.finished', outcome: 'unknown'}).state).word).toBe(
			'Outcome unknown',
		);
	});
});
