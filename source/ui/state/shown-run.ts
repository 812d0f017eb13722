import type {AgentId} from '../../domain/agent.ts';
import type {UpgradePlan} from '../../domain/plan.ts';
import type {Operator, RunId} from '../../domain/run-event.ts';
import type {RunStanding, RunSummary} from '../ports.ts';
import type {DashboardData} from './update.ts';

/** A run that is not over: while there is one, its cluster gets no other. */
export interface UnfinishedRun {
	readonly run: RunId;
	readonly goal: UpgradePlan['goal'];
	readonly package: UpgradePlan['package'];
	readonly agents: readonly AgentId[];
	readonly operator: Operator;
	/** Milliseconds since 1970-01-01 UTC. */
	readonly startedAt: number;
	readonly standing: Exclude<RunStanding, 'over'>;
}

/** The run that Progress shows. */
export function shownId({shown, run}: DashboardData): RunId | undefined {
	return shown ?? run?.run;
}

/** What the list of runs says of the run that is shown. */
export function shownSummary(data: DashboardData): RunSummary | undefined {
	const id = shownId(data);
	return data.runs.find(({run}) => run === id);
}

/** How the run that is shown stands. Its events, once they are all read, are newer than the list of runs. */
export function shownStanding({run, standing, behind = false}: DashboardData): RunStanding | undefined {
	if (!run?.plan || behind) {
		return standing;
	}

	if (run.endedBy) {
		return 'over';
	}

	if (run.outcome === undefined) {
		return standing === 'interrupted' ? standing : 'going on';
	}

	return standing === 'paused' ? standing : 'over';
}

/** Whether the run that is shown can be tried once more, or gone on with. */
export function canTryAgain(data: DashboardData): boolean {
	const standing = shownStanding(data);
	return (
		standing === 'interrupted' ||
		standing === 'paused' ||
		(standing === 'over' && !data.run?.endedBy && shownSummary(data)?.canRetry === true)
	);
}

/** The run of this cluster that is not over; undefined where another one may be started. */
export function unfinishedRun(data: DashboardData): UnfinishedRun | undefined {
	const cluster = data.cluster?.cluster.name;
	const shown = unfinishedShown(data);
	if (shown && (cluster === undefined || (data.run?.plan?.cluster === cluster && isHere(data, shown.run)))) {
		return shown;
	}

	const id = data.run?.plan ? shownId(data) : undefined;
	for (const {standing, ...summary} of data.runs) {
		if (
			standing !== 'over' &&
			summary.run !== id &&
			summary.cluster === cluster &&
			isHere(data, summary.run)
		) {
			return {...summary, standing};
		}
	}

	return undefined;
}

function unfinishedShown(data: DashboardData): UnfinishedRun | undefined {
	const {plan, operator, startedAt} = data.run ?? {};
	const standing = shownStanding(data);
	const run = shownId(data);
	if (!plan || !operator || startedAt === undefined || run === undefined) {
		return undefined;
	}

	const {goal, agents, package: facts} = plan;
	return standing === undefined || standing === 'over'
		? undefined
		: {run, goal, package: facts, agents, operator, startedAt, standing};
}

/** Whether the run that is shown is the newest one of this cluster. */
export function isNewestShown(data: DashboardData): boolean {
	const cluster = data.cluster?.cluster.name;
	const id = shownId(data);
	if (id === undefined || data.run?.plan?.cluster !== cluster || !isHere(data, id)) {
		return false;
	}

	const newest = data.runs.find(summary => summary.cluster === cluster && isHere(data, summary.run));
	return newest === undefined || newest.run === id;
}

/** Two clusters may bear one name: a practice cluster does each time. */
function isHere({elsewhere}: DashboardData, run: RunId): boolean {
	return elsewhere?.has(run) !== true;
}

/** The run that whoever leaves may want to come back to. */
export function runToComeBackTo(data: DashboardData): RunId | undefined {
	const standing = shownStanding(data);
	return standing === undefined || standing === 'over' ? unfinishedRun(data)?.run : shownId(data);
}
