import {describe, expect, test} from 'vitest';
import {meaningOf} from '../../../source/ui/input/dispatch.ts';
import {keymap} from '../../../source/ui/input/keymap.ts';
import {type DashboardState, openScopes, topOverlay} from '../../../source/ui/state/dashboard.ts';
import {helpRows} from '../../../source/ui/state/help.ts';
import {refusalOf} from '../../../source/ui/state/perform.ts';
import type {Effect} from '../../../source/ui/state/update.ts';
import {updateDashboard} from '../../../source/ui/state/update-dashboard.ts';
import {situations} from '../../support/situations.ts';

const states = Object.entries(situations());
const harmful = new Set<Effect['do']>(['control', 'start-run', 'stop-run', 'retry-run', 'end-run']);

function press(state: DashboardState, ...keys: readonly string[]) {
	const effects: Effect[] = [];
	for (const key of keys) {
		const updated = updateDashboard(state, {type: 'key', key});
		state = updated.state;
		effects.push(...updated.effects);
	}

	return {state, harm: effects.filter(effect => harmful.has(effect.do))};
}

function reaches(state: DashboardState, key: string, id: string): boolean {
	const meaning = meaningOf(key, openScopes(state));
	return meaning?.kind === 'action' && meaning.binding.id === id;
}

test('every id stands for one action', () => {
	expect(new Set(keymap.map(({id}) => id)).size).toBe(keymap.length);
});

test('no key has two meanings in one scope', () => {
	const places = keymap.flatMap(({scope, keys}) => keys.map(key => `${scope} ${key}`));
	expect(places.toSorted()).toEqual([...new Set(places)].toSorted());
});

test('labels fit into the bottom line and helps are sentences', () => {
	for (const {label, help} of keymap) {
		expect(label.length).toBeLessThanOrEqual(16);
		expect(help).toMatch(/^[A-Z].*\.$/);
	}
});

describe.each(keymap)('$scope: $id', ({id, keys, dangerous}) => {
	test('is reached by each of its keys somewhere', () => {
		const unreached = keys.filter(key => !states.some(([, state]) => reaches(state, key, id)));
		expect(unreached).toEqual([]);
	});

	test('stands in the help of where it is open', () => {
		const open = states.filter(([, state]) => keys.some(key => reaches(state, key, id)));
		for (const [, state] of open) {
			const rows = helpRows({below: openScopes(state), search: ''});
			expect(rows.some(row => row.kind === 'key' && row.binding.id === id)).toBe(true);
		}
	});

	if (dangerous) {
		test('opens a dialog whose safe answer is marked, and does nothing by itself', () => {
			const asking = states.flatMap(([name, state]) =>
				keys.flatMap(key => {
					const works = reaches(state, key, id) && refusalOf(state, id) === undefined;
					return works ? [{name, ...press(state, key)}] : [];
				}),
			);
			expect(asking).not.toEqual([]);
			for (const {name, state, harm} of asking) {
				const overlay = topOverlay(state);
				expect(harm, name).toEqual([]);
				expect(overlay?.kind, name).toBe('dialog');
				if (overlay?.kind === 'dialog') {
					expect(overlay.choice).toBe(0);
					expect(overlay.dialog.answers[0]?.effects ?? []).toEqual([]);
					expect(overlay.dialog.answers.length).toBeGreaterThan(1);
				}

				for (const declined of [['esc'], ['n'], ['enter'], ['n', 'enter'], ['tab', 'esc']]) {
					expect(press(state, ...declined).harm, `${name}: ${declined.join(' ')}`).toEqual([]);
				}
			}
		});

		test('says why where it does nothing', () => {
			for (const [name, state] of states) {
				for (const key of keys.filter(candidate => reaches(state, candidate, id))) {
					const refusal = refusalOf(state, id);
					const after = press(state, key);
					if (refusal !== undefined) {
						expect(after.state.toast?.text, name).toBe(refusal);
						expect(after.harm, name).toEqual([]);
					}
				}
			}
		});
	}
});

test('no single key harms, except in a dialog', () => {
	const keys = [
		...new Set(keymap.flatMap(binding => binding.keys)),
		...letters('abcdefghijklmnopqrstuvwxyz'),
	];
	for (const [name, state] of states) {
		if (topOverlay(state)?.kind !== 'dialog') {
			for (const key of keys) {
				expect(press(state, key).harm, `${name}: ${key}`).toEqual([]);
			}
		}
	}
});

test('escape never harms and never leaves, however often it comes', () => {
	for (const [name, state] of states) {
		let current = state;
		for (let times = 0; times < 10; times++) {
			const {state: next, effects} = updateDashboard(current, {type: 'key', key: 'esc'});
			expect(
				effects.filter(effect => effect.do === 'leave' || harmful.has(effect.do)),
				name,
			).toEqual([]);
			current = next;
		}

		expect(current.overlays, name).toEqual([]);
		expect(current.screen, name).toBe('manage');
	}
});

function letters(text: string): readonly string[] {
	return text.split('');
}
