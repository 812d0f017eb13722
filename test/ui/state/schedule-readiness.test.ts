import {describe, expect, test} from 'vitest';
import {notLocked} from '../../../source/domain/readiness/status-checks.ts';
import {updateDashboard} from '../../../source/ui/state/update-dashboard.ts';
import {aClusterView, aStatus, testTime} from '../../support/a-cluster.ts';
import {aCloseLook, aLook} from '../../support/a-look-view.ts';
import {aBigPackage, aSummary} from '../../support/a-run.ts';
import type {Pressed} from '../../support/press.ts';
import {dialogOf, focus, standOn, toast} from '../../support/press-schedule.ts';
import {anUpload} from '../../support/progress-situations.ts';
import {
	aBlockedLook,
	aWarningLook,
	aWorryingLook,
	onSchedule,
	somePackages,
	withLook,
	withPackage,
} from '../../support/schedule-situations.ts';

const firstPath = somePackages[0]?.path ?? '';

describe('readiness', () => {
	const wishes = ({looks}: Pressed) => looks.map(({wish, anew}) => [wish.agents.length, wish.policy, anew]);
	const toFindings = ['tab', 'tab', 'tab', 'tab', 'tab'];

	test('is looked at once package, Agents and policy stand, and not for every key', () => {
		const pressed = onSchedule().press('down', 'up', 'enter', 'tab', 'tab');
		expect(pressed.looks).toEqual([]);
		pressed.answered({to: 'inspect', path: firstPath, facts: aBigPackage()});
		pressed.press('tab', 'down', 'up', 'j', 'k', 'G', 'g', 'tab', 'shift+tab');
		expect(wishes(pressed)).toEqual([[5, 'Simultaneously', undefined]]);
	});

	test('is looked at again for other Agents or another policy', () => {
		const pressed = standOn(withPackage(), 'failover:').press('enter');
		standOn(pressed, 'failover:Simultaneously').press('enter');
		standOn(pressed, 'failover:BackupFirst').press('enter');
		standOn(pressed, 'agents:individual').press('enter');
		standOn(pressed, 'agents:member DMA-02').press('space');
		expect(wishes(pressed)).toEqual([
			[5, 'Simultaneously', undefined],
			[5, 'BackupFirst', undefined],
			[1, 'BackupFirst', undefined],
		]);
	});

	test('R looks anew, at all of them', () => {
		const pressed = withPackage().press('R');
		expect(pressed.effects).toEqual([{do: 'refresh'}]);
		expect(wishes(pressed).at(-1)).toEqual([5, 'Simultaneously', true]);
	});

	test('leaving the screen ends a look; coming back begins the next one', () => {
		const pressed = withPackage();
		expect(updateDashboard(pressed.state, {type: 'key', key: '1'}).effects).toEqual([{do: 'stop-looking'}]);
		expect(pressed.press('1', '2').looks).toHaveLength(2);
	});

	test('is not looked at beside a run or another upgrade that goes on, which is said instead', () => {
		const beside = withPackage({runs: [aSummary(anUpload())]});
		expect(beside.looks).toEqual([]);
		const status = aStatus({upgradeInProgress: 'Other.dmupgrade'});
		const elsewhere = withPackage({cluster: aClusterView({}, {'DMA-02': {status}})});
		expect(elsewhere.looks).toEqual([]);
		expect(toast(elsewhere.press('U'))).toBe('An upgrade goes on on DMA-02. Wait until it is over.');
	});

	test('that blocks lets nothing start, and says the worst with its remedy', () => {
		for (const key of ['U', 'O']) {
			const pressed = withLook(aBlockedLook).press(key);
			expect(toast(pressed)).toContain('Not ready. DMA-02: FIPS policy of Windows: The policy is on.');
			expect(toast(pressed)).toContain(
				'Switch "Use FIPS compliant algorithms" off. And 1 more: see Readiness.',
			);
			expect(dialogOf(pressed)).toBeUndefined();
		}
	});

	test('refuses a new major with a backup-first policy, and not with the other one', () => {
		const majors: Pressed['lookAt'] = (wish, {state}) =>
			aCloseLook(wish, state.data.cluster, {}, {pairs: [['DMA-04', 'DMA-05']]});
		const pressed = standOn(withLook(majors), 'failover:').press('enter');
		standOn(pressed, 'failover:BackupFirst').press('enter', 'U');
		expect(toast(pressed)).toContain('A new major is always installed on both Agents of a pair at once.');
		standOn(pressed, 'failover:Simultaneously').press('enter', 'U');
		expect(dialogOf(pressed)?.title).toContain('take responsibility?');
	});

	test('enter shows evidence, remedy and source of the finding under the cursor, the worst first', () => {
		const pressed = withLook(aBlockedLook).press(...toFindings, 'enter');
		expect(dialogOf(pressed)?.title).toBe('FIPS policy of Windows');
		expect(dialogOf(pressed)?.lines).toEqual(
			expect.arrayContaining([
				'On DMA-02.',
				expect.stringContaining('The policy is on.'),
				'→ Switch "Use FIPS compliant algorithms" off.',
				'Source: General_Main_Release_10.5.0_CU17.md',
			]),
		);
		expect(pressed.press('enter').effects).toEqual([]);
	});

	test('what people have to look at comes after it, folded', () => {
		const pressed = withLook(aBlockedLook).press(...toFindings, 'tab');
		expect(focus(pressed)?.kind).toBe('manual');
		expect(dialogOf(pressed.press('right', 'down', 'enter'))?.title).toBe('To look at yourself');
		expect(focus(pressed.press('esc', 'left'))?.id).toBe('manual:');
	});

	test('is good for half an hour', () => {
		const pressed = withPackage().tell({type: 'tick', now: testTime + 29 * 60_000});
		expect(dialogOf(pressed.press('U'))).toBeDefined();
		pressed.press('esc').tell({type: 'tick', now: testTime + 30 * 60_000});
		expect(toast(pressed.press('U'))).toBe('The Agents were looked at too long ago. R looks again.');
	});

	test('a lock of another run does not refuse the start: the run sees whether its holder lives', () => {
		const lockedBy = {run: 'r7', operator: {user: 'otto', host: 'jump'}, since: testTime};
		const held: Pressed['lookAt'] = (wish, {state}) => {
			const look = aLook(wish, state.data.cluster);
			const agents = new Map(look.readiness.agents).set('DMA-02', [notLocked(lockedBy)]);
			return {...look, readiness: {...look.readiness, agents}};
		};
		const said = dialogOf(withLook(held).press('U'))?.lines.join(' ');
		expect(said).toContain('otto on jump');
		expect(said).toContain('asks before it takes it over');
	});
});

describe('warnings', () => {
	test('are named one by one before the start, and refusing them starts nothing', () => {
		const pressed = withLook(aWarningLook).press('U');
		expect(dialogOf(pressed)).toMatchObject({
			title: '7 warnings, 1–5: take responsibility?',
			tone: 'warning',
		});
		expect(pressed.press('enter').effects).toEqual([]);
		expect(dialogOf(pressed)).toBeUndefined();
	});

	test('are all shown, however many there are, before the name of the cluster is asked for', () => {
		const pressed = withLook(aWorryingLook).press('U');
		const seen: string[] = [];
		while (dialogOf(pressed)?.typeToConfirm === undefined) {
			seen.push(...(dialogOf(pressed)?.lines ?? []).filter(line => line.startsWith('•')));
			pressed.press('y');
		}

		pressed.typed('Practice').press('enter');
		const [effect] = pressed.effects;
		const acknowledged = effect?.do === 'start-run' ? effect.acknowledged : [];
		expect(acknowledged.length).toBeGreaterThan(5);
		expect(seen).toHaveLength(acknowledged.length);
		expect(acknowledged).toContainEqual({
			check: 'pending-reboot',
			severity: 'warn',
			summary: expect.stringContaining('Pending reboot: Windows waits for a reboot') as string,
			agents: ['DMA-01', 'DMA-03', 'DMA-05'],
		});
	});

	test('of an upload are asked about in the same way', () => {
		const pressed = withLook(aWarningLook).press('O', 'y', 'y', 'y');
		expect(pressed.effects).toMatchObject([
			{do: 'start-run', plan: {goal: 'upload'}, acknowledged: {length: 7}},
		]);
	});
});
