import {agentOf, logEntryOf} from '../../domain/run-log.ts';
import type {RunStanding} from '../ports.ts';
import type {RunState} from '../../domain/run-state.ts';
import {visibleText} from '../../domain/text.ts';
import {timeOfDay} from '../components/time.ts';
import {matchingEntries} from './log-view.ts';
import {type ProgressState, openLog, openLogView} from './progress-state.ts';
import {shownId, shownStanding} from './shown-run.ts';
import type {DashboardData, Effect, RunMoment} from './update.ts';

/** The run as Progress shows it: as it is, or as it was at the event that the reader went back to. */
export function viewedRun({run, past}: DashboardData): RunState | undefined {
	return past?.run ?? run;
}

/** How the run that Progress shows stands; of the past, its events alone say it. */
export function viewedStanding(data: DashboardData): RunStanding | undefined {
	return data.past ? undefined : shownStanding(data);
}

/** The time that Progress is about. */
export function viewedTime({past}: DashboardData, now: number): number {
	return past?.event.at ?? now;
}

/** Which way, and how far: to the next thing that the open tab shows, or to the next one of the run as a whole. */
export type PastStep = 'earlier' | 'later' | 'earlier-stage' | 'later-stage';

/** Leads to another event; undefined where there is none on that way. */
export function stepInPast(state: ProgressState, data: DashboardData, step: PastStep): Effect | undefined {
	const {run, past} = data;
	const id = shownId(data);
	if (!run || id === undefined) {
		return undefined;
	}

	const here = past?.event.sequence ?? run.sequence;
	const isBack = step === 'earlier' || step === 'earlier-stage';
	if (state.tab === 'overview' && (step === 'earlier' || step === 'later')) {
		return lookAt(id, run, here + (isBack ? -1 : 1));
	}

	const log =
		step === 'earlier' || step === 'later'
			? matchingEntries(openLog(run, state.tab), openLogView(state).filter)
			: run.log;
	const next = isBack
		? log.findLast(({sequence}) => sequence < here)
		: log.find(({sequence}) => sequence > here);
	return isBack ? next && lookAt(id, run, next.sequence) : lookAt(id, run, next?.sequence ?? run.sequence);
}

/** Back to how the run is now. */
export function lookAtNow(data: DashboardData): Effect | undefined {
	const id = shownId(data);
	return data.past && id !== undefined ? {do: 'look-at', run: id} : undefined;
}

function lookAt(id: string, run: RunState, sequence: number): Effect | undefined {
	if (sequence < 1) {
		return undefined;
	}

	return {do: 'look-at', run: id, ...(sequence < run.sequence && {sequence})};
}

/** Which event the reader went back to, and what it says. */
export function momentText({event}: RunMoment, total: number): string {
	const agent = agentOf(event);
	const message = logEntryOf(event)?.message ?? event.type.replaceAll('.', ' ');
	const text = agent === undefined ? message : `${agent}: ${message}`;
	return `Event ${event.sequence} of ${total}, ${timeOfDay(event.at)}. ${visibleText(text)}`;
}
