import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {createKeyNamer} from '../../../source/ui/input/name-keys.ts';
import {keymap} from '../../../source/ui/input/keymap.ts';
import type {RunSummary} from '../../../source/ui/ports.ts';
import {type DashboardState, topOverlay} from '../../../source/ui/state/dashboard.ts';
import {menuActions} from '../../../source/ui/state/menu.ts';
import {paletteActions} from '../../../source/ui/state/palette.ts';
import {updateDashboard} from '../../../source/ui/state/update-dashboard.ts';
import {aClusterView, aStatus} from '../../support/a-cluster.ts';
import {lostAgent, onManage} from '../../support/manage-situations.ts';
import {type ARun, aSummary, shownRun} from '../../support/a-run.ts';
import {Pressed} from '../../support/press.ts';
import {aDoneRun, aFailedRun, anUpgrade} from '../../support/progress-situations.ts';
import {situations} from '../../support/situations.ts';

const states = Object.values(situations());
const someState = fc.constantFrom(...states);

function pressAll(state: DashboardState, keys: readonly string[]): DashboardState {
	return keys.reduce((current, key) => updateDashboard(current, {type: 'key', key}).state, state);
}

test('characters that arrive in one burst lead where they lead one by one', () => {
	const character = fc.oneof(
		fc.constantFrom(...keymap.flatMap(({keys}) => keys).filter(key => key.length === 1)),
		fc.constantFrom('\r', '\t', ' ', '\u007F', 'e', 'y', 'n'),
	);
	fc.assert(
		fc.property(someState, fc.array(character, {maxLength: 12}), (state, characters) => {
			const namer = createKeyNamer();
			const burst = pressAll(state, createKeyNamer()(characters.join(''), {}));
			const single = characters.reduce((current, one) => pressAll(current, namer(one, {})), state);
			expect(burst).toEqual(single);
		}),
	);
});

test('no sequence of keys breaks the dashboard', () => {
	const key = fc.constantFrom(...new Set(keymap.flatMap(({keys}) => keys)), 'a', 'y', '9', 'space');
	fc.assert(
		fc.property(someState, fc.array(key, {maxLength: 40}), (state, keys) => {
			const after = pressAll(state, keys);
			expect(after.overlays.length).toBeLessThan(50);
			expect(after.screens.manage.view.cursor).toBeGreaterThanOrEqual(0);
		}),
	);
});

describe('in a dialog', () => {
	const asked = () => onManage().press('X');

	test('the letter of an answer chooses it', () => {
		expect(asked().press('y').effects).toEqual([{do: 'control', agent: 'DMA-01', act: 'stop'}]);
	});

	test('enter takes the marked answer, which is the safe one until it is moved', () => {
		expect(asked().press('enter').effects).toEqual([]);
		expect(asked().press('right', 'enter').effects).toHaveLength(1);
		expect(asked().press('right', 'left', 'enter').effects).toEqual([]);
	});

	test('pasted text is no answer', () => {
		const dashboard = asked().tell({type: 'paste', text: 'y'});
		expect(dashboard.effects).toEqual([]);
		expect(topOverlay(dashboard.state)?.kind).toBe('dialog');
	});

	test('nothing of the screen below can be reached', () => {
		const dashboard = asked().press('j', '2', ':');
		expect(dashboard.state.screen).toBe('manage');
		expect(dashboard.state.screens.manage.selected).toBe('DMA-01');
		expect(dashboard.state.toast?.text).toBe('Answer the question first.');
	});
});

describe('where a name must be typed', () => {
	test.each([
		[['enter'], false],
		[['tab', 'enter'], false],
		[[...letters('Pract'), 'tab', 'enter'], false],
		[[...letters('practice'), 'tab', 'enter'], false],
		[[...letters('Practice'), 'left', 'enter'], false],
		[[...letters('Practice'), 'backspace', 'enter'], false],
		[[...letters('Practice'), 'enter'], true],
		[[...letters('PracticX'), 'backspace', 'e', 'enter'], true],
		[[...letters('yn'), 'ctrl+u', ...letters('Practice'), 'enter'], true],
	])('%j: %j', (keys, starts) => {
		const opened: DashboardState = {
			...onManage().state,
			overlays: [
				{
					kind: 'dialog',
					choice: 0,
					typed: '',
					dialog: {
						title: 'Upgrade Practice?',
						lines: [],
						tone: 'danger',
						typeToConfirm: 'Practice',
						answers: [
							{key: 'n', label: 'No'},
							{key: 'y', label: 'Upgrade', effects: [{do: 'refresh'}]},
						],
					},
				},
			],
		};
		let current = opened;
		let did = 0;
		for (const key of keys) {
			const updated = updateDashboard(current, {type: 'key', key});
			current = updated.state;
			did += updated.effects.length;
		}

		expect(did).toBe(starts ? 1 : 0);
	});
});

describe('the cursor in the list of members', () => {
	test('stays on its Agent while the list is filtered and changes', () => {
		const dashboard = onManage().press('j', 'j', '/').typed('dma').press('enter', 'X');
		expect(titleOf(dashboard.state)).toContain('DMA-03');
	});

	test('a key acts on the Agent that is shown under it', () => {
		const dashboard = onManage().press('/').typed('04').press('enter', 'X', 'y');
		expect(dashboard.effects).toEqual([{do: 'control', agent: 'DMA-04', act: 'stop'}]);
	});
});

describe('a key that cannot work says why', () => {
	const stopped = {status: aStatus({state: 'Not running'})};
	test.each([
		['S', {}, 'DataMiner runs on DMA-01 already.'],
		['X', {'DMA-01': stopped}, 'DataMiner does not run on DMA-01.'],
		['T', {'DMA-01': lostAgent}, 'DMA-01 does not answer now. R asks again.'],
		['p', {}, 'No upgrade was started yet.'],
		['3', {}, 'No upgrade was started yet.'],
	])('%s', (key, changes, reason) => {
		const dashboard = onManage({cluster: aClusterView({}, changes)}).press(key);
		expect(dashboard.state.toast?.text).toBe(reason);
		expect(dashboard.state.overlays).toEqual([]);
	});

	test('while the Agent was asked for something', () => {
		const dashboard = onManage().press('X', 'y', 'T');
		expect(dashboard.state.toast?.text).toBe('DMA-01 was asked to stop and has not answered yet.');
	});

	test('while the Agent takes part in a run', () => {
		const controlled = (run: ARun, changes: Partial<RunSummary> = {}) =>
			onManage({runs: [aSummary(run, changes)]}).press('X').state;
		expect(controlled(anUpgrade()).toast?.text).toBe('DMA-01 takes part in the upgrade that goes on.');
		expect(controlled(anUpgrade(), {standing: 'interrupted'}).toast?.text).toContain('was interrupted');
		// What an Agent failed at may need it to be started or stopped before it is tried once more.
		expect(controlled(aFailedRun(), {standing: 'paused'}).overlays).toHaveLength(1);
		expect(controlled(aDoneRun()).overlays).toHaveLength(1);
	});
});

describe('leaving', () => {
	test('q goes back to the first screen, and leaves from there', () => {
		const dashboard = onManage().press('2', 'q');
		expect(dashboard.state.screen).toBe('manage');
		expect(dashboard.press('q').effects).toEqual([{do: 'leave'}]);
	});

	const goingOn = () => onManage({runs: [aSummary(anUpgrade())]});

	test('while a run goes on, q asks, says that it goes on and how to come back', () => {
		const dashboard = goingOn().press('q');
		const overlay = topOverlay(dashboard.state);
		expect(dashboard.effects).toEqual([]);
		expect(overlay?.kind === 'dialog' && overlay.dialog.lines).toEqual([
			'The run goes on in a process of its own.',
			'To come back: dms-upgrade attach 2026-03-06-1',
		]);
		expect(dashboard.press('enter').effects).toEqual([]);
		expect(dashboard.press('q', 'y').effects).toEqual([{do: 'leave'}]);
	});

	test('ctrl+c says the same', () => {
		expect(goingOn().press('ctrl+c').state.toast?.text).toBe(
			'Once more ctrl+c leaves. The run goes on in a process of its own. To come back: dms-upgrade attach 2026-03-06-1',
		);
	});

	test('nothing is said where nothing goes on', () => {
		const paused = onManage({runs: [aSummary(aFailedRun(), {standing: 'paused'})]});
		expect(paused.press('q').effects).toEqual([{do: 'leave'}]);
	});

	test('ctrl+c leaves when it comes twice within seconds', () => {
		expect(onManage().press('ctrl+c').effects).toEqual([]);
		expect(onManage().press('ctrl+c', 'ctrl+c').effects).toEqual([{do: 'leave'}]);
		const dashboard = onManage().press('ctrl+c');
		dashboard.tell({type: 'tick', now: dashboard.state.now + 6000});
		expect(dashboard.press('ctrl+c').effects).toEqual([]);
	});
});

describe('at the start', () => {
	const cluster = aClusterView();

	test('there is nothing to come back to, and Agents › Manage is shown', () => {
		expect(new Pressed({cluster}).state).toMatchObject({screen: 'manage', overlays: []});
	});

	test('a run that goes on is shown on Progress', () => {
		expect(new Pressed({cluster, ...shownRun(anUpgrade())}).state).toMatchObject({
			screen: 'progress',
			overlays: [],
		});
	});

	test('an interrupted one is offered to be gone on with; enter leaves it alone', () => {
		const interrupted = () => new Pressed({cluster, ...shownRun(anUpgrade(), {standing: 'interrupted'})});
		expect(titleOf(interrupted().state)).toBe('Go on with the upgrade?');
		expect(interrupted().press('enter').effects).toEqual([]);
		expect(interrupted().press('y').effects).toEqual([{do: 'retry-run', run: '2026-03-06-1'}]);
	});

	test('what there is to ask of a long run is asked once all of it was read', () => {
		const {standing, ...shown} = shownRun(anUpgrade(), {standing: 'interrupted'});
		const dashboard = new Pressed({...shown, ...(standing && {standing}), behind: true});
		expect(dashboard.state).toMatchObject({screen: 'progress', overlays: []});
		dashboard.tell({
			type: 'data',
			data: {packages: [], runs: [], ...shown, ...(standing && {standing})},
			now: dashboard.state.now,
		});
		expect(titleOf(dashboard.state)).toBe('Go on with the upgrade?');
	});

	test('a run that turns up after a key was pressed takes nobody elsewhere', () => {
		const dashboard = new Pressed({}).press('j').news({cluster, ...shownRun(anUpgrade())});
		expect(dashboard.state.screen).toBe('manage');
	});
});

describe('the palette', () => {
	test('does what the key does, questions included', () => {
		const dashboard = onManage().press(':').typed('restart').press('enter');
		expect(titleOf(dashboard.state)).toBe('Restart DataMiner on DMA-01?');
	});

	test('puts labels before descriptions', () => {
		const actions = paletteActions({text: 'start', below: ['manage']});
		expect(actions[0]?.id).toBe('manage.start');
	});

	test('refuses as the key does', () => {
		expect(onManage().press(':').typed('progress').press('enter').state.toast?.text).toBe(
			'No upgrade was started yet.',
		);
	});
});

test('the menu of an Agent names actions of the key table and does them', () => {
	const dashboard = onManage().press('enter');
	const overlay = topOverlay(dashboard.state);
	expect(overlay?.kind === 'menu' && menuActions(overlay).length).toBe(
		overlay?.kind === 'menu' && overlay.menu.actions.length,
	);
	expect(dashboard.press('enter').state.screen).toBe('schedule');
});

test('a failure that no screen shows is shown with what to do', () => {
	const dashboard = onManage()
		.press('X', 'y')
		.answered({
			to: 'control',
			agent: 'DMA-01',
			failure: {code: 'X', message: 'It refused.\u001B[2J', nextSteps: ['Ask again.']},
		});
	const overlay = topOverlay(dashboard.state);
	expect(overlay?.kind === 'dialog' && overlay.dialog.lines).toEqual(['It refused.\\x1b[2J', '→ Ask again.']);
	expect(dashboard.state.data.underWay?.size).toBe(0);
});

test('on a terminal that is too small only leaving works', () => {
	const dashboard = onManage({}, {columns: 60, rows: 20}).press('X', 'y', '2');
	expect(dashboard.state.overlays).toEqual([]);
	expect(dashboard.state.screen).toBe('manage');
	expect(dashboard.press('ctrl+c', 'ctrl+c').effects).toEqual([{do: 'leave'}]);
});

function titleOf(state: DashboardState): string | undefined {
	const overlay = topOverlay(state);
	return overlay?.kind === 'dialog' ? overlay.dialog.title : undefined;
}

function letters(text: string): readonly string[] {
	return text.split('');
}
