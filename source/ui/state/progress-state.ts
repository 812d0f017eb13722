import type {AgentId} from '../../domain/agent.ts';
import type {RunId} from '../../domain/run-event.ts';
import type {LogEntry} from '../../domain/run-log.ts';
import type {RunState} from '../../domain/run-state.ts';
import {type ListView, startOfList} from './list-view.ts';
import {type LogView, followingLog} from './log-view.ts';

/** The grid, the log of the run, or the log of one Agent. */
export type ProgressTab = 'overview' | 'general' | {readonly agent: AgentId};

/** Where the reader of Upgrade › Progress stands. */
export interface ProgressState {
	/** The run that all of this is about; another run begins anew. */
	readonly run: RunId | undefined;
	readonly tab: ProgressTab;
	/** In the grid of Overview. */
	readonly grid: ListView;
	/** Where he stands in each log that he moved in or filtered. */
	readonly logs: ReadonlyMap<string, LogView>;
	/** Whether long lines of the logs are wrapped instead of cut. */
	readonly wrapped: boolean;
	/** Whether the filter of the open log is being typed. */
	readonly typing: boolean;
}

export const initialProgress: ProgressState = {
	run: undefined,
	tab: 'overview',
	grid: startOfList,
	logs: new Map(),
	wrapped: false,
	typing: false,
};

/** The state as it concerns this run: places in an earlier one mean nothing. */
export function progressOfRun(state: ProgressState, run: RunState | undefined): ProgressState {
	return state.run === run?.run ? state : {...initialProgress, run: run?.run, wrapped: state.wrapped};
}

export function tabsOf(run: RunState): readonly ProgressTab[] {
	return ['overview', 'general', ...[...run.agents.keys()].map(agent => ({agent}))];
}

export function isSameTab(a: ProgressTab, b: ProgressTab): boolean {
	return tabKey(a) === tabKey(b);
}

/** The log of the open tab; empty for Overview. */
export function openLog(run: RunState, tab: ProgressTab): readonly LogEntry[] {
	if (typeof tab === 'object') {
		return run.agents.get(tab.agent)?.log ?? [];
	}

	return tab === 'general' ? run.log : [];
}

export function openLogView({logs, tab}: ProgressState): LogView {
	return logs.get(tabKey(tab)) ?? followingLog;
}

export function withLogView(state: ProgressState, view: LogView): ProgressState {
	return {...state, logs: new Map(state.logs).set(tabKey(state.tab), view)};
}

function tabKey(tab: ProgressTab): string {
	return typeof tab === 'object' ? `agent ${tab.agent}` : tab;
}
