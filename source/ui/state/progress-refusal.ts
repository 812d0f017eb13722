import {shownId} from './shown-run.ts';
import type {DashboardData} from './update.ts';

/** Why Progress has nothing to show; undefined when it has. */
export function progressRefusal(data: DashboardData): string | undefined {
	if (data.starting !== undefined || shownId(data) !== undefined) {
		return undefined;
	}

	return data.runs.length > 0
		? 'No run is open. Runs (4) lists them, enter opens one.'
		: 'No upgrade was started yet.';
}
