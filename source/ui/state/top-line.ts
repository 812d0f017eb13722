import {changesVersion} from '../../domain/package-facts.ts';
import {type Version, formatVersion} from '../../domain/version.ts';
import type {RunState} from '../../domain/run-state.ts';
import type {Standing} from './agent-row.ts';
import {runningVersions} from './members.ts';
import {runStanding, summaryStanding} from './run-words.ts';
import {type UnfinishedRun, isNewestShown, shownId, shownStanding, unfinishedRun} from './shown-run.ts';
import type {DashboardData} from './update.ts';

/** What the top line says. */
export interface TopLine {
	readonly cluster: string | undefined;
	/** How many Agents and what they run. */
	readonly facts: readonly string[];
	/** More than one version in a cluster is wrong, unless it is being upgraded. */
	readonly conflict: boolean;
	readonly activity: Standing | undefined;
	/** Something is alive: a run goes on, an Agent was asked for something, the cluster is awaited. */
	readonly alive: boolean;
}

export function topLine(data: DashboardData): TopLine {
	const {cluster, underWay, starting} = data;
	if (!cluster) {
		return {
			cluster: undefined,
			facts: [],
			conflict: false,
			activity: {mark: 'changing', word: 'Looking for the cluster…', role: 'muted'},
			alive: true,
		};
	}

	const count = cluster.cluster.agents.length;
	const versions = runningVersions(cluster);
	const [first] = versions;
	const running = first && versions.length === 1 ? shortText(first.version) : `${versions.length} versions`;
	const unfinished = unfinishedRun(data);
	const goesOn = unfinished?.standing === 'going on';
	const target = unfinished ? targetOf(unfinished).filter(version => version !== running) : [];
	return {
		cluster: cluster.cluster.name,
		facts: [
			`${count} ${count === 1 ? 'Agent' : 'Agents'}`,
			...(versions.length > 0 ? [[running, ...target].join(' → ')] : target.map(version => `→ ${version}`)),
		],
		conflict: versions.length > 1,
		activity:
			starting === undefined
				? (runActivity(data, unfinished) ?? actsStanding(underWay))
				: {mark: 'changing', word: 'Starting the run', role: 'accent'},
		alive: goesOn || starting !== undefined || (underWay?.size ?? 0) > 0,
	};
}

/** What goes on in the cluster, whichever run is shown; where nothing does, how the newest one ended. */
function runActivity(data: DashboardData, unfinished: UnfinishedRun | undefined): Standing | undefined {
	const {run} = data;
	if (unfinished && unfinished.run !== shownId(data)) {
		const standing = summaryStanding(unfinished);
		return {...standing, word: `${act(unfinished.goal)} ${standing.word}`};
	}

	return run?.plan && isNewestShown(data) ? wholeStanding(run, data) : undefined;
}

/** Once a run is over, it must be said of what the outcome is. */
function wholeStanding(run: RunState, data: DashboardData): Standing {
	const standing = runStanding(run, shownStanding(data));
	if (run.outcome === undefined && !run.endedBy) {
		return standing;
	}

	const isPlain = run.outcome !== undefined && shownStanding(data) !== 'paused' && !run.endedBy;
	return {...standing, word: `${act(run.plan?.goal)}${isPlain ? ':' : ''} ${standing.word.toLowerCase()}`};
}

function act(goal: UnfinishedRun['goal'] | undefined): string {
	return goal === 'upload' ? 'Upload' : 'Upgrade';
}

/** The version that the run brings. */
function targetOf({goal, package: facts}: UnfinishedRun): readonly string[] {
	return goal === 'upgrade' && facts.version && changesVersion(facts.kind) ? [shortText(facts.version)] : [];
}

/** Without the build, which the details name. */
function shortText(version: Version): string {
	return formatVersion(version).replace(/ \(\d+\)/, '');
}

function actsStanding(underWay: DashboardData['underWay']): Standing | undefined {
	const [first, ...others] = underWay ?? [];
	if (!first) {
		return undefined;
	}

	const [agent, act] = first;
	const verb = {start: 'Starting', stop: 'Stopping', restart: 'Restarting'}[act];
	return {
		mark: 'changing',
		word: others.length === 0 ? `${verb} ${agent}` : `Acting on ${others.length + 1} Agents`,
		role: 'accent',
	};
}
