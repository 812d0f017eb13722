import type {DashboardState} from '../../source/ui/state/dashboard.ts';
import type {ScreenSize} from '../../source/ui/state/update.ts';
import {manageSituations, overlaySituations} from './manage-situations.ts';
import {progressSituations} from './progress-situations.ts';
import {runsSituations} from './runs-situations.ts';
import {filesSituations, scheduleSituations} from './schedule-situations.ts';

/**
 * The dashboard as it can be: examples of every scope of the key table, in which its actions have something to act
 * on. What holds for every key is tried in all of them.
 */
export function situations(
	size: ScreenSize = {columns: 80, rows: 24},
): Readonly<Record<string, DashboardState>> {
	return Object.fromEntries(
		Object.entries({
			manage: manageSituations(size),
			overlay: overlaySituations(size),
			schedule: scheduleSituations(size),
			files: filesSituations(size),
			progress: progressSituations(size),
			runs: runsSituations(size),
		}).flatMap(([group, states]) =>
			Object.entries(states).map(([name, state]) => [`${group}-${name}`, state] as const),
		),
	);
}
