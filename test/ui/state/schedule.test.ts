import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {scheduleBindings} from '../../../source/ui/input/keymap-schedule.ts';
import type {ClusterView, RunSummary} from '../../../source/ui/ports.ts';
import {startRefusal} from '../../../source/ui/state/schedule-start.ts';
import {topLine} from '../../../source/ui/state/top-line.ts';
import {aClusterView, aStatus, testTime} from '../../support/a-cluster.ts';
import {ARun, aBigPackage, aPlan, aSummary, shownRun, staleLock} from '../../support/a-run.ts';
import {dialogOf, focus, form, standOn, toast} from '../../support/press-schedule.ts';
import {aFailedRun, anUpload} from '../../support/progress-situations.ts';
import {onSchedule, someFolder, somePackages, withPackage} from '../../support/schedule-situations.ts';

const firstPath = somePackages[0]?.path ?? '';
const failure = {code: 'X', message: 'It cannot be done.', nextSteps: ['Do another thing.']};

describe('choosing a package', () => {
	test('moving over packages reads none of them, choosing one does', () => {
		expect(onSchedule().press('down', 'down', 'up').effects).toEqual([]);
		expect(onSchedule().press('enter').effects).toEqual([{do: 'inspect', path: firstPath}]);
		expect(onSchedule().press('space').effects).toEqual([{do: 'inspect', path: firstPath}]);
	});

	test('what a package says is remembered for the package that was asked about', () => {
		const other = somePackages[1]?.path ?? '';
		const pressed = onSchedule().press('enter', 'down', 'enter');
		pressed.answered({to: 'inspect', path: firstPath, facts: aBigPackage()});
		expect(form(pressed).chosen).toEqual({path: other, isNew: false});
		pressed.answered({to: 'inspect', path: other, facts: aBigPackage({kind: 'web'})});
		expect(form(pressed).chosen?.facts?.kind).toBe('web');
	});

	test('a package that cannot be read says why and starts nothing', () => {
		const pressed = onSchedule().press('enter').answered({to: 'inspect', path: firstPath, failure});
		expect(form(pressed).chosen).toMatchObject({failure});
		expect(toast(pressed.press('U'))).toBe('It cannot be done.');
		expect(dialogOf(pressed)).toBeUndefined();
	});

	test('a completed package is listed and refused', () => {
		const pressed = onSchedule().press('down', 'down', 'down', 'enter');
		expect(toast(pressed)).toContain('was used in a completed upgrade and cannot be used again');
		expect(pressed.effects).toEqual([]);
		expect(form(pressed).chosen).toBeUndefined();
	});

	test('a package that was completed after it was chosen is refused too', () => {
		const [first, ...others] = somePackages;
		const pressed = withPackage().news({
			packages: [...(first ? [{...first, status: 'Completed'} as const] : []), ...others],
		});
		expect(toast(pressed.press('U'))).toContain('cannot be used again');
	});

	test('choosing the package of the run that is going on shows its progress', () => {
		const [first, ...others] = somePackages;
		const packages = [...(first ? [{...first, status: 'Uploading'} as const] : []), ...others];
		const pressed = onSchedule({packages, ...shownRun(anUpload())}).press('enter');
		expect(pressed.effects).toEqual([{do: 'show-run', run: '2026-03-06-1'}]);
		expect(pressed.state.screen).toBe('progress');
		expect(toast(onSchedule({packages}).press('enter'))).toContain('is going on: Uploading');
	});

	test('control characters in names become visible before they are shown', () => {
		const pressed = withPackage({}, undefined, aBigPackage({file: 'a\u001B[2Jb.dmupgrade'})).press('U');
		expect(dialogOf(pressed)?.lines[0]).toBe('a\\x1b[2Jb.dmupgrade');
	});

	test('a new package is picked in the file browser and read', () => {
		const pressed = standOn(onSchedule(), 'package:').press('enter');
		expect(pressed.effects).toEqual([{do: 'list-folder'}]);
		pressed.answered({to: 'list-folder', listing: someFolder}).press('down', 'down', 'enter');
		expect(pressed.effects).toEqual([{do: 'inspect', path: firstPath}]);
		expect(form(pressed)).toMatchObject({chosen: {path: firstPath, isNew: true}, files: undefined});
		expect(pressed.press('enter').effects).toEqual([{do: 'list-folder', folder: someFolder.path}]);
	});

	test('esc closes the file browser and leaves the form as it was', () => {
		const before = withPackage();
		const after = standOn(withPackage(), 'package:').press('enter', 'esc');
		expect(form(after)).toMatchObject({files: undefined, chosen: form(before).chosen});
		expect(after.state.screen).toBe('schedule');
	});
});

describe('choosing Agents', () => {
	test('the two Agents of a pair are marked and unmarked together', () => {
		const pressed = standOn(withPackage(), 'agents:individual').press('enter');
		standOn(pressed, 'agents:member DMA-04 DMA-05').press('space');
		expect([...form(pressed).marked]).toEqual(['DMA-04', 'DMA-05']);
		expect([...form(pressed.press('space')).marked]).toEqual([]);
	});

	test('marks count only while individual Agents are chosen', () => {
		const pressed = standOn(withPackage(), 'agents:individual').press('enter');
		expect(toast(pressed.press('U'))).toBe('No Agent is chosen. Choose at least one Agent.');
		standOn(pressed, 'agents:all').press('enter', 'U');
		expect(dialogOf(pressed)?.lines.join(' ')).toContain('Upgrade 5 Agents');
	});

	test('only the readiness of chosen Agents counts', () => {
		const cluster = aClusterView({}, {'DMA-01': {status: aStatus({state: 'Not running'})}});
		const pressed = withPackage({cluster});
		expect(toast(pressed.press('U'))).toContain('DMA-01: DataMiner runs: State: Not running.');
		standOn(pressed, 'agents:individual').press('enter');
		standOn(pressed, 'agents:member DMA-02').press('space', 'U');
		expect(dialogOf(pressed)?.lines.join(' ')).toContain('Upgrade 1 Agent: DMA-02');
	});
});

describe('options and policies', () => {
	test('right opens a section, left folds it from any of its rows', () => {
		const pressed = standOn(withPackage(), 'options:').press('right', 'down', 'down');
		expect(focus(pressed)?.kind).toBe('option');
		expect(form(pressed.press('left'))).toMatchObject({optionsOpen: false, focus: 'options:'});
	});

	test('an option is toggled and goes into the plan', () => {
		const pressed = standOn(withPackage(), 'options:').press('enter');
		standOn(pressed, 'options:RebootAfterUpgrade').press('space', 'U');
		expect(dialogOf(pressed)?.lines).toContain('Options: Reboot after upgrade on.');
		expect(dialogOf(pressed)?.lines).toContain('Windows reboots at the end.');
	});

	test('a backup-first policy is refused with the reason where pairs cannot be switched over', () => {
		const pressed = standOn(withPackage({switchOverRefusal: failure}), 'failover:').press('enter');
		expect(toast(standOn(pressed, 'failover:BackupFirst').press('enter'))).toBe('It cannot be done.');
		expect(form(pressed).policy).toBe('UseDefault');
		standOn(pressed, 'failover:Simultaneously').press('enter');
		expect(form(pressed).policy).toBe('Simultaneously');
	});

	test('where one Agent launches the whole cluster, it switches pairs over itself, and the plan says so', () => {
		const pressed = standOn(withPackage({switchOverRefusal: failure}), 'failover:').press('enter');
		standOn(pressed, 'failover:launch cluster').press('enter');
		standOn(pressed, 'failover:BackupFirst').press('enter', 'U');
		expect(form(pressed)).toMatchObject({policy: 'BackupFirst', launch: 'cluster'});
		const [, step] = dialogOf(pressed)?.lines ?? [];
		expect(step).toMatch(/^DMA-01 upgrades 5 Agents in the order of the policy: /);
		pressed.press('esc');
		standOn(pressed, 'failover:launch agents').press('enter');
		expect(toast(pressed.press('U'))).toBe('It cannot be done. Do another thing.');
	});

	test('one Agent launches the whole cluster and nothing less', () => {
		const pressed = standOn(withPackage(), 'failover:').press('enter');
		standOn(pressed, 'failover:launch cluster').press('enter');
		standOn(pressed, 'agents:individual').press('enter');
		standOn(pressed, 'agents:member DMA-02').press('space');
		expect(toast(pressed.press('U'))).toContain('nothing less; not chosen: DMA-01');
	});

	test('a policy that was chosen before that was known is refused by the plan', () => {
		const pressed = standOn(withPackage(), 'failover:').press('enter');
		standOn(pressed, 'failover:BackupFirst').press('enter').news({switchOverRefusal: failure});
		expect(toast(pressed.press('U'))).toBe('It cannot be done. Do another thing.');
	});

	test('backup first shows its waves in the order in which they happen', () => {
		const pressed = standOn(withPackage(), 'failover:').press('enter');
		standOn(pressed, 'failover:BackupFirstWithSwitchback').press('enter', 'U');
		expect(dialogOf(pressed)?.lines.slice(1, 5)).toEqual([
			'Wave 1: upgrade 1 Agent: DMA-05.',
			'Switch over 1 pair: DMA-04 → DMA-05.',
			'Wave 2: upgrade 4 Agents at the same time: DMA-01, DMA-02, DMA-03, DMA-04.',
			'Switch 1 pair back: DMA-05 → DMA-04.',
		]);
	});

	test('the role of an Agent that is out of reach is not known', () => {
		const cluster = aClusterView({}, {'DMA-05': {status: aStatus({role: 'offline'}), failure}});
		const pressed = standOn(withPackage({cluster}), 'failover:').press('enter');
		standOn(pressed, 'failover:BackupFirst').press('enter');
		expect(toast(pressed.press('U'))).toContain('is offline is not known');
	});
});

describe('starting', () => {
	test('Upgrade asks for the name of the cluster and then starts exactly the plan', () => {
		const pressed = withPackage().press('U');
		expect(dialogOf(pressed)).toMatchObject({tone: 'danger', typeToConfirm: 'Practice'});
		expect(pressed.press('enter').effects).toEqual([]);
		pressed.press('U').typed('Practice').press('enter');
		expect(pressed.effects).toEqual([
			{
				do: 'start-run',
				plan: aPlan(),
				packagePath: firstPath,
				takeOverLocks: false,
				acknowledged: [],
			},
		]);
		expect(pressed.state.screen).toBe('progress');
	});

	test('Upload only says that nothing is restarted, and plans no wave', () => {
		const pressed = withPackage().press('O');
		expect(dialogOf(pressed)?.lines.join(' ')).toContain('3 prerequisites run on each Agent');
		expect(pressed.press('y').effects).toMatchObject([{do: 'start-run', plan: {goal: 'upload', steps: []}}]);
	});

	test('the buttons do what the keys do', () => {
		for (const [button, key] of [
			['upload', 'O'],
			['upgrade', 'U'],
		] as const) {
			const pressed = standOn(withPackage(), `buttons:${button}`).press('enter');
			expect(dialogOf(pressed)).toEqual(dialogOf(withPackage().press(key)));
		}

		expect(standOn(withPackage(), 'buttons:close').press('enter').state.screen).toBe('manage');
	});

	test('left and right go from button to button and no further', () => {
		const pressed = standOn(withPackage(), 'buttons:upgrade').press('left', 'left', 'left');
		expect(form(pressed).focus).toBe('buttons:upload');
		expect(form(pressed.press('right', 'right', 'right')).focus).toBe('buttons:close');
	});

	test('each reason for which nothing starts is said', () => {
		const cluster = (view: ClusterView) => ({cluster: view});
		expect(toast(onSchedule().press('U'))).toBe('Choose a package first.');
		expect(toast(onSchedule().press('enter', 'U'))).toContain('still being read');
		expect(toast(withPackage(cluster(aClusterView({}, {'DMA-03': {}}))).press('U'))).toBe(
			'Not answered yet: DMA-03. Wait a moment.',
		);
		expect(toast(withPackage(cluster(aClusterView({}, {'DMA-03': {failure}}))).press('O'))).toContain(
			'DMA-03: Reachable: It cannot be done.',
		);
		const {schedule} = withPackage().state.screens;
		expect(
			startRefusal(schedule, {data: {packages: somePackages, runs: []}, now: testTime}, 'upgrade'),
		).toContain('not known yet');
	});

	test('a package without a version can be uploaded and not be upgraded to', () => {
		const {version, ...nameless} = aBigPackage();
		expect(version).toBeDefined();
		expect(toast(withPackage({}, undefined, nameless).press('U'))).toContain('which version it brings');
		expect(dialogOf(withPackage({}, undefined, nameless).press('O'))).toBeDefined();
	});

	test('after a run another one can be started', () => {
		const over = new ARun().record({type: 'run.finished', outcome: 'stopped'});
		expect(dialogOf(withPackage({run: over.state}).press('U'))).toBeDefined();
	});

	test('a run that could not be started brings back to the form and says why', () => {
		const pressed = withPackage().press('O', 'y').answered({to: 'start-run', failure});
		expect(pressed.state.screen).toBe('schedule');
		expect(dialogOf(pressed)?.lines).toContain('It cannot be done.');
	});
});

describe('while a run of the cluster is open', () => {
	const open = (run: ARun, changes: Partial<RunSummary> = {}) => ({runs: [aSummary(run, changes)]});
	const paused = open(aFailedRun(), {standing: 'paused'});

	test('nothing else is started; that run is offered instead, and enter stays', () => {
		const pressed = withPackage(open(anUpload())).press('U');
		expect(dialogOf(pressed)?.title).toBe('A run is open on Practice');
		expect(dialogOf(pressed)?.lines.join(' ')).toContain('The upgrade to 10.6.4 (16868) goes on.');
		expect(dialogOf(pressed)?.lines.join(' ')).toContain('edith on jump-01 began it at 2026-03-06 10:21:32.');
		expect(pressed.press('enter').effects).toEqual([]);
		expect(pressed.state.screen).toBe('schedule');
		pressed.press('U', 'y');
		expect(pressed.effects).toEqual([{do: 'show-run', run: '2026-03-06-1'}]);
		expect(pressed.state.screen).toBe('progress');
	});

	test('with the package of a paused run, going on with it is asked about', () => {
		expect(withPackage(paused).press('U', 'y').effects).toEqual([
			{do: 'show-run', run: '2026-03-06-1', ask: 'retry'},
		]);
	});

	test('a different package is refused by its name', () => {
		const other = aBigPackage({file: 'DataMiner 10.6.5.0-17000 Full Upgrade.dmupgrade'});
		const pressed = withPackage(paused, undefined, other).press('O');
		expect(dialogOf(pressed)?.lines.join(' ')).toContain(`${other.file} is refused`);
		expect(pressed.press('y').effects).toEqual([{do: 'show-run', run: '2026-03-06-1'}]);
	});

	test('a run of another cluster is in nobody’s way', () => {
		const elsewhere = open(anUpload(), {cluster: 'Antwerp'});
		expect(dialogOf(withPackage(elsewhere).press('U'))?.title).toContain('Upgrade Practice');
	});

	test('nor is one of a cluster of the same name on other Agents', () => {
		const elsewhere = {...open(anUpload()), elsewhere: new Set(['2026-03-06-1'])};
		expect(dialogOf(withPackage(elsewhere).press('U'))?.title).toContain('Upgrade Practice');
		expect(topLine(withPackage(elsewhere).state.data).activity).toBeUndefined();
	});

	test('one that another terminal began in the same moment is offered too', () => {
		const pressed = withPackage()
			.press('O', 'y')
			.news(open(anUpload()))
			.answered({to: 'start-run', failure: {...failure, code: 'RUN_OPEN'}});
		expect(dialogOf(pressed)?.title).toBe('A run is open on Practice');
		expect(pressed.state.screen).toBe('schedule');
	});
});

describe('a stale lock on an Agent', () => {
	const refused = () => {
		const pressed = withPackage().press('O', 'y');
		const [effect] = pressed.effects;
		const request = effect?.do === 'start-run' ? {request: effect} : {};
		return pressed.answered({to: 'start-run', ...request, failure: staleLock});
	};

	test('is shown with whose it is, and left alone unless the operator takes it over', () => {
		const pressed = refused();
		const said = dialogOf(pressed)?.lines.join(' ') ?? '';
		for (const words of ['kim on jump-02', 'run 2026-03-05-2', 'since 2026-03-05T22:14:07.000Z']) {
			expect(said).toContain(words);
		}

		expect(said).not.toContain('--take-over-lock');
		expect(pressed.press('enter').effects).toEqual([]);
	});

	test('is taken over by starting the same run with leave to do so', () => {
		const pressed = refused().press('y');
		expect(pressed.effects).toMatchObject([
			{do: 'start-run', plan: {goal: 'upload'}, packagePath: firstPath, takeOverLocks: true},
		]);
		expect(pressed.state.screen).toBe('progress');
	});
});

describe('moving through the form', () => {
	test('tab goes around through the sections', () => {
		const pressed = withPackage();
		const sections = Array.from({length: 6}, () => focus(pressed.press('tab'))?.section);
		expect(sections).toEqual(['agents', 'options', 'failover', 'plan', 'buttons', 'package']);
		expect(focus(pressed.press('shift+tab'))?.section).toBe('buttons');
	});

	test('the cursor stays in its section when its row goes away', () => {
		const pressed = onSchedule().press('down', 'down');
		pressed.news({packages: somePackages.slice(0, 1)});
		expect(focus(pressed)?.section).toBe('package');
		standOn(pressed, 'options:').press('enter', 'G', 'g', 'tab', 'tab', 'down', 'down', 'left');
		expect(focus(pressed)?.id).toBe('options:');
	});

	test('whatever is pressed, the cursor stands on a row and nothing starts without a dialog', () => {
		const keys = scheduleBindings.filter(({scope}) => scope === 'schedule').flatMap(binding => binding.keys);
		const harmless = keys.filter(key => key !== 'p');
		fc.assert(
			fc.property(fc.array(fc.constantFrom(...harmless), {maxLength: 40}), sequence => {
				const pressed = withPackage();
				for (const key of sequence) {
					pressed.press(key);
					expect(pressed.effects.map(effect => effect.do)).not.toContain('start-run');
					const dialog = dialogOf(pressed);
					if (dialog || pressed.state.screen !== 'schedule' || form(pressed).files) {
						return;
					}

					expect(focus(pressed)).toBeDefined();
				}
			}),
			{numRuns: 200},
		);
	});
});
