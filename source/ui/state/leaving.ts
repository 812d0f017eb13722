import {shownId, shownStanding, unfinishedRun} from './shown-run.ts';
import type {DashboardData, Dialog} from './update.ts';

/** What leaving means for the run that goes on, one sentence each; empty where nothing goes on. */
export function leavingMeans(data: DashboardData): readonly string[] {
	const run = runThatGoesOn(data);
	return run === undefined
		? []
		: ['The run goes on in a process of its own.', `To come back: dms-upgrade attach ${run}`];
}

/** Undefined where there is nothing to say before leaving. */
export function leaveDialog(data: DashboardData): Dialog | undefined {
	const lines = leavingMeans(data);
	return lines.length === 0
		? undefined
		: {
				title: 'Leave? The run goes on.',
				lines,
				tone: 'info',
				answers: [
					{key: 'n', label: 'Stay'},
					{key: 'y', label: 'Leave', effects: [{do: 'leave'}]},
				],
			};
}

function runThatGoesOn(data: DashboardData): string | undefined {
	if (shownStanding(data) === 'going on') {
		return shownId(data);
	}

	const unfinished = unfinishedRun(data);
	return unfinished?.standing === 'going on' ? unfinished.run : undefined;
}
