import {describe, expect, test} from 'vitest';
import {topOverlay} from '../../../source/ui/state/dashboard.ts';
import {runList} from '../../../source/ui/state/runs.ts';
import {summaryStanding} from '../../../source/ui/state/run-words.ts';
import {tookText} from '../../../source/ui/state/runs-list.ts';
import {testTime} from '../../support/a-cluster.ts';
import {ARun, aPlan, aSummary, shownRun} from '../../support/a-run.ts';
import type {Pressed} from '../../support/press.ts';
import {aFailedRun, anUpgrade} from '../../support/progress-situations.ts';
import {aListedRun, manyRuns, onRuns, someRuns} from '../../support/runs-situations.ts';

const toast = ({state}: Pressed) => state.toast?.text ?? '';
const listOf = ({state}: Pressed) => runList(state.screens.runs, state);
const shown = (pressed: Pressed) => listOf(pressed).rows.map(({run}) => run);

function titleOf({state}: Pressed) {
	const overlay = topOverlay(state);
	return overlay?.kind === 'dialog' ? overlay.dialog.title : undefined;
}

/** Runs with the cursor on the run that stands like this. */
function standingOn(word: string): Pressed {
	const place = someRuns.findIndex(summary => summaryStanding(summary).word === word);
	return onRuns().press(...Array.from({length: place}, () => 'down'));
}

test('every way in which a run can stand has its word', () => {
	expect(someRuns.map(summary => summaryStanding(summary).word)).toEqual([
		'going on',
		'interrupted',
		'paused',
		'done',
		'blocked',
		'done',
		'failed',
		'stopped',
		'unknown',
		'unreachable',
		'ended',
	]);
});

describe('how long a run took', () => {
	test('is told of one that is over, and so far of one that goes on', () => {
		expect(tookText(aListedRun('r', 3_600_000, {outcome: 'done'}), testTime)).toBe('14:28');
		expect(tookText(aListedRun('r', 60_000, {standing: 'going on'}), testTime)).toBe('1:00');
	});

	test('is not told of one whose end nobody saw', () => {
		expect(tookText(aListedRun('r', 60_000, {standing: 'interrupted'}), testTime)).toBe('');
	});

	test('is never negative, whatever the clocks say', () => {
		expect(tookText(aListedRun('r', -60_000, {standing: 'going on'}), testTime)).toBe('0s');
	});
});

describe('enter', () => {
	test('opens the run on Progress, from where esc and q lead back to the list', () => {
		const opened = () => {
			const pressed = standingOn('failed').press('enter');
			expect(pressed.effects).toEqual([{do: 'show-run', run: '2026-02-03-1'}]);
			return pressed.news({...shownRun(aFailedRun()), runs: someRuns});
		};

		expect(opened().state.screen).toBe('progress');
		expect(opened().press('esc').state.screen).toBe('runs');
		expect(opened().press('q').state.screen).toBe('runs');
		expect(listOf(opened().press('q')).selected?.run).toBe('2026-02-03-1');
	});

	test('on an interrupted run offers to go on with it', () => {
		const pressed = standingOn('interrupted').press('enter');
		expect(pressed.effects).toEqual([{do: 'show-run', run: '2026-03-06-1', ask: 'retry'}]);
		const run = anUpgrade();
		pressed.news(shownRun(run, {standing: 'interrupted'}));
		pressed.answered({to: 'show-run', run: '2026-03-06-1', ask: 'retry'});
		expect(titleOf(pressed)).toBe('Go on with the upgrade?');
	});

	test('does nothing where no run fits the filter', () => {
		expect(toast(onRuns().press('/').typed('munich').press('enter', 'enter'))).toBe(
			'No run is under the cursor.',
		);
	});
});

describe('r and e', () => {
	test('open the run and ask there', () => {
		expect(standingOn('paused').press('r').effects).toEqual([
			{do: 'show-run', run: '2026-03-05-1', ask: 'retry'},
		]);
		expect(standingOn('paused').press('e').effects).toEqual([
			{do: 'show-run', run: '2026-03-05-1', ask: 'end'},
		]);
		expect(standingOn('blocked').press('r').effects).toHaveLength(1);
	});

	test.each([
		['going on', 'r', 'The run goes on: there is nothing to try once more.'],
		['going on', 'e', 'The run goes on. Open it (enter) and stop it first (X), then it can be ended.'],
		['done', 'r', 'The run is done: there is nothing to try once more.'],
		['failed', 'r', 'The run was given up: start another one on Schedule (2).'],
		['failed', 'e', 'The run is over already.'],
	])('on one that is %s, %s says why not', (word, key, reason) => {
		const pressed = standingOn(word).press(key);
		expect(toast(pressed)).toBe(reason);
		expect(pressed.effects).toEqual([]);
		expect(pressed.state.screen).toBe('runs');
	});

	test('what was asked for and is not so any more is said instead of asked', () => {
		const run = aFailedRun();
		const pressed = onRuns([aSummary(run, {standing: 'paused'})]).press('r');
		pressed.news(shownRun(aFailedRun(), {standing: 'going on'}));
		pressed.news({run: anUpgrade().state});
		pressed.answered({to: 'show-run', run: '2026-03-06-1', ask: 'retry'});
		expect(titleOf(pressed)).toBeUndefined();
		expect(toast(pressed)).toContain('The run goes on');
	});
});

describe('the filter', () => {
	test.each([
		['kim', ['2026-03-06-1', '2026-03-04-1']],
		['antwerp', ['2026-03-06-1']],
		['paused', ['2026-03-05-1']],
		['10.5.12 failed', ['2026-02-03-1']],
		['replacenats', ['2026-01-04-1']],
		['2026-02', ['2026-02-04-1', '2026-02-03-1']],
		['upload', ['2026-03-04-1']],
	])('%s', (text, runs) => {
		expect(shown(onRuns().press('/').typed(text))).toEqual(runs);
	});

	test('keeps the cursor on its run; esc shows all again, then goes back', () => {
		const pressed = standingOn('failed').press('/').typed('10.5.12').press('enter');
		expect(listOf(pressed).selected?.run).toBe('2026-02-03-1');
		pressed.press('esc');
		expect(shown(pressed)).toHaveLength(someRuns.length);
		expect(listOf(pressed).selected?.run).toBe('2026-02-03-1');
		expect(pressed.press('esc').state.screen).toBe('manage');
	});
});

test('the cursor stays on its run while others begin', () => {
	const pressed = standingOn('paused');
	pressed.news({runs: [aSummary(new ARun(aPlan(), 'newest')), ...someRuns]});
	expect(listOf(pressed).selected?.run).toBe('2026-03-05-1');
});

test('of a long history only what there is room for is in the window', () => {
	const pressed = onRuns(manyRuns(1000)).press('G');
	const {view, height, rows} = listOf(pressed);
	expect(rows).toHaveLength(1000);
	expect(view.cursor).toBe(999);
	expect(view.top + height).toBe(1000);
	expect(height).toBeLessThan(24);
});
